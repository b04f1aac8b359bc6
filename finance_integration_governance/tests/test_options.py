from pathlib import Path

from odoo.tests import TransactionCase, tagged

from odoo.addons.finance_integration_governance.core.testing.options_read import options_read


@tagged("post_install", "-at_install")
class TestOptions(TransactionCase):
    def test_the_options_of_every_object_are_those_that_the_engine_reads(self):
        declared = {one.name for one in self.env["fin.object"]._known_options(self.env.company)}
        self.assertEqual(declared, options_read(Path(__file__).parents[1] / "models"))
