"""Masking: what leaves as the flow's version says, what screens show as the company's policy says."""

import json

from odoo import api, fields, models
from odoo.exceptions import AccessError

from ...core.canonical import canonical
from ...core.masking import CLASSES, Outgoing, StandIns
from ...core.register import entity
from ..installation import installation
from ..screen import table_of

MODULE = "finance_integration_governance"
_MASKED = "fin.masked"  # where a cursor keeps how often a run masked what, until the payload is kept
AMOUNT = "amount"
HIDDEN = frozenset(CLASSES) - {AMOUNT}
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
        if not masks:
            yield from super()._outgoing()
            return
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
    """Who sees names, accounts, addresses and free text of what was received in clear, and who sees its amounts."""

    _inherit = "fin.policy"

    clear_viewer = fields.Boolean("Viewers", tracking=True)
    clear_operator = fields.Boolean("Operators", default=True, tracking=True)
    clear_approver = fields.Boolean("Approvers", default=True, tracking=True)
    clear_auditor = fields.Boolean("Auditors", default=True, tracking=True)
    amounts_viewer = fields.Boolean("Viewers see amounts", default=True, tracking=True)
    amounts_operator = fields.Boolean("Operators see amounts", default=True, tracking=True)
    amounts_approver = fields.Boolean("Approvers see amounts", default=True, tracking=True)
    amounts_auditor = fields.Boolean("Auditors see amounts", default=True, tracking=True)

    def _compose(self):
        clear, amounts = (sorted(role for role in ROLES if self[f"{kind}_{role}"]) for kind in ("clear", "amounts"))
        told = {"clear": clear} | ({"amounts": amounts} if amounts != sorted(ROLES) else {})
        return super()._compose() | ({"masking": told} if told != STRICT else {})

    @api.model
    def _strict(self):
        return super()._strict() | {"masking": STRICT}


class ResCompany(models.Model):
    _inherit = "res.company"

    def _fin_hidden(self):
        """The field classes that this user sees masked in what these companies received: the strictest of them."""
        if self.env.su:
            return frozenset()
        return frozenset().union(*(company._fin_hidden_here() for company in self))

    def _fin_hidden_here(self):
        told = self.sudo()._fin_policy().get("masking", STRICT)  # sudo: everybody obeys the policy
        hidden = frozenset() if self._fin_is_named(told["clear"]) else HIDDEN
        return hidden if self._fin_is_named(told.get("amounts", ROLES)) else hidden | {AMOUNT}

    def _fin_is_named(self, roles):
        return any(self.env.user.has_group(f"{MODULE}.group_{role}") for role in roles)


class FinVersion(models.Model):
    _inherit = "fin.version"

    def _is_masked_always(self):
        """Whether the policy set that this version holds shows nobody's data to anybody."""
        return any(one._read_document().get("policy", {}).get("masking") == "always" for one in self)


class FinFlowHidden(models.Model):
    _inherit = "fin.flow"

    def _hidden(self, versions=()):
        """The classes hidden from this user: by the companies' policy, and by the live version or one of these."""
        if self.env.su:
            return frozenset()
        told = self.sudo()  # sudo: everybody obeys the versions
        hidden = told.company_id.with_env(self.env)._fin_hidden()
        versions = told.live_version_id.union(*(one.sudo() for one in versions))  # sudo: as above
        return hidden | HIDDEN if versions._is_masked_always() else hidden


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
            hidden = item._hidden()
            item.shown_content = item._masked(told.content, hidden)
            item.content_table = table_of(self.env, item.shown_content)
            item.mapped_table = table_of(self.env, item._masked(told.mapped_values, hidden))

    def _hidden(self):
        """The field classes that this user sees masked in this item."""
        told = self.sudo()  # sudo: everybody obeys policy and versions, whoever may read them
        company, run = told.company_id.with_env(self.env), told.run_id
        return company._fin_hidden() | run.flow_id.with_env(self.env)._hidden(run.version_id)

    def _masked(self, text, hidden):
        """Canonical text without what the classes hide; all texts are hidden where the contract is unknown here."""
        if not text or not hidden:
            return text
        return canonical(StandIns(hidden).of(self.env["fin.contract"]._class(self.contract), json.loads(text)))

    def action_story(self):
        if self._hidden():
            raise AccessError(self.env._("What was received is shown to others than you in clear."))
        return super().action_story()

    def _compute_crosswalk_table(self):
        # sudo: codes and how they were mapped are nobody's name
        return super(FinItem, self.sudo())._compute_crosswalk_table()
