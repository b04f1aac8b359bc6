import hashlib
import json

from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, tagged

from .common import fact
from .evidence_scene import EvidenceScene


@tagged("post_install", "-at_install")
class TestEvidencePopulation(EvidenceScene, TransactionCase):
    """Populations with their samples, and the matrix of duties."""

    def test_a_sample_can_be_drawn_again_by_hand(self):
        self.start(*(fact(f"k{number}") for number in range(40)))
        record = self.built(kind="population", population="items", seed="2026-Q1", sample_size=5)
        folder = self.unpacked(record)
        names = sorted(row["item"] for row in self.rows(folder, "population"))
        digest = hashlib.sha256("".join(f"{name}\n" for name in names).encode()).hexdigest()
        expected = sorted(names, key=lambda n: hashlib.sha256(f"2026-Q1\n{digest}\n{n}".encode()).hexdigest())[:5]
        drawn = self.rows(folder, "sample")
        self.assertEqual([row["item"] for row in drawn], expected)
        self.assertEqual([row["rank"] for row in drawn], [1, 2, 3, 4, 5])
        facts = json.loads((folder / "manifest.json").read_text())["sample"]
        self.assertEqual((facts["seed"], facts["population_digest"], facts["drawn"]), ("2026-Q1", digest, expected))

    def test_the_seed_is_logged_before_the_sample_is_drawn(self):
        self.start(fact("a"))
        asked = self.ask(kind="population", population="runs", sample_size=1)
        [event] = self.env["fin.audit.event"].search([("code", "=", "fin.evidence.pack.ask")])
        self.assertEqual(json.loads(event.facts)["seed"], asked.seed)

    def test_every_kind_of_population_can_be_exported(self):
        self.start(fact("a"), fact("poison"))
        for kind in ("runs", "items", "versions", "approvals", "exceptions"):
            with self.subTest(kind):
                folder = self.unpacked(self.built(kind="population", population=kind, seed="1", sample_size=2))
                self.assertTrue(self.rows(folder, "population"))
                self.assertTrue(self.rows(folder, "sample"))

    # Duties

    def test_conflicts_of_rights_are_marked_also_over_two_logins(self):
        second = self.person("approver", "second-login", partner_id=self.people["operator"].partner_id.id)
        folder = self.unpacked(self.built())
        rows = {row["logins"]: row for row in self.rows(folder, "duties")}
        both = next(row for logins, row in rows.items() if second.login in logins)
        self.assertIn("law-operator", both["logins"])
        self.assertIn("approve + propose", both["conflicts"])
        self.assertNotIn("conflicts", rows["law-viewer"]) if "law-viewer" in rows else None

    def test_blocked_attempts_are_listed(self):
        version = self.propose(self.new_flow("evidence-blocked"))
        self.assertTrue(self.refusal(self.by("operator", version)._approve))
        folder = self.unpacked(self.built())
        blocked = {(row["code"], row.get("why")) for row in self.rows(folder, "blocked_attempts")}
        self.assertIn(("fin.approval.refused", "no_approver"), blocked)

    def test_blocked_attempts_are_told_in_words_on_the_screen(self):
        version = self.propose(self.new_flow("evidence-blocked"))
        try:
            self.by("viewer", version)._approve()
        except AccessError:
            self.env.flush_all()
        told = str(self.by("auditor", "fin.evidence.duties").create({}).blocked)
        for words in ("law-viewer", "To approve or reject", "Approval: ", "You need the right approver for this."):
            self.assertIn(words, told)
        self.assertNotIn("no_approver", told)
        self.assertNotIn("#", told)

    def test_the_matrix_is_for_auditors(self):
        one = self.by("auditor", "fin.evidence.duties").create({})
        self.assertIn("law-operator", one.matrix)
        with self.assertRaises(AccessError):
            self.by("administrator", "fin.evidence.duties").create({})
