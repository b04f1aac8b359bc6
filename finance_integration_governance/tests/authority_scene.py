"""Partners as a simulated master data system tells them, and rules that say whose word counts."""

import dataclasses

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import SQL

from odoo.addons.finance_integration_governance.core.contract import Canonical, Code, Name
from odoo.addons.finance_integration_governance.core.totals import ControlTotals

from .common import LawScene, ListSource


@dataclasses.dataclass(frozen=True)
class PartnerTold(Canonical):
    """A partner, as the other side knows it; told anew with each of its changes."""

    contract = "test.partner/1.0"
    ref: Code
    name: Name
    vat: Code | None = None
    phone: Name | None = None
    iban: Code | None = None
    revision: int = dataclasses.field(default=1, compare=False)

    key = property(lambda self: f"{self.ref}/{self.revision}")
    scope = "there"


FIELDS = ("name", "vat", "phone")


def _record(self, item):
    return self.env["res.partner"].search([("ref", "=", item.mapped["ref"])], limit=1)


def _map(self, run, item):
    return {"ref": item.content["ref"], **{name: item.content.get(name) for name in FIELDS}}


def _told(item):
    return {name: item.mapped[name] for name in FIELDS if item.mapped.get(name)}


def _writes(self, run, items):
    return ((item.id, self._record(item), _told(item)) for item in items)


def _deliver(self, run, items):
    return [(item.id, _land(self, item)) for item in items]


def _land(self, item):
    partner = self._record(item)
    if partner:
        partner.write(_told(item))
        return partner
    return partner.create({"ref": item.mapped["ref"], **_told(item)})


def _totals(self, run):
    rows = self.env.execute_query(
        SQL(
            "SELECT i.key FROM fin_binding b JOIN fin_item i ON i.id = b.item_id WHERE b.run_id = %s AND b.live", run.id
        )
    )
    return ControlTotals.of((key, None, None) for (key,) in rows)


class AuthorityScene(LawScene):
    """LawScene, whose flow brings partners, with a user of accounting who edits them by hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner = cls.env["res.partner"].create({"name": "Old Name", "ref": "P1", "vat": "BE0477472701"})
        cls.anna = cls.person("operator", "anna", name="Anna")
        cls.anna.group_ids += cls.env.ref("base.group_partner_manager") + cls.env.ref("account.group_account_manager")
        service = cls.company._fin_service_user()
        service.group_ids += cls.env.ref("base.group_partner_manager")

    @classmethod
    def _patch(cls):
        super()._patch()
        business = type(cls.env["fin.object"])
        for name, member in {
            "_entity": "partner",
            "_record": _record,
            "_map": _map,
            "_writes": _writes,
            "_deliver": _deliver,
            "_totals": _totals,
        }.items():
            cls.classPatch(business, name, member) if hasattr(business, name) else cls._add(business, name, member)
        cls.classPatch(ListSource, "carries", (PartnerTold,))

    @classmethod
    def _add(cls, owner, name, member):
        setattr(owner, name, member)
        cls.addClassCleanup(delattr, owner, name)

    @classmethod
    def rule(cls, subject="partner/vat", flow=None, **vals):
        """A line of the matrix, in the hands of an administrator; owned by the flow's system unless told otherwise."""
        owner = {"connection_id": cls.flow.connection_id.id} if not vals.pop("ours", False) else {}
        steward = {"steward_id": cls.people["operator"].id}
        flows = {"flow_ids": [Command.set(flow.ids)]} if flow else {}
        return cls.by("administrator", "fin.authority").create(
            {"subject": subject, **owner, **steward, **flows, **vals}
        )

    @classmethod
    def in_force(cls):
        """The matrix, approved by a second person as the company's policy."""
        policy = cls.by("administrator", "fin.policy")._of(cls.company)
        cls.approved_change(policy)

    @classmethod
    def pinned(cls):
        """The matrix in force, and in the flow's live version."""
        cls.in_force()
        cls.approved_change(cls.by("operator", cls.flow))

    @classmethod
    def approved_change(cls, subject):
        change = subject.env["fin.change"]._propose(subject)
        change.action_submit()
        cls.by("approver", change)._approve()
        cls.seal()
        cls.env.invalidate_all()

    def refuses(self, act, *words):
        """Not by assertRaises, which would roll back what the log got in a transaction of its own."""
        before, told = self.refusals(), None
        try:
            act()
        except UserError as error:
            told = str(error)
        self.env.invalidate_all()
        for word in ("change it there", "list-law", self.people["operator"].login, *words):
            self.assertIn(word, told or "not refused")
        self.assertGreater(self.refusals(), before)

    def refusals(self):
        return self.env["fin.audit.event"].search_count([("code", "=", "fin.authority.refused")])

    def mine(self, record=None):
        return (record or self.partner).with_user(self.anna)

    @property
    def bank(self):
        wanted = [("type", "=", "bank"), ("company_id", "=", self.company.id)]
        return self.env["account.journal"].search(wanted, limit=1) or self.env["account.journal"].create(
            {"name": "Bank", "code": "BNKX", "type": "bank", "company_id": self.company.id}
        )


def partner(ref="P1", name="Old Name", **more):
    return PartnerTold(ref, name, **more)
