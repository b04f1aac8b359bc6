from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, tagged

from .common import LawScene


@tagged("post_install", "-at_install")
class TestDictionary(LawScene, TransactionCase):
    """The data dictionary says what the code says; people add who answers for it and what they call it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["fin.entity"]._refresh()
        cls.account = cls.env["fin.entity"].search([("name", "=", "master.account")])
        cls.number = cls.account.field_ids.filtered(lambda field: field.name == "number")

    def test_every_field_that_is_installed_has_a_definition(self):
        silent = self.env["fin.entity.field"].search([("is_here", "=", True), ("means", "in", (False, ""))])
        self.assertFalse(silent.filtered(lambda field: not field.entity_id.name.startswith("test.")))

    def test_a_field_is_found_by_the_name_that_an_outside_system_uses(self):
        found = self.env["fin.entity.field"].search([("display_name", "ilike", "SAKNR")])
        self.assertEqual(found.mapped("entity_id.name"), ["master.account"])

    def test_owner_and_other_names_outlive_an_update(self):
        owner = self.people["operator"]
        self.by("administrator", self.account).write({"owner_id": owner.id})
        self.by("administrator", self.number).write({"other_names": "Konto, Sachkonto"})
        self.env["fin.entity"]._refresh()
        self.assertEqual((self.account.owner_id, self.number.owner_id), (owner, owner))
        self.assertEqual(self.number.other_names, "Konto, Sachkonto")

    def test_a_field_may_have_an_owner_of_its_own(self):
        self.by("administrator", self.number).write({"owner_id": self.people["auditor"].id})
        self.assertEqual(self.number.owner_id, self.people["auditor"])
        self.assertFalse(self.account.owner_id)

    def test_a_definition_is_written_in_the_code_only(self):
        with self.assertRaises(UserError):
            self.by("administrator", self.number).write({"means": "something else"})
        with self.assertRaises(AccessError):
            self.by("operator", self.number).write({"other_names": "x"})
        with self.assertRaises(AccessError):
            self.by("administrator", "fin.entity").create({"name": "x"})

    def test_an_entity_knows_its_contracts(self):
        self.assertEqual(self.account.contract_ids.mapped("name"), ["master.account/1.0"])
        self.assertIn('"SAKNR"', f'"{self.number.aliases.split(" ")[1].rstrip(";")}"')

    def test_a_contract_shows_its_schema(self):
        self.assertIn('"required"', self.by("viewer", self.account.contract_ids).schema)

    def test_the_dictionary_is_exported_as_it_is_seen(self):
        rows = self.number.export_data(["entity_id/name", "name", "means", "aliases"])["datas"]
        self.assertEqual(rows[0][:2], ["master.account", "number"])
