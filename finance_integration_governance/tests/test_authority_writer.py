from odoo.tests import TransactionCase, new_test_user, tagged

from odoo.addons.finance_integration_governance.core.authority import Rule
from odoo.addons.finance_integration_governance.models import authority_writer as writers


def writer(code="code", system="sap", run_id=1, digest="d", document=None):
    return writers.RunWriter(code, system, "owner", run_id, digest, document)


class Told:
    """A document, as far as a writer reads it."""

    def __init__(self, **parts):
        self.get = parts.get


def rule(edit="refuse", field="vat"):
    return Rule("partner", "master", field, "sap", "inbound", edit=edit)


@tagged("post_install", "-at_install")
class TestAuthorityWriter(TransactionCase):
    """Who writes, which rule is the nearest, and how values are compared and told."""

    def test_a_person_holds_their_login_and_their_groups(self):
        person = writers.Person(new_test_user(self.env, "anna", groups="base.group_user"))
        self.assertTrue(person.holds("user:anna") and person.holds("group:base.group_user"))
        self.assertFalse(person.is_flow)
        for other in (
            "zone:anna",
            "role:base.group_user",
            "user:ann",
            "user:annb",
            "user:bert",
            "group:base.group_system",
            "flow:anna",
            "flow:base.group_user",
        ):
            with self.subTest(other):
                self.assertFalse(person.holds(other))

    def test_a_writer_in_the_context_is_the_suites_object_or_none(self):
        run = writer()
        self.assertIs(writers.run_writer(self.env(context={writers.KEY: run})), run)
        for forged in (None, True, {"code": "code"}, writers.FlowWriter("code", "sap")):
            with self.subTest(forged):
                self.assertIsNone(writers.run_writer(self.env(context={writers.KEY: forged})))

    def test_a_run_is_governed_by_what_its_version_has_pinned(self):
        rules = {"partner": {"master": {"vat": rule().document()}}, "tax": {"actual": {"*": rule().document()}}}
        run = writer(document=Told(authority={"a": rules, "b": {}}))
        self.assertEqual(
            {company: set(told) for company, told in run.governed("partner").items()}, {"a": {"vat", "company_id"}}
        )
        self.assertEqual(run.governed("tax"), {})
        self.assertEqual([*run.governed("tax", "actual")], ["a"])
        self.assertEqual(writer(document=Told()).governed("partner"), {})

    def test_two_writers_are_one_by_their_run_and_its_version(self):
        self.assertEqual(writer(document=Told()), writer())
        self.assertEqual(hash(writer(document=Told())), hash(writer()))
        self.assertEqual((writer().code, writer().system, writer().owner), ("code", "sap", "owner"))
        for other in (
            writer(run_id=2),
            writer(run_id=0),
            writer(digest="e"),
            writer(digest="c"),
            None,
            writers.FlowWriter("code", "sap", "owner"),
        ):
            with self.subTest(other):
                self.assertFalse(writer() == other)

    def test_the_nearest_company_with_a_rule_for_the_field_decides(self):
        near, far, other = rule("warn"), rule(), rule(field="name")
        governed = {"mother": {"vat": far}, "child": {"vat": near}, "else": {"vat": other}}
        self.assertIs(writers.rule_for("vat", governed, ["child", "mother"]), near)
        self.assertIs(writers.rule_for("vat", governed, ["unknown", "mother"]), far)
        self.assertIs(writers.rule_for("vat", governed | {"child": {"name": other}}, ["child", "mother"]), far)
        self.assertIsNone(writers.rule_for("vat", governed, ["unknown"]))
        self.assertIsNone(writers.rule_for("name", governed, ["child"]))

    def test_what_belongs_to_no_company_is_everybodys_and_the_strict_rule_holds(self):
        warns, refuses = rule("warn"), rule()
        for governed in ({"a": {"vat": warns}, "b": {"vat": refuses}}, {"a": {"vat": refuses}, "b": {"vat": warns}}):
            self.assertIs(writers.rule_for("vat", governed, []), refuses)
        first = rule("warn")
        self.assertIs(writers.rule_for("vat", {"a": {"vat": first}, "b": {"vat": warns}}, []), first)
        self.assertIsNone(writers.rule_for("name", {"a": {"vat": warns}}, []))

    def test_what_is_held_and_what_would_be_are_spelled_alike(self):
        partner = self.env["res.partner"].create({"name": "A", "country_id": self.env.ref("base.de").id})
        for name, value in (
            ("name", "A"),
            ("country_id", self.env.ref("base.de").id),
            ("vat", False),
            ("is_company", 0),
        ):
            with self.subTest(name):
                self.assertEqual(writers.told(partner, name), writers.wanted(partner, name, value))
        self.assertNotEqual(writers.told(partner, "name"), writers.wanted(partner, "name", "B"))
        # Odoo says that there is no such choice, not the guard.
        self.assertEqual(writers.wanted(partner, "type", "no such type"), "no such type")

    def test_a_value_is_told_as_a_person_reads_it(self):
        partner, germany = self.env["res.partner"].create({"name": "A"}), self.env.ref("base.de")
        france = self.env.ref("base.fr")
        told = {
            ("country_id", germany.id): "Germany",
            ("country_id", None): None,
            ("country_id", False): False,
            ("category_id", ()): "",
            ("name", "A"): "A",
            ("nothing", "x"): "x",
            ("nothing", 5): 5,
        }
        for (name, value), words in told.items():
            with self.subTest((name, value)):
                self.assertEqual(writers.in_words(partner, name, value), words)
        tags = self.env["res.partner.category"].create([{"name": "One"}, {"name": "Two"}])
        self.assertEqual(writers.in_words(partner, "category_id", (*tags.ids, None)), "One, Two")
        self.assertEqual(writers.in_words(partner, "country_id", (france.id,)), "France")
