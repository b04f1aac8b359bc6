import re

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ...core.bundle import BundleError, public_of, read, write
from ...core.canonical import canonical, digest
from ...core.contract import schema
from ..installation import installation, listed
from ..writer import as_writer


class FinBundle(models.AbstractModel):
    """Promotion: an approved flow leaves as a signed bundle and arrives elsewhere as a change request.

    Nothing in it is a secret or a database id. The key that signs, and the keys that are trusted, stand in odoo.conf.
    """

    _name = "fin.bundle"
    _description = "Bundle"

    # Out

    @api.model
    def _export(self, flow):
        """The bundle of the flow's live version, as YAML text."""
        key = installation("bundle_key")
        if not key:
            raise UserError(self.env._("No bundle_key stands in the section [finance_integration] of odoo.conf."))
        if not flow.live_version_id:
            raise UserError(self.env._("%s has no approved version yet.", flow.name))
        content = self._outgoing(flow._document().content)
        parts = {"flow": content, "documents": self._documents(content), "contracts": self._contracts(flow)}
        text = write(parts, key)
        flow._audit("export", version=flow.live_version_id.number, digest=read(text.encode(), self._trusted()).digest)
        return text

    def _outgoing(self, content):
        """Without what is of one place only: how to reach the system, and who books there."""
        kept = ("code", "connector", "connector_version", "environment")
        connection = {name: value for name, value in content["connection"].items() if name in kept}
        return {**{k: v for k, v in content.items() if k not in ("service", "format")}, "connection": connection}

    def _documents(self, content):
        """digest -> document, of everything that the content names by digest."""
        wanted = sorted(set(re.findall(r"\b[0-9a-f]{64}\b", canonical(content))))
        # sudo: what an approved version of a flow that the user may see pins
        found = self.env["fin.document"].sudo().search([("digest", "in", wanted)])
        return {document.digest: {"kind": document.kind, "text": document.text} for document in found}

    def _contracts(self, flow):
        """Contract -> digest of its schema, of all that the connector carries."""
        cls = self.env["fin.connector"]._class(flow.connection_id.connector_id.code)
        return {carried.contract: digest(canonical(schema(carried))) for carried in cls.carries}

    def _trusted(self):
        own = installation("bundle_key")
        return [*([public_of(own)] if own else []), *listed("bundle_trusted")]

    # In

    @api.model
    def _import(self, data):
        """The change request that these bytes become; what does not fit is refused as a whole and leaves nothing."""
        self.env["fin.approval"]._need_group("group_administrator")
        try:
            with self.env.cr.savepoint():
                return self._propose(read(data, self._trusted()))
        except (BundleError, ValidationError, AccessError, ValueError, KeyError, TypeError) as error:
            self._refused(data, error)
            raise UserError(self.env._("The bundle is refused as a whole. %s", self._words(error))) from None

    @api.model
    def _fits(self, data):
        """In words what would become of these bytes; UserError where they would be refused. Nothing is kept."""
        try:
            with self.env.cr.savepoint() as tried:
                bundle = read(data, self._trusted())
                flow = self._taken(bundle)
                changes = flow.live_version_id.digest != flow._written()[1]
                told = f"bundle {bundle.digest} of key {bundle.key} fits {flow.code}"
                tried.rollback()
        except (BundleError, ValidationError, AccessError, ValueError, KeyError, TypeError) as error:
            raise UserError(self.env._("The bundle is refused as a whole. %s", self._words(error))) from None
        return f"{told}: it would be proposed" if changes else f"{told}: it says what is live here"

    def _words(self, error):
        told = error.text if isinstance(error, BundleError) else str(error)
        return f"a part is not what this installation expects ({told})" if isinstance(error, KeyError) else told

    def _taken(self, bundle):
        """The flow with the bundle's content as its working copy."""
        self._check_documents(bundle)
        self._check_contracts(bundle)
        try:
            return self.env["fin.flow"]._take(bundle.flow, bundle.parts["documents"])
        except BundleError as error:
            raise BundleError(error.reason, error.line or bundle.lines.get("flow", 0)) from None

    def _propose(self, bundle):
        flow = self._taken(bundle)
        change = self.env["fin.change"]._propose(self._together(flow), f"bundle {bundle.digest}")
        as_writer(change).write({"bundle_digest": bundle.digest})
        flow._audit("import", digest=bundle.digest, key=bundle.key, change=change.name)
        return change

    def _together(self, flow):
        """The flow, and whatever else changes with what it brought along; addons add to it."""
        return flow

    def _check_documents(self, bundle):
        """Every document under its own digest, and every digest that the flow names with its document."""
        for name, document in bundle.parts["documents"].items():
            if digest(document["text"]) != name:
                raise BundleError(f"the document {name[:12]} is not what its digest says", bundle.lines["documents"])

    def _check_contracts(self, bundle):
        """What moves under a contract here is what moved under it there."""
        cls = self.env["fin.connector"]._class(bundle.flow["connection"]["connector"])
        here = {carried.contract: digest(canonical(schema(carried))) for carried in cls.carries}
        for contract, told in bundle.parts["contracts"].items():
            if here.get(contract) != told:
                raise BundleError(
                    f"the contract {contract} is unknown here, or says something else", bundle.lines["contracts"]
                )

    def _refused(self, data, error):
        """A refused bundle is told to the log, and must outlive the refusal's rollback."""
        facts = {"digest": digest(data.decode(errors="replace")), "reason": self._words(error)}
        with self.env.registry.cursor() as cr:
            events = self.with_env(self.env(cr=cr)).env["fin.audit.event"]
            events._append("fin.bundle.refused", self._name, facts["digest"][:16], self.env.company, facts)


class FinChange(models.Model):
    _inherit = "fin.change"

    bundle_digest = fields.Char(readonly=True, size=64, string="Bundle", help="What came from another database.")


class FinFlow(models.Model):
    _inherit = "fin.flow"

    def action_export_bundle(self):
        """Hand out the live version as a signed bundle."""
        self.ensure_one()
        self._need("group_operator")
        return {"type": "ir.actions.act_url", "url": f"/finance_integration/bundle/{self.code}", "target": "self"}
