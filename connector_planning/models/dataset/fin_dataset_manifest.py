"""What readers of files are told of each dataset: its last edition, and whether its signature still holds."""

from odoo import api, models
from odoo.tools import SQL

from odoo.addons.finance_integration_governance.core.canonical import canonical, digest

from ...core.dataset import PUBLISHED, SUSPENDED, DatasetManifest


class FinObjectDataset(models.AbstractModel):
    """Manifests are items like any others: only what has changed since it was told travels."""

    _inherit = "fin.object.dataset"

    def _collect_manifests(self, run, fresh):
        """`fresh`: (company, kind, period, edition) of what this run publishes."""
        code, scope = run._document()["options"]["checkpoint"], run._document().connection["code"]
        checkpoints = self._checkpoints(code)
        told = {(company, kind, period): edition for company, kind, period, edition in fresh}
        for dataset in self.env["fin.dataset"]._last_of(run.flow_id, self.env.companies):
            told.setdefault((dataset.company_id, dataset.kind, dataset.period), dataset.edition)
        for company in self.env.companies:
            manifests = [
                _manifest(kind, company, period, edition, code, checkpoints.get((company, period)))
                for (mine, kind, period), edition in told.items()
                if mine == company
            ]
            self.env["fin.item"]._collect(run, self._unknown(scope, manifests), company, scope)

    def _checkpoints(self, code):
        wanted = [("company_id", "in", self.env.companies.ids), ("code", "=", code)]
        # sudo: everybody obeys the close calendar, whoever may read it
        found = self.env["fin.checkpoint"].sudo().search(wanted)
        return {(one.company_id, one.period_id.name): one for one in found}

    def _unknown(self, scope, manifests):
        """Those that say something else than what readers were told last."""
        rows = self.env.execute_query(
            SQL(
                """SELECT key, digest FROM fin_binding WHERE live AND object = %s AND scope = %s AND key = ANY(%s)""",
                self._name,
                scope,
                [one.key for one in manifests],
            )
        )
        known = dict(rows)
        return [one for one in manifests if known.get(one.key) != digest(canonical(one))]


def _manifest(kind, company, period, edition, code, checkpoint):
    """`checkpoint` None: it is in the close calendar no more, so nothing says that the figures still hold."""
    signed = checkpoint.signed_digest or "" if checkpoint else ""
    behind = edition.rpartition("-")[2]
    is_signed = bool(checkpoint) and checkpoint.state == "signed"
    holds = is_signed and signed.startswith(behind)
    words = "signed anew, with other figures" if is_signed else checkpoint.state if checkpoint else "not there any more"
    name = checkpoint.display_name if checkpoint else code
    return DatasetManifest(
        dataset=kind,
        company=company.fin_code,
        period=period,
        edition=edition,
        status=PUBLISHED if holds else SUSPENDED,
        reason=None if holds else f"{name[:100]} is {words}",
        checkpoint=code,
        signature=signed if signed.startswith(behind) else behind,
    )


class FinDataset(models.Model):
    _inherit = "fin.dataset"

    @api.model
    def _last_of(self, flow, companies):
        """The last edition of each dataset of a flow."""
        wanted = [("flow_id", "=", flow.id), ("company_id", "in", companies.ids), ("state", "=", "published")]
        # sudo: evidence
        return self.sudo().search(wanted, order="company_id, period, kind")


class FinCheckpoint(models.Model):
    _inherit = "fin.checkpoint"

    def _suspend(self):
        """Whatever was published behind it is marked by the flows that have published it, at once."""
        super()._suspend()
        wanted = [("company_id", "=", self.company_id.id), ("period", "=", self.period_id.name)]
        wanted += [("checkpoint", "=", self.code), ("state", "=", "published")]
        # sudo: whoever has it suspended need not see the flows that publish
        flows = self.env["fin.dataset"].sudo().search(wanted).flow_id
        flows = flows.filtered(lambda flow: flow.live_version_id and flow.state in ("active", "paused"))
        self.env["fin.event"]._wake_flows(flows, f"suspended:{self._subject_key()}")
