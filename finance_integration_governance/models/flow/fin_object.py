from odoo import models

from ...core.authority import same
from ..authority_writer import told, wanted


class FinObject(models.AbstractModel):
    """How one kind of business object lands in Odoo, or leaves it. Knows nothing of protocols and formats.

    An addon inherits this as `fin.object.<kind>`; its `_description` is what people choose on the flow. The methods run
    in the environment of the flow's service user: record rules and field access hold. Inbound objects give `_map`,
    `_deliver`, `_totals` and `_undo`; outbound objects give `_collect` and `_totals`; both may refine `_scope`.
    """

    _name = "fin.object"
    _description = "Business Object"
    # What the authority matrix calls it: an entity and a kind of data of core/authority.py; None is nobody's matter.
    _entity = None
    _kind = "master"
    # The canonical class of which all its items are; None where they are of several.
    _contract_class = None
    # Whether a key that comes with other content is the record's new state, and not a contradiction.
    _tells_states = False

    def _entities(self, document):
        """The entities of the authority matrix that a flow with this document is about."""
        return (self._entity,) if self._entity else ()

    def _scope(self, run):
        """A function: canonical object -> the business container that its key lives in."""
        return lambda one: one.scope

    def _date(self, run):
        """A function: canonical object -> the accounting date that decides its period."""
        return lambda one: one.on

    def _map(self, run, item):
        """The values that will be booked for one `Staged` item, as a mapping; raises MappingError for a gap."""
        raise NotImplementedError

    def _writes(self, run, items):
        """What delivering these mapped items would write: (item id, record or an empty one, field -> value) of each.

        The authority matrix judges it. Objects that only make new records need not name their fields.
        """
        return ((item.id, self.browse(), {}) for item in items)

    def _deliver(self, run, items):
        """Create the effect of these `Staged` items; returns (item id, record) for each, in any order.

        Raises DataError or UserError where one of them cannot be booked; the engine then finds out which.
        """
        raise NotImplementedError

    def _collect(self, run):
        """Insert the outbound items of the run; yields where what is there should be kept."""
        raise NotImplementedError

    def _totals(self, run):
        """`ControlTotals` of what Odoo holds for the run's delivered items, read back from the business records."""
        raise NotImplementedError

    def _undo(self, run, items):
        """Reverse what was delivered for these items."""
        raise NotImplementedError

    def _drift(self, run):
        """Where both sides differ now: (key, record or None, field, what Odoo holds, what the other side told last).

        The other side is what its live bindings were made of; `run` is the flow's last one, for its environment.
        """
        for items in self.env["fin.item"].with_env(run.env)._bound_to(run):
            by_id = {item.id: item.key for item in items}
            for item_id, record, values in self._writes(run, items):
                for name, value in values.items() if record else ():
                    held, brought = told(record, name), wanted(record, name, value)
                    if not same(held, brought):
                        yield by_id[item_id], record, name, held, brought

    # Shared by objects

    def _locked(self, company, day):
        """Which lock date of the company forbids the day for this user, in words; False where it is open."""
        violations = company.with_env(self.env)._get_lock_date_violations(day, sale=False, purchase=False, tax=False)
        return ", ".join(f"{field} {date}" for date, field in violations) or False
