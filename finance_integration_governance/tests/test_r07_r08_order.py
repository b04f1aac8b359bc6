"""R7 and R8: in whatever order something is told, and however late, what it comes to is the same."""

import itertools
import random
from io import BytesIO
from unittest.mock import patch

from odoo import fields
from odoo.fields import Command
from odoo.tests import TransactionCase, tagged

from ..core.connector import Payload
from .common import ListSource, fact
from .test_schedule import ScheduleScene

SEED = 20261122
OVERLAP = 2


@tagged("post_install", "-at_install")
class TestR07(ScheduleScene, TransactionCase):
    """An event says that something happened, never what is so now: what the flow does then, it reads from the books."""

    def notes(self):
        """Six events about two entries: paid then failed, and the other way round."""
        moves = self.env["account.move"].create([{"journal_id": self.journal.id, "date": "2026-03-02"}] * 2)
        kinds = ("account.move/posted", "account.move/draft", "account.payment/state")
        return [(kind, move) for move in moves for kind in kinds]

    def orders(self, notes):
        """Each order of the first four, and forty of all six, by a seed that is printed where it fails."""
        some = random.Random(SEED)
        return [*itertools.permutations(notes[:4]), *(some.sample(notes, 6) for _each in range(40))]

    def test_r07_events_in_every_order_are_one_run_with_the_same_cause(self):
        kinds = self.env["fin.event.kind"].search(
            [("key", "in", ["account.move/posted", "account.move/draft", "account.payment/state"])]
        )
        flow = self.live("listens", schedule_kind="event", event_kind_ids=[Command.set(kinds.ids)])
        self.patch(type(self.env["fin.slot"]), "_start", lambda slot, document: slot._transition("start"))
        causes = {}
        for order in self.orders(self.notes()):
            for key, move in order:
                self.env["fin.event"]._happened(key, move, self.company)
            self.happen()
            before = self.env["fin.slot"].search([("flow_id", "=", flow.id)])
            self.tick(fields.Datetime.now())
            [slot] = self.env["fin.slot"].search([("flow_id", "=", flow.id)]) - before
            taken = self.env["fin.event"].search([("slot_id", "=", slot.id)])
            told = {(event.key, event.res_id) for event in taken}
            self.assertEqual(told, {(key, move.id) for key, move in order}, f"seed {SEED}")
            causes.setdefault(len(order), set()).add(slot.cause)
        self.assertEqual({count: len(told) for count, told in causes.items()}, {4: 1, 6: 1}, f"seed {SEED}")

    def test_r07_facts_of_different_keys_come_to_the_same_in_every_order(self):
        facts = [fact(f"f{number}", f"{number + 1}.50") for number in range(4)]
        some = random.Random(SEED)
        with self.enter_registry_test_mode():
            for number in range(8):
                flow = self.new_flow(f"order-{number}")
                self.approve(flow)
                order = some.sample(facts, 4)
                for name, told in (("one", order[:2]), ("two", order)):
                    ListSource.told.clear()
                    self.assertEqual(self.start(*told, flow=flow, name=name).state, "done", f"seed {SEED}")
        booked = self.env["account.bank.statement.line"].search([("journal_id", "=", self.journal.id)])
        self.assertEqual(sorted(booked.mapped("amount")), [1.5, 2.5, 3.5, 4.5], f"once each, seed {SEED}")


class NumberedSource(ListSource):
    """Rows with numbers that only grow; asked from where it was left, less the overlap."""

    rows = []

    def extract(self, window):
        since = int(window.cursor or 0) - OVERLAP
        found = [number for number in self.rows if number > since]
        if found:
            cursor = str(max(*found, int(window.cursor or 0)))
            yield Payload(f"from-{since}", lambda: BytesIO(repr(found).encode()), "text/plain", cursor=cursor)

    def parse(self, payload):
        with payload.open() as stream:
            for number in stream.read().decode().strip("[]").split(", "):
                yield fact(f"n{number}", number)


@tagged("post_install", "-at_install")
class TestR08(ScheduleScene, TransactionCase):
    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())
        for name in ("extract", "parse"):
            self.enterContext(patch.object(ListSource, name, getattr(NumberedSource, name)))
        self.enterContext(patch.object(ListSource, "rows", [], create=True))

    def ask(self, *rows):
        ListSource.rows[:] = rows
        run = self.env["fin.run"]._queue(self.flow, "schedule").with_user(self.env.user)
        self.advance(run)
        self.assertEqual(run.state, "done", run.last_error)
        return {item.key: item.outcome for item in run.item_ids}

    def test_r08_a_row_that_appears_behind_the_cursor_is_found_within_the_overlap_and_booked_once(self):
        self.assertEqual(self.ask(1, 2, 4), dict.fromkeys(("n1", "n2", "n4"), "delivered"))
        self.assertEqual(self.ask(1, 2, 3, 4), {"n3": "delivered", "n4": "duplicate"})
        self.assertEqual(self.ask(1, 2, 3, 4, 5), {"n3": "duplicate", "n4": "duplicate", "n5": "delivered"})
        booked = self.env["account.bank.statement.line"].search([("journal_id", "=", self.journal.id)])
        self.assertEqual(sorted(booked.mapped("amount")), [1, 2, 3, 4, 5])

    def test_r08_the_cursor_is_that_of_the_last_payload_that_was_kept(self):
        self.ask(1, 2, 4)
        self.assertEqual(self.env["fin.payload"]._last_cursor(self.flow), "4")
        self.ask(1, 2, 3, 4)
        self.assertEqual(self.env["fin.payload"]._last_cursor(self.flow), "4", "it never goes back")
