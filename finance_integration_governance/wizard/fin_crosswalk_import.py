import base64

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..core.crosswalk_file import lines_of
from ..core.errors import MalformedPayload


class FinCrosswalkImport(models.TransientModel):
    """A file of lines that replaces those of a crosswalk, whole or not at all."""

    _name = "fin.crosswalk.import"
    _description = "Import Crosswalk Lines"

    crosswalk_id = fields.Many2one("fin.crosswalk", required=True, ondelete="cascade")
    file = fields.Binary(required=True, attachment=False)
    filename = fields.Char()

    def action_import(self):
        """Replace the lines by those of the file; lines that stay the same stay the same records."""
        self.ensure_one()
        self.crosswalk_id.check_access("write")
        self.crosswalk_id._replace_lines(self._lines())
        return {"type": "ir.actions.act_window_close"}

    def _lines(self):
        try:
            return lines_of(base64.b64decode(self.file))
        except MalformedPayload as error:
            told = error.facts.get("told", [error.text])
            more = error.facts.get("count", len(told)) - len(told)
            named = "\n".join(told) + (self.env._("\nand %s more", more) if more else "")
            raise UserError(self.env._("Nothing was imported.\n%s", named)) from None


class FinCrosswalk(models.Model):
    _inherit = "fin.crosswalk"

    def _replace_lines(self, lines):
        wanted = set(lines)
        there = {record._line(): record for record in self.line_ids}
        gone = [Command.delete(record.id) for line, record in there.items() if line not in wanted]
        values = self.env["fin.crosswalk.line"]._values
        new = [Command.create(values(line)) for line in lines if line not in there]
        self.write({"line_ids": gone + new})
        events = self.env["fin.audit.event"]
        facts = {"digest": self.digest, "lines": len(lines), "new": len(new), "gone": len(gone)}
        events._append("fin.crosswalk.import", self._name, self.code, self.company_id, facts)
