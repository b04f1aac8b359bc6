"""Masking: what leaves as the flow's version says, what screens show as the company's policy says."""

import json

from odoo import api, fields, models
from odoo.exceptions import AccessError

from ...core.canonical import canonical
from ...core.masking import Outgoing, shown
from ...core.register import entity
from ..installation import installation
from ..screen import table_of

MODULE = "finance_integration_governance"
_MASKED = "fin.masked"  # where a cursor keeps how often a run masked what, until the payload is kept
HIDDEN = frozenset({"name", "iban", "email", "text"})
ROLES = ("viewer", "operator", "approver", "auditor")
STRICT = {"clear": ["approver", "auditor", "operator"]}


class FinFlowScope(models.Model):
    _inherit = "fin.flow.scope"

    masking = fields.Selection(
        [("mask", "Masked"), ("token", "As a token")],
        string="Leaves",
        help="Empty: as it is. A token is the same each time, under a key outside the database.",
    )

    def _masking(self):
        """Entity -> field -> how, of what does not leave as it is."""
        told = {}
        for row in self.filtered("masking"):
            told.setdefault(row.entity, {})[row.field_name] = row.masking
        return told


class FinFlow(models.Model):
    _inherit = "fin.flow"

    def _compose(self):
        told = self.scope_ids._masking()
        return super()._compose() | ({"sent_masked": told} if told else {})

    def _take_sent_masked(self, told, _documents):
        for row in self.scope_ids:
            row.masking = told.get(row.entity, {}).get(row.field_name)


class FinRun(models.Model):
    """What leaves goes through the masks of the pinned version; the log says which fields, how often, by which rule."""

    _inherit = "fin.run"

    def _outgoing(self):
        rules = self._document().get("sent_masked", {})
        masks = {name: Outgoing(told, installation("token_key")) for name, told in rules.items()}
        self.env.cr.cache.setdefault(_MASKED, {})[self.id] = masks
        for one in super()._outgoing():
            mask = masks.get(entity(one.contract))
            yield mask.of(one) if mask else one

    def _keep_outgoing(self, payload):
        super()._keep_outgoing(payload)
        for name, mask in self.env.cr.cache.get(_MASKED, {}).get(self.id, {}).items():
            if mask.counts:
                self._audit("mask", entity=name, fields=dict(mask.counts), rule=mask.digest, how=mask.rules)
                mask.counts.clear()


class FinPolicy(models.Model):
    """Who sees names, accounts, addresses and free text of what was received in clear."""

    _inherit = "fin.policy"

    clear_viewer = fields.Boolean("Viewers", tracking=True)
    clear_operator = fields.Boolean("Operators", default=True, tracking=True)
    clear_approver = fields.Boolean("Approvers", default=True, tracking=True)
    clear_auditor = fields.Boolean("Auditors", default=True, tracking=True)

    def _compose(self):
        clear = sorted(role for role in ROLES if self[f"clear_{role}"])
        return super()._compose() | ({"masking": {"clear": clear}} if {"clear": clear} != STRICT else {})

    @api.model
    def _strict(self):
        return super()._strict() | {"masking": STRICT}


class ResCompany(models.Model):
    _inherit = "res.company"

    def _fin_hidden(self):
        """The field classes that this user sees masked in what the company received."""
        if self.env.su:
            return frozenset()
        clear = self.sudo()._fin_policy().get("masking", STRICT)["clear"]  # sudo: everybody obeys the policy
        is_clear = any(self.env.user.has_group(f"{MODULE}.group_{role}") for role in clear)
        return frozenset() if is_clear else HIDDEN


class FinItem(models.Model):
    """The stored content is for the engine; people read it through the policy, on screens, over RPC and in exports."""

    _inherit = "fin.item"

    content = fields.Text(groups=fields.NO_ACCESS)
    mapped_values = fields.Text(groups=fields.NO_ACCESS)
    shown_content = fields.Text(compute="_compute_shown", string="What arrived, as text")
    content_table = fields.Html(compute="_compute_shown")
    mapped_table = fields.Html(compute="_compute_shown")

    @api.depends_context("uid")
    def _compute_shown(self):
        for item in self:
            told = item.sudo()  # sudo: what this user may not read is masked before it is shown
            hidden = item.company_id.with_env(self.env)._fin_hidden()
            item.shown_content = item._masked(told.content, hidden)
            item.content_table = table_of(self.env, item.shown_content)
            item.mapped_table = table_of(self.env, item._masked(told.mapped_values, hidden))

    def _masked(self, text, hidden):
        """Canonical text without what the classes hide; all texts are hidden where the contract is unknown here."""
        if not text or not hidden:
            return text
        content = json.loads(text)
        cls = self.env["fin.contract"]._class(self.contract)
        if not cls:
            return canonical(dict.fromkeys(content, "…"))
        return canonical(shown(cls, content, hidden))

    def action_story(self):
        if self.company_id._fin_hidden():
            raise AccessError(self.env._("What was received is shown to others than you in clear."))
        return super().action_story()

    def _compute_crosswalk_table(self):
        # sudo: codes and how they were mapped are nobody's name
        return super(FinItem, self.sudo())._compute_crosswalk_table()
