import json

from odoo import api, models
from odoo.fields import Command

from ...core.bundle import BundleError
from ...core.canonical import canonical, digest
from ...core.pattern import CRITERIA

POLICY_SET = "policy_set"
_NOTHING = {"checklist": (), "assistant": {}, "policy": {}, "levels": {}}


class FinPolicySet(models.Model):
    """What several flows share, kept whole under its digest, so that a bundle carries it."""

    _inherit = "fin.policy.set"

    def _settings(self):
        """Everything that it says to its flows, by the names of its fields."""
        plain, own = ("integer", "boolean", "selection", "char"), ("id", "code", "name")
        names = [
            name
            for name, field in self._fields.items()
            if field.store and field.type in plain and not field.related and name not in own
        ]
        return {name: self[name] for name in names if self[name] is not False}

    def _text(self):
        return canonical({"code": self.code, "settings": self._settings()})

    def _document(self):
        told = super()._document()
        return told and {**told, "digest": digest(self._text())}

    def _keep(self):
        for one in self:
            self.env["fin.document"]._keep(POLICY_SET, one._text())


class FinVersion(models.Model):
    _inherit = "fin.version"

    @api.model_create_multi
    def create(self, vals_list):
        """What a version pins is kept with it."""
        versions = super().create(vals_list)
        for version in versions.filtered("flow_id"):
            version.flow_id.with_env(self.env).policy_set_id._keep()
        return versions


class FinFlow(models.Model):
    """The checklist, the policy set and the assistant's answers of a flow that comes in a bundle."""

    _inherit = "fin.flow"

    @api.model
    def _take(self, content, documents):
        """What the content leaves out is taken as nothing, so that it does not stay from before."""
        return super()._take({**_NOTHING, **content}, documents)

    def _take_checklist(self, names, _documents):
        """The items; a tick is an act of somebody here and never comes along."""
        gone = self.check_ids.filtered(lambda item: item.name not in names)
        missing = [name for name in names if name not in self.check_ids.mapped("name")]
        self.check_ids = [Command.delete(item.id) for item in gone] + [Command.create({"name": n}) for n in missing]

    def _take_assistant(self, told, _documents):
        scores, chosen = told.get("scores", {}), told.get("chosen", {})
        self.write(
            {
                **{f"score_{name}": str(scores[name]) if name in scores else False for name in CRITERIA},
                "timing": scores.get("timing"),
                "pattern": chosen.get("pattern"),
                "sync_model": chosen.get("sync"),
                "pattern_reason": told.get("justification"),
            }
        )

    def _take_policy(self, told, documents):
        """The set of this code, made or changed as the bundle says."""
        if not told:
            self.policy_set_id = False
            return
        kept = documents.get(told.get("digest"), {})
        if kept.get("kind") != POLICY_SET:
            raise BundleError(f"the policy set {told.get('code')} is named and is not in the bundle")
        self.policy_set_id = self._taken_policy_set(json.loads(kept["text"]))

    def _taken_policy_set(self, told):
        sets, values = self.env["fin.policy.set"], told["settings"]
        known = sets.search([("code", "=", told["code"])])
        strange = set(values) - set(sets._fields)
        if strange:
            raise BundleError(
                f"the policy set {told['code']} says what nothing here reads: {', '.join(sorted(strange))}"
            )
        if not known:
            own = {"code": told["code"], "name": told["code"], "company_id": self.company_id.id}
            return sets.create({**values, **own})
        if known.company_id != self.company_id:
            raise BundleError(f"the policy set {known.code} belongs to another company here")
        if known._settings() != values:
            known.write({**dict.fromkeys(known._settings(), False), **values})
        return known


class FinBundle(models.AbstractModel):
    _inherit = "fin.bundle"

    def _together(self, flow):
        """A policy set that came along with other words changes every flow that uses it."""
        shared = flow.policy_set_id
        here = shared._document()
        others = shared.flow_ids.filtered(lambda one: one.live_version_id and one._document().get("policy") != here)
        return super()._together(flow) | others
