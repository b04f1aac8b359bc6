import json

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..privacy.fin_masking import AMOUNT
from ..screen import in_words, opened, opened_at, rows_of, table

HIDDEN = "…"


class FinCheckpoint(models.Model):
    """What the close board shows of a checkpoint, and where its figures come from."""

    _inherit = "fin.checkpoint"

    figures_table = fields.Html(compute="_compute_figures_table", sanitize=False, string="Figures, as shown")
    moved_table = fields.Html(compute="_compute_moved_table", sanitize=False, string="What moved since")
    is_late = fields.Boolean(compute="_compute_is_late", search="_search_is_late")
    does = fields.Char(compute="_compute_does", string="When signed")
    dependent_text = fields.Char(compute="_compute_dependents", string="What rests on it")

    @api.depends("state", "due_at")
    def _compute_is_late(self):
        now = fields.Datetime.now()
        for checkpoint in self:
            checkpoint.is_late = checkpoint.state != "signed" and checkpoint.due_at <= now

    def _search_is_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        late = [("state", "!=", "signed"), ("due_at", "<=", fields.Datetime.now())]
        return late if True in value else ["!", "&", *late]

    @api.depends("figures")
    @api.depends_context("uid")
    def _compute_figures_table(self):
        for checkpoint in self:
            # sudo: shown to whoever sees the checkpoint, without amounts where the policy hides them
            rows = list(rows_of(json.loads(checkpoint.sudo().figures or "{}")))
            shown = [(name, checkpoint._shown(value)) for name, value in rows]
            checkpoint.figures_table = table(self.env, shown) if shown else False

    def _compute_moved_table(self):
        for checkpoint in self:
            rows = checkpoint._moved() if checkpoint.state == "suspended" else []
            told = [(in_words(name.replace(" ", ".")), f"{self._shown(a)} → {self._shown(b)}") for name, a, b in rows]
            checkpoint.moved_table = table(self.env, told) if told else False

    def _shown(self, value):
        return HIDDEN if AMOUNT in self.company_id._fin_hidden() and _is_number(value) else value

    def _compute_does(self):
        kinds = dict(self.env["fin.checkpoint.template"]._fields["action"]._description_selection(self.env))
        for checkpoint in self:
            action = checkpoint._says().get("action") or {}
            checkpoint.does = ": ".join(filter(None, (kinds.get(action.get("kind")), action.get("flow")))) or False

    def _compute_dependents(self):
        for checkpoint in self:
            checkpoint.dependent_text = ", ".join(checkpoint._dependents().mapped("name")) or False

    def action_evaluate(self):
        """Look at the figures now."""
        self.env["fin.approval"]._need_group("group_operator")
        self.check_access("read")
        self._evaluate()

    def action_say(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "fin.checkpoint.say",
            "view_mode": "form",
            "target": "new",
            "name": self.env._("What did you look at?"),
            "context": {"default_checkpoint_id": self.id, "default_words": self.statement},
        }

    # Where a figure comes from

    def action_open_figures(self):
        """The records behind the figures."""
        self.ensure_one()
        self.check_access("read")
        return getattr(self, f"_open_{self.check}", self._open_lines)()

    def _listed(self, model, domain, name, **context):
        window = {"type": "ir.actions.act_window", "res_model": model, "view_mode": "list,form"}
        return {
            **window,
            "name": name,
            "domain": [("company_id", "=", self.company_id.id), *domain],
            "context": context,
        }

    def _until(self, is_whole=False):
        until = [("date", "<=", self.period_id.date_to)]
        return until if is_whole else [("date", ">=", self.period_id.date_from), *until]

    def _open_lines(self, is_whole=False, accounts=None):
        # sudo: which accounts, not what is on them
        accounts = self.sudo()._accounts() if accounts is None else accounts
        on = [("account_id", "in", accounts.ids)] if accounts is not None else []
        domain = [("parent_state", "=", "posted"), *self._until(is_whole), *on]
        return self._listed("account.move.line", domain, self.display_name, search_default_group_by_account=1)

    def _open_drafts(self):
        domain = [("state", "=", "draft"), *self._until(is_whole=True)]
        return self._listed("account.move", domain, self.env._("Drafts until %s", self.period_id.date_to))

    def _open_bank(self):
        domain = [("is_reconciled", "=", False), *self._until(is_whole=True)]
        return self._listed("account.bank.statement.line", domain, self.env._("Not reconciled"))

    def _open_suspense(self):
        journals = self.env["account.journal"].search([("company_id", "=", self.company_id.id)])
        own = self.company_id.sudo().account_journal_suspense_account_id  # sudo: which account, not what is on it
        # sudo: as above
        accounts = self.sudo()._accounts([*own.ids, *journals.suspense_account_id.ids])
        return self._open_lines(True, accounts)

    def _open_tax(self):
        domain = [("tax_line_id", "!=", False), ("parent_state", "=", "posted"), *self._until()]
        return self._listed("account.move.line", domain, self.display_name)

    def _open_flow(self):
        flow = self.env["fin.flow"].search([("code", "=", self._says().get("flow"))], limit=1)
        if not flow:
            raise UserError(self.env._("You do not see the flow that this looks at."))
        return opened_at(flow._name, flow.id)

    def _open_intercompany(self):
        return self.env["fin.intercompany.ask"]._opened(self.period_id.date_to)


class FinPeriod(models.Model):
    _inherit = "fin.period"

    def _open(self):
        return opened(self)


def _is_number(value):
    return isinstance(value, str) and value.replace("-", "", 1).replace(".", "", 1).isdigit()
