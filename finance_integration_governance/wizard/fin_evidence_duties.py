from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..core.duties import ROLES
from ..models.evidence.fin_evidence_pack import MODULE
from ..models.screen import table

APPROVAL_REASONS = ("no_approver", "unexplained", "own_request", "own_edit", "spoken", "dependent", "no_session")
PACK_REASONS = ("not_owner", "several_companies", "other_company", "amounts")


class FinEvidenceDuties(models.TransientModel):
    """Persons by what they may do and did, with what does not go together, and what was refused."""

    _name = "fin.evidence.duties"
    _description = "Segregation of Duties"

    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    date_from = fields.Date(required=True, default=lambda self: self._a_year_ago(), string="From")
    date_to = fields.Date(required=True, default=fields.Date.context_today, string="To")
    matrix = fields.Html(compute="_compute_matrix", sanitize=False)
    blocked = fields.Html(compute="_compute_matrix", sanitize=False, string="Blocked attempts")
    conflict_count = fields.Integer(compute="_compute_matrix", string="Persons with a conflict")

    def _compute_display_name(self):
        self.display_name = self.env._("Segregation of duties")

    def _a_year_ago(self):
        return fields.Date.context_today(self) - relativedelta(years=1)

    @api.depends("company_id", "date_from", "date_to")
    def _compute_matrix(self):
        for one in self:
            rows = list(one._rows())
            one.matrix = self.env["ir.qweb"]._render(
                f"{MODULE}.fin_evidence_duties_matrix", {"rows": rows, "roles": ROLES}
            )
            one.conflict_count = sum(bool(row["conflicts"]) for row in rows)
            one.blocked = one._blocked_table()

    def _span(self):
        until = fields.Date.add(self.date_to or fields.Date.today(), days=1)
        return fields.Datetime.to_datetime(self.date_from or until), fields.Datetime.to_datetime(until)

    def _rows(self):
        return self._builder()._duties(self.company_id, *self._span())

    def _blocked_table(self):
        heads = (self.env._("When"), self.env._("Who"), self.env._("What"), self.env._("On"), self.env._("Why"))
        rows = [
            (event["at"][:19].replace("T", " "), event["actor"].rpartition("#")[0], *self._blocked_words(event))
            for event in self._builder()._blocked(self.company_id, *self._span())
        ]
        return table(self.env, rows, heads) if rows else self.env._("Nothing was refused in this period.")

    def _blocked_words(self, event):
        """What was tried, on what, and why it was refused; codes that have no words here as they are."""
        # A rule is named by the record that it guards.
        model, slash, number = event["subject"].partition("/")
        kind, name = (model, number) if slash and model in self.env else (event["subject_model"], event["subject"])
        kind, why = self.env[kind]._description if kind in self.env else kind, event["why"] or ""
        return (self._attempts().get(event["code"], event["code"]), f"{kind}: {name}", self._reasons().get(why, why))

    def _attempts(self):
        return {
            "fin.approval.refused": self.env._("To approve or reject"),
            "fin.authority.refused": self.env._("To edit what is ruled"),
            "fin.audit.refused": self.env._("To change evidence"),
            "fin.bundle.refused": self.env._("To import a flow"),
            "fin.evidence.pack.refused": self.env._("To get evidence"),
        }

    def _reasons(self):
        approval, pack = self.env["fin.approval"], self.env["fin.evidence.pack"]
        told = {"change_it_there": self.env._("Another system is the system of record.")}
        told["not_by_you"] = self.env._("Only the listed people edit it in Odoo.")
        told["masked"] = self.env._("It shows what is masked for this person.")
        told |= {why: approval._refusal(why) for why in APPROVAL_REASONS}
        return told | {why: pack._refusal(why) for why in PACK_REASONS}

    def _builder(self):
        """AccessError for anybody but auditors of this company: the report tells of everybody's rights."""
        self.env["fin.approval"]._need_group("group_auditor")
        if self.company_id not in self.env.user.company_ids:
            raise AccessError(self.env._("You do not see this company."))
        # sudo: rights and logins of all users, for an auditor of the company
        return self.env["fin.evidence.builder"].sudo()
