"""A bank that takes payments and tells what became of them, as two connectors, and the flows to and from it."""

from io import BytesIO
from unittest.mock import patch

from odoo.fields import Command

from odoo.addons.finance_integration_governance.core.connector import (
    Destination,
    Payload,
    Receipt,
    Setting,
    Source,
)
from odoo.addons.finance_integration_governance.core.errors import TransientError
from odoo.addons.finance_integration_governance.core.totals import ControlTotals
from odoo.addons.finance_integration_governance.models.writer import by_program

from ..core.payment import Payment, PaymentStatus
from .payment_scene import PaymentCase

SETTINGS = (Setting("location", "Location", default="nowhere"),)


class Counter(Destination):
    """Takes payments: `got` holds what has arrived, `trouble` is raised before (`sent` False) or after it."""

    code = "test.counter"
    label = "A counter"
    carries = (Payment,)
    settings = SETTINGS
    proves = False
    got = []
    trouble = None
    rejects = {}
    answer = "accepted"

    def serialize(self, objects):
        batches = {}
        for one in objects:
            batches.setdefault(one.batch, []).append(one)
        for batch, found in batches.items():
            totals = ControlTotals.of((one.key, one.amount, one.currency) for one in found)
            text = "\n".join(f"{one.key} {one.amount} {one.other_account}" for one in found).encode()
            keys = tuple(one.key for one in found)
            yield Payload(f"{batch}.txt", lambda text=text: BytesIO(text), "text/plain", keys=keys, totals=totals)

    def send(self, payload, idempotency_key):
        if self.trouble and self.trouble.facts.get("sent") is False:
            raise self.trouble
        if self.answer == "refused":
            return Receipt("refused")
        self.got.append((idempotency_key, payload.keys, payload.totals))
        if self.trouble:
            raise self.trouble
        return Receipt(self.answer, rejects=self.rejects)

    def confirm(self, references):
        return sum((totals for key, _keys, totals in self.got if key in references), ControlTotals())


class Teller(Source):
    """Tells what `told` holds: name of a file -> statuses."""

    code = "test.teller"
    label = "A teller"
    carries = (PaymentStatus,)
    settings = SETTINGS
    told = {}

    def extract(self, window):
        for name in list(self.told):
            yield Payload(name, lambda name=name: BytesIO(name.encode()), "text/plain")

    def parse(self, payload):
        yield from self.told[payload.name]

    def settle(self, payload):
        """Nothing to move."""


class PaymentFlowCase(PaymentCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        classes = cls.env["fin.connector"]._classes() | {one.code: ("connector_bank", one) for one in (Counter, Teller)}
        cls.classPatch(type(cls.env["fin.connector"]), "_classes", lambda self: classes)
        cls.env["fin.connector"]._refresh()
        cls.outstanding = cls.account("199997", "asset_current")
        cls.german.outbound_payment_method_line_ids.payment_account_id = cls.outstanding
        cls.flow = cls.payment_flow("pay-out", Counter, "fin.object.payment", cls.german, not_provable=True)
        cls.back = cls.payment_flow("pay-back", Teller, "fin.object.payment_status")

    def setUp(self):
        super().setUp()
        self.classPatch(Counter, "got", [])
        self.classPatch(Teller, "told", {})
        self.enterContext(self.enter_registry_test_mode())

    @classmethod
    def payment_flow(cls, code, connector, of, journals=None, settings=None, **vals):
        """An approved, active flow; its journals pay by it."""
        connection = cls.env["fin.connection"].create(
            {
                "name": f"Bank of {code}",
                "code": code,
                "company_id": cls.company.id,
                "connector_id": cls.env["fin.connector"].search([("code", "=", connector.code)]).id,
                **({"settings": settings} if settings else {}),
            }
        )
        people = {"owner": cls.operator, "deputy": cls.second}
        flow = cls.env["fin.flow"].create(
            {
                "name": f"Payments {code}",
                "code": code,
                "company_id": cls.company.id,
                "connection_id": connection.id,
                "object": of,
                "role_ids": [Command.create({"role": role, "user_id": user.id}) for role, user in people.items()],
                "tz": "Europe/Berlin",
                **vals,
            }
        )
        flow.action_prefill()
        if journals:
            journals.fin_payment_flow_id = flow
            flow.invalidate_recordset()
        version = cls.env["fin.version"].with_user(cls.operator)._propose(flow.with_user(cls.operator))
        version.action_submit()
        by_program(version.with_user(cls.second))._approve()
        return flow

    # A batch

    def approved(self, *amounts, **options):
        """A batch that other people than its preparer have said yes to."""
        batch = self.submitted(*amounts, **options)
        for person in (self.approver, self.third)[: batch._needed_yes()]:
            batch.with_user(person)._approve()
        self.seal()
        return batch.with_env(self.env)

    def released(self, *amounts, **options):
        """One that its sender has released, whose run waits."""
        return self.release_batch(self.approved(*amounts, **options))

    def release_batch(self, batch):
        batch.with_user(self.sender)._release()
        return batch.with_env(self.env)

    def sent(self, *amounts, **options):
        batch = self.released(*amounts, **options)
        self.work()
        self.assertEqual(batch.state, "sent", batch.run_id.last_error)
        return batch

    def lost(self, *amounts, error=None):
        """One whose answer was lost after it had arrived."""
        with patch.object(Counter, "trouble", error or TransientError("nothing came back", sent=True)):
            batch = self.released(*amounts)
            self.work()
        return batch

    # The engine

    def seal(self):
        self.env.flush_all()
        self.env["fin.audit.seal"]._seal_waiting()

    def work(self, again=True):
        """The lane's cron; what was postponed is due at once."""
        self.seal()
        self.env.cr.execute("UPDATE fin_run SET not_before = NULL WHERE state = 'queued'")
        self.env["fin.engine"]._advance("batch", seconds=600)
        self.env.flush_all()
        self.env.invalidate_all()

    # What the bank has, and tells

    def ids_got(self):
        """Every end-to-end id that the bank was given, as often as it was."""
        return [key for _key, keys, _totals in Counter.got for key in keys]

    def tell(self, *statuses, name="status.xml"):
        """The bank's word in a file of this name; the run that read it."""
        Teller.told.clear()
        Teller.told[name] = list(statuses)
        run = self.back.with_user(self.operator)._request_run("hand").with_env(self.env)
        self.work()
        return run

    def status(self, of, status, reason=None, level="payment", message="S-1", **more):
        """What the bank says of a payment, or of a whole batch."""
        batch = of.batch_id if of._name == "fin.payment.line" else of
        mine = {"end_to_end_id": of.end_to_end_id} if of._name == "fin.payment.line" else {}
        told = {"original_message": batch.name, "status": status, "reason": reason, **mine, **more}
        key = f"sts1:{message}:{level}:{mine.get('end_to_end_id', '')}:{status}:{reason}"
        return PaymentStatus(level=level if mine else "message", message=message, key=key, **told)

    def bills(self, batch):
        return batch.line_ids.move_line_ids.move_id
