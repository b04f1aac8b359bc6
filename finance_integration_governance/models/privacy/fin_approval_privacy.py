from odoo import fields, models


class FinApproval(models.Model):
    """What else needs a second person: to lift a legal hold, to erase what is kept of a person, to purge evidence."""

    _inherit = "fin.approval"

    purpose = fields.Selection(
        selection_add=[
            ("lift", "Lifting of a legal hold"),
            ("erasure", "Erasure of a person's data"),
            ("purge", "Purge of old evidence"),
        ],
        ondelete={"lift": "cascade", "erasure": "cascade", "purge": "cascade"},
    )

    def _subject(self):
        if self.subject_model in ("fin.hold", "fin.subject.request", "fin.purge.request"):
            return self.env[self.subject_model].search([("name", "=", self.subject_key)], limit=1)
        return super()._subject()
