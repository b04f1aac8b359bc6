import datetime as dt

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...core.canonical import canonical, digest
from ...core.contracts import Version, standing, unknown
from ...core.errors import ConfigurationError
from ...core.field_map import RawRow
from ..writer import as_writer


class FinFlow(models.Model):
    """The contracts that a flow stands on are part of its versions, with the dates on which they end."""

    _inherit = "fin.flow"

    def _compose(self):
        return {**super()._compose(), "contracts": self.env["fin.contract"]._pin(self._contracts())}

    def _contracts(self):
        """The contracts of what this flow moves."""
        return [cls.contract for cls in self._carried()]

    def _carried(self):
        """The canonical classes that this flow moves: what its object says, else all that its connector carries."""
        carries = self.env["fin.connector"]._class(self.connection_id.connector_id.code).carries
        moved = self._moved()
        return tuple(cls for cls in carries if moved and cls.contract == moved.contract) or carries

    def _moved(self):
        """The canonical class that the flow's object makes or takes; None where it takes several."""
        return self.env[self.object]._contract_class if self.object in self.env else None

    def _before_propose(self):
        """What the system on the other side cannot carry is said while the flow is made, not when it runs."""
        super()._before_propose()
        moved, carried = self._moved(), self._carried()
        if moved and carried and moved.contract not in [cls.contract for cls in carried]:
            connector, business = self.connection_id.connector_id.name, dict(self._selection_object())[self.object]
            facts = {"connector": connector, "business": business, "contract": moved.contract}
            raise UserError(self.env._("%(connector)s does not carry: %(business)s (%(contract)s).", **facts))

    def _document_contracts(self):
        """The contracts as the live version has them, with their dates; empty where none is live."""
        return self._document().get("contracts", {}) if self.live_version_id else {}


class FinRun(models.Model):
    """A run starts on contracts that the installed code keeps and that have not ended, as its version says."""

    _inherit = "fin.run"

    def _guard_start(self):
        super()._guard_start()
        self._guard_contracts()

    def _guard_contracts(self):
        pinned, today = self._document().get("contracts", {}), fields.Date.context_today(self)
        strangers = unknown(pinned, self.env["fin.contract"]._classes())
        if strangers:
            text = f"the installed code does not keep the contract {', '.join(strangers)}"
            raise ConfigurationError(text, code="unknown_contract", contracts=strangers)
        over = [name for name, dates in pinned.items() if standing(dates, today) == "sunset"]
        if over:
            text = f"the contract {', '.join(over)} has ended: the flow has to move to another one"
            raise ConfigurationError(text, code="contract_sunset", contracts=over)

    def _after_start(self):
        self.env["fin.exception"]._warn_of_contracts(self.flow_id, self._document().get("contracts", {}))

    def _accepted_contracts(self):
        """The contracts that a payload of this run may tell: what its version pins, as the installed code keeps it."""
        pinned, here = self._document().get("contracts"), list(self.env["fin.contract"]._classes())
        # A version that was approved before versions pinned their contracts takes what is installed.
        taken = here if pinned is None else [name for name in here if _serves(name, pinned)]
        return frozenset((*taken, RawRow.contract))


def _serves(name, pinned):
    return any(Version.read(name).serves(Version.read(one)) for one in pinned)


class FinException(models.Model):
    """The word to the owner that a contract ends: once for each flow and date, whatever became of the exception."""

    _inherit = "fin.exception"

    @api.model
    def _warn_of_contracts(self, flow, pinned):
        today = fields.Date.context_today(self)
        for name, dates in pinned.items():
            if standing(dates, today) == "deprecated":
                self._warn_of_contract(flow, name, dates)

    def _warn_of_contract(self, flow, name, dates):
        facts = {"contract": name, **dates}
        fingerprint = digest(canonical(["contract_deprecated", facts]))
        if self.search_count([("flow_id", "=", flow.id), ("fingerprint", "=", fingerprint)], limit=1):
            return
        end = dates.get("sunset_on")
        text = f"{flow.name} stands on {name}, which is deprecated" + (f" and ends after {end}" if end else "")
        told = self._new(flow, "contract_deprecated", text, "configuration", False, fingerprint, facts)
        if end:
            as_writer(told).write({"due_at": dt.datetime.fromisoformat(end)})
        told._audit("raise", code="contract_deprecated", contract=name)
