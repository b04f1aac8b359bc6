from pathlib import Path

from odoo.tests import TransactionCase, tagged

from odoo.addons.finance_integration_governance.core.testing.options_read import options_read


@tagged("post_install", "-at_install")
class TestOptions(TransactionCase):
    def test_the_options_of_bank_statements_are_those_that_the_code_reads(self):
        company = self.env.company
        of_all, declared = (
            {one.name for one in self.env[name]._known_options(company)}
            for name in ("fin.object", "fin.object.bank_statement")
        )
        self.assertEqual(declared - of_all, options_read(Path(__file__).parents[1] / "models"))
