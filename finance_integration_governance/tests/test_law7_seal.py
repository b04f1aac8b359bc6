import datetime as dt
import hashlib
import json
from unittest.mock import patch

from odoo.tests import TransactionCase, tagged
from odoo.tools import SQL

from odoo.addons.finance_integration_governance.models.audit import fin_audit_chain, fin_audit_seal
from odoo.addons.finance_integration_governance.models.audit.fin_audit_seal import EVERYTHING, GENESIS, chained

DIGEST = "d" * 64


@tagged("post_install", "-at_install")
class TestSeal(TransactionCase):
    """The chain, link by link."""

    def setUp(self):
        super().setUp()
        self.seals, self.events = self.env["fin.audit.seal"], self.env["fin.audit.event"]
        self.append("first")
        self.seals._seal_waiting()
        self.position, self.head = self.seals._head()

    def append(self, key="k", digest=DIGEST, code="test.code"):
        return self.events._append(code, "test", key, self.env.company, {"digest": digest})

    def digest_of(self, event_id):
        self.env.cr.execute("SELECT digest FROM fin_audit_event WHERE id = %s", [event_id])
        return self.env.cr.fetchone()[0]

    def sealed(self):
        """(event, position) of what was sealed since the test began."""
        self.env.cr.execute(
            "SELECT event_id, position FROM fin_audit_seal WHERE position > %s ORDER BY position", [self.position]
        )
        return self.env.cr.fetchall()

    def drop(self, statement, *params):
        """As the owner of the tables."""
        for table in ("fin_audit_event", "fin_audit_seal"):
            self.env.cr.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        self.env.cr.execute(statement, params)

    def test_what_is_not_sealed_is_sealed_once_and_in_its_order(self):
        first, second = self.append(), self.append()
        self.assertEqual(self.seals._seal_waiting(), 2)
        self.assertEqual(self.sealed(), [(first, self.position + 1), (second, self.position + 2)])
        self.assertEqual(self.seals._seal_waiting(), 0)

    def test_each_head_is_made_of_the_one_before_and_the_events_digest(self):
        first, second = self.append(), self.append()
        self.seals._seal_waiting()
        middle = hashlib.sha256((self.head + self.digest_of(first)).encode()).hexdigest()
        last = hashlib.sha256((middle + self.digest_of(second)).encode()).hexdigest()
        self.assertEqual(self.seals._head(), (self.position + 2, last))
        self.assertEqual(self.seals._head_at(self.position + 1), middle)
        self.assertEqual(chained(middle, self.digest_of(second)), last)

    def test_no_more_are_sealed_at_once_than_were_asked_for(self):
        made = [self.append() for _each in range(3)]
        self.assertEqual(self.seals._seal_waiting(batch=2), 2)
        self.assertEqual([event for event, _position in self.sealed()], made[:2])
        self.assertEqual(self.seals._seal_waiting(batch=2), 1)

    def test_a_late_event_below_the_reach_waits_for_the_nightly_check(self):
        late = self.append()
        newest = [self.append() for _each in range(3)][-1]
        self.drop("UPDATE fin_audit_event SET id = id + 100 WHERE id > %s", late)
        self.assertEqual(self.seals._seal_waiting(reach=-1), 3)  # what stands above the newest sealed one
        self.assertEqual([event for event, _digest in self.seals._waiting(10, EVERYTHING)], [late])
        self.assertEqual(self.seals._waiting(10, newest + 100 - late), [])
        self.assertEqual(len(self.seals._waiting(10, newest + 101 - late)), 1)
        self.assertEqual(self.seals._seal_waiting(reach=EVERYTHING), 1)

    def test_where_nothing_is_sealed_it_begins_at_the_beginning(self):
        self.drop("DELETE FROM fin_audit_seal")
        self.assertEqual(self.seals._head(), (0, GENESIS))
        self.assertIsNone(self.seals._verify())
        self.seals._seal_waiting(batch=1)
        position, head = self.seals._head()
        self.assertEqual((position, self.seals._head_at(1)), (1, head))
        [[event_id]] = self.env.execute_query(SQL("SELECT min(id) FROM fin_audit_event"))
        self.assertEqual(head, chained(GENESIS, self.digest_of(event_id)))

    def test_how_much_and_how_far_down_is_one_decision(self):
        here = fin_audit_seal
        self.assertEqual((here.BATCH, here.REACH, here.EVERYTHING), (20_000, 50_000, 1 << 62))
        with patch.object(type(self.seals), "_waiting", autospec=True, return_value=[]) as asked:
            self.seals._seal_waiting()
        asked.assert_called_once_with(self.seals, 20_000, 50_000)

    def test_the_engines_seal_is_a_transaction_of_its_own(self):
        with self.enter_registry_test_mode():
            self.append()
            self.assertEqual(self.seals._seal(), 1)
            self.assertEqual(self.seals._seal(), 0)

    # What the sealed log says

    def holds(self, key="k", digest=DIGEST, code="test.code", since=None):
        return self.seals._holds(code, "test", key, digest, since)

    def test_what_is_sealed_holds_and_what_is_not_does_not(self):
        self.append()
        self.assertFalse(self.holds())
        self.seals._seal_waiting()
        self.assertTrue(self.holds())

    def test_another_code_subject_or_fact_does_not_hold(self):
        self.append()
        self.seals._seal_waiting()
        for other in ({"key": "l"}, {"digest": "e" * 64}, {"code": "test.codf"}, {"key": "j"}, {"code": "test.cod"}):
            with self.subTest(other):
                self.assertFalse(self.holds(**other))

    def test_what_happened_before_then_does_not_hold_and_at_that_moment_does(self):
        self.append()
        self.seals._seal_waiting()
        [told] = self.seals._sealed("test.code", "test", "k")
        at = dt.datetime.fromisoformat(told["at"])
        second = dt.timedelta(seconds=1)
        self.assertEqual([self.holds(since=at + step) for step in (-second, 0 * second, second)], [True, True, False])

    def test_a_text_that_was_changed_with_or_without_its_columns_says_nothing(self):
        event_id = self.append()
        self.seals._seal_waiting()
        changes = {
            "text": ("content", "replace(content, 'Z', '0Z')"),
            "code": ("code", "'other.code'"),
            "subject": ("subject_key", "'other'"),
        }
        for name, (column, value) in changes.items():
            with self.subTest(name), self.env.cr.savepoint() as savepoint:
                self.drop(f"UPDATE fin_audit_event SET {column} = {value} WHERE id = %s", event_id)
                self.assertFalse(self.holds())
                self.assertFalse(self.holds(code="other.code") or self.holds(key="other"))
                savepoint.rollback()

    def test_no_other_text_has_the_same_seal_whether_its_digest_is_smaller_or_greater(self):
        event_id = self.append()
        self.seals._seal_waiting()
        for number in range(20):
            with self.subTest(number), self.env.cr.savepoint() as savepoint:
                text = "replace(content, 'Z', %s)"
                self.drop(f"UPDATE fin_audit_event SET content = {text} WHERE id = %s", f"{number}Z", event_id)
                self.assertFalse(self.holds())
                savepoint.rollback()

    def test_a_seal_that_does_not_follow_the_one_before_says_nothing(self):
        self.append("before")
        self.append()
        self.seals._seal_waiting()
        self.assertTrue(self.holds())
        self.drop("UPDATE fin_audit_seal SET head = repeat('f', 64) WHERE position = %s", self.position + 1)
        self.assertFalse(self.holds())

    # Verifying, over pages

    def verified(self, page, **more):
        with patch.object(fin_audit_chain, "PAGE", page):
            return self.seals._verify(**more)

    def test_a_chain_is_whole_whatever_a_page_holds(self):
        for _each in range(5):
            self.append()
        self.seals._seal_waiting()
        for page in (1, 2, 3, 5, 100_000):
            with self.subTest(page):
                self.assertIsNone(self.verified(page))
                self.assertIsNone(self.verified(page, after=self.position + 2))

    def test_the_first_bad_row_is_named_whatever_a_page_holds(self):
        events = [self.append() for _each in range(5)]
        self.seals._seal_waiting()
        self.drop("UPDATE fin_audit_event SET facts = '{}' WHERE id IN %s", tuple(events[2:4]))
        at = self.position + 3
        for page in (1, 2, 3, 100_000):
            with self.subTest(page):
                self.assertEqual(self.verified(page), (at, "event_changed"))
                self.assertEqual(self.verified(page, after=at - 1), (at, "event_changed"))
                self.assertEqual(self.verified(page, after=at), (at + 1, "event_changed"))
                self.assertIsNone(self.verified(page, after=at + 1))

    def test_it_looks_no_farther_than_it_has_to(self):
        events = [self.append() for _each in range(5)]
        self.seals._seal_waiting()
        self.drop("UPDATE fin_audit_event SET facts = '{}' WHERE id = %s", events[3])
        after = self.position
        self.assertIsNone(self.verified(1, after=after, until=after + 3))
        self.assertEqual(self.verified(1, after=after, until=after + 4), (after + 4, "event_changed"))
        self.assertEqual(self.verified(1, after=after), (after + 4, "event_changed"))

    def test_positions_below_the_first_are_seen(self):
        self.append()
        self.seals._seal_waiting()
        self.drop("UPDATE fin_audit_seal SET position = 0 WHERE position = %s", self.position + 1)
        self.assertEqual(self.seals._verify(), (0, "gap"))

    def test_the_earlier_of_a_bad_row_and_an_anchor_is_named(self):
        events = [self.append() for _each in range(5)]
        self.seals._seal_waiting()
        at = self.position + 4
        wrong = {"position": at - 2, "head": "f" * 64, "at": "2026-01-01"}
        good = {"position": at - 1, "head": self.seals._head_at(at - 1), "at": "2026-01-01"}
        self.drop("UPDATE fin_audit_event SET facts = '{}' WHERE id = %s", events[3])
        self.assertEqual(self.seals._verify(anchors=[good]), (at, "event_changed"))
        self.assertEqual(self.seals._verify(anchors=[wrong]), (1, "rewritten"))
        self.assertEqual(self.seals._verify(anchors=[good | {"position": at + 9}]), (at, "event_changed"))
        last = {"position": at - 1, "head": "f" * 64, "at": "2026-01-01"}
        self.assertEqual(self.seals._verify(anchors=[last]), (1, "rewritten"))

    def test_an_export_tells_each_row_once_whatever_a_page_holds(self):
        for _each in range(3):
            self.append()
        self.seals._seal_waiting()
        self.append()
        for page in (1, 2, 3, 100_000):
            with self.subTest(page), patch.object(fin_audit_chain, "PAGE", page):
                opening, *rows, end = map(json.loads, self.seals._export(after=self.position))
                self.assertEqual((opening["after"], opening["head"]), (self.position, self.head))
                self.assertEqual([row["position"] - self.position for row in rows], [1, 2, 3])
                self.assertEqual(
                    end["end"], {"position": self.position + 3, "head": self.seals._head()[1], "waiting": 1}
                )

    def test_an_export_from_the_beginning_begins_where_a_log_begins(self):
        opening, first, *_rest = map(json.loads, self.seals._export())
        self.assertEqual((opening["after"], opening["head"], opening["format"]), (0, GENESIS, "fin.audit/1"))
        self.assertEqual(first["position"], 1)
        self.assertEqual(opening["by"], self.env.user.login)
        self.assertRegex(opening["exported_at"], r"^\d{4}-\d\d-\d\dT[\d:.]+Z$")
