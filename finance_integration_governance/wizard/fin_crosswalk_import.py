import base64

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..core.crosswalk_file import lines_of, table
from ..core.errors import MalformedPayload
from ..core.sheets import as_csv, as_xlsx


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
        self.crosswalk_id._take_file(base64.b64decode(self.file))
        return {"type": "ir.actions.act_window_close"}


class FinCrosswalk(models.Model):
    _inherit = "fin.crosswalk"

    def _take_file(self, content):
        """Replace the lines by those of a CSV or XLSX file, whole or not at all."""
        self.ensure_one()
        self.check_access("write")
        self._replace_lines(self._lines_of_file(content))
        return self

    def _lines_of_file(self, content):
        try:
            return lines_of(content)
        except MalformedPayload as error:
            told = error.facts.get("told", [error.text])
            more = error.facts.get("count", len(told)) - len(told)
            named = "\n".join(told) + (self.env._("\nand %s more", more) if more else "")
            raise UserError(self.env._("Nothing was imported.\n%s", named)) from None

    def _as_file(self, kind):
        """The lines of the working copy as bytes of this kind, csv or xlsx; the export is in the log."""
        write = {"csv": as_csv, "xlsx": as_xlsx}.get(kind)
        if not write:
            raise UserError(self.env._("Crosswalks are written as .csv or .xlsx."))
        content = write(table(self.line_ids._lines()))
        facts = {"digest": self.digest, "lines": len(self.line_ids), "kind": kind}
        self.env["fin.audit.event"]._append("fin.crosswalk.export", self._name, self.code, self.company_id, facts)
        return content

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
