import unicodedata

from odoo import api, fields, models

from ...core.crosswalk import Line

# Who writes many lines at once checks them together, afterwards. A client can send any context, but not this object.
_LATER, _KEY = object(), "fin_crosswalk_checked_later"
TEXTS = ("source", "until", "target", "label")


def checked_later(records):
    return records.with_context(**{_KEY: _LATER})


class FinCrosswalkLine(models.Model):
    """One line of a crosswalk's working copy: this source, on these days, is that target."""

    _name = "fin.crosswalk.line"
    _description = "Crosswalk Line"
    _inherit = ["fin.working.part"]
    _order = "kind, source, valid_from, id"
    _rec_name = "source"

    crosswalk_id = fields.Many2one("fin.crosswalk", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="crosswalk_id.company_id", store=True)
    kind = fields.Selection(
        [
            ("exact", "Exact"),
            ("range", "Range"),
            ("wildcard", "Wildcard"),
            ("default", "Default (flagged)"),
        ],
        required=True,
        default="exact",
        help="Exact values come first, then ranges, then the longest wildcard, then the default.",
    )
    source = fields.Char(help="The value; of a range the first one; of a wildcard a text with one *.")
    until = fields.Char("Last of Range")
    target = fields.Char(required=True)
    label = fields.Char("Target Name", help="How the target's system calls it.")
    valid_from = fields.Date("From")
    valid_to = fields.Date("To")

    def _working_copies(self):
        return self.crosswalk_id._working_copies()

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create([_composed(vals) for vals in vals_list])
        lines._check()
        return lines

    def write(self, vals):
        result = super().write(_composed(vals))
        self._check()
        return result

    def _check(self):
        if self.env.context.get(_KEY) is not _LATER:
            self.crosswalk_id._check_lines()

    def _lines(self):
        return [line._line() for line in self]

    def _line(self):
        texts = {name: self[name] or None for name in TEXTS}
        days = {"valid_from": self.valid_from or None, "valid_to": self.valid_to or None}
        return Line(**{**texts, "source": self.source or "", "target": self.target or ""}, kind=self.kind, **days)

    @api.model
    def _values(self, line):
        """The values of a record that says what this plain line says."""
        names = (*TEXTS, "kind", "valid_from", "valid_to")
        return {name: getattr(line, name) or False for name in names}


def _composed(vals):
    """Codes in the one spelling that digests and look-ups use."""
    texts = {name: unicodedata.normalize("NFC", vals[name]) for name in TEXTS if isinstance(vals.get(name), str)}
    return {**vals, **texts}
