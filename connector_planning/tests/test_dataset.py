import json
from decimal import Decimal
from functools import partial
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger
from psycopg2.errors import RestrictViolation

from odoo.addons.finance_integration_governance.core.canonical import canonical, digest
from odoo.addons.finance_integration_governance.core.errors import ConfigurationError, TransientError
from odoo.addons.finance_integration_governance.core.reading import read
from odoo.addons.finance_integration_governance.core.stages import STAGES

from ..core.dataset_files import DatasetFiles
from ..core.manifests import MANIFEST
from .close import CODE, LATER, CloseMixin
from .common import PlanningCase


class DatasetCase(CloseMixin, PlanningCase):
    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())
        self.folder = self.folder_of_files()

    def dataset_flow(self, **vals):
        settings = {"location": self.folder.as_uri()}
        vals.setdefault("options", {"checkpoint": CODE})
        return self.made_flow("planning.dataset", settings, "fin.object.dataset", "datasets-test", **vals)

    def reader_sees(self, kind="trial_balance", period="2026-01"):
        """(status, edition's number, reason, rows) for whoever follows the manifest."""
        [path] = self.folder.glob(f"{kind}_*_{period}.manifest.json")
        told = json.loads(path.read_text())
        [file] = told["files"]
        rows = (self.folder / file["file"]).read_bytes().count(b"\r\n") - 1
        self.assertEqual(rows, file["totals"]["count"])
        return told["status"], told["edition"][:3], told.get("reason"), rows

    def publish(self, flow):
        self.env.flush_all()
        run = self.complete(self.queue(flow))
        self.env.flush_all()
        self.env.invalidate_all()
        return run

    def late(self, day, amount):
        move = self.entry(day, amount)
        self.env.flush_all()
        self.env.cr.precommit.run()
        return move

    def read_by_sql(self, kind="trial_balance"):
        """(account, closing, signature, edition's number) as a reader of the database sees it."""
        self.env.flush_all()
        self.env.cr.execute(
            f"SELECT account, closing::text, signature, left(edition, 3) FROM fin_published.{kind} "
            "WHERE company = %s ORDER BY period, account",
            [self.company.fin_code],
        )
        return [(account, Decimal(closing), *rest) for account, closing, *rest in self.env.cr.fetchall()]


@tagged("post_install", "-at_install")
class TestDataset(DatasetCase):
    """What a reader gets is whole, signed, and never changes."""

    def setUp(self):
        super().setUp()
        partner = self.env["res.partner"].create({"name": "Zoë | Söhne"})
        claims = self.account("400000", "Customers", "asset_receivable")
        self.account("999998", "Undistributed", "equity_unaffected")
        self.entry("2025-12-10", 11)
        self.entry("2026-01-10", 100)
        move = self.entry("2026-01-12", 40, debit=claims, post=False)
        move.line_ids[0].partner_id = partner
        move.line_ids[0].name = '=sum "x"\n\u2028'
        move.action_post()
        self.close_calendar()
        self.datasets = self.dataset_flow()

    def files(self):
        return sorted(path.name for path in self.folder.iterdir())

    def test_nothing_is_published_before_the_signature(self):
        run = self.publish(self.datasets)
        self.assertEqual((run.received, self.files()), (0, []))

    def test_a_signed_period_is_published_whole_with_its_control_files(self):
        self.sign("2026-01")
        run = self.publish(self.datasets)
        self.assertEqual((run.state, run.reconciliation_state), ("done", "tied"))
        self.assertEqual(len(self.files()), 9)
        self.assertEqual(self.reader_sees(), ("published", "001", None, 4))
        found = self.env["fin.dataset"].search([("run_id", "=", run.id)])
        self.assertEqual({(one.kind, one.rows, one.signature) for one in found}, {
            ("trial_balance", 4, "signed"), ("subledger", 1, "signed"), ("general_ledger", 4, "signed")
        })  # fmt: skip
        control = json.loads(next(self.folder.glob("trial*.control.json")).read_text())
        self.assertEqual((control["totals"]["count"], control["totals"]["amounts"]), (4, {self.currency(): "0"}))

    def currency(self):
        return self.company.currency_id.name

    def test_its_rows_are_those_of_its_own_month(self):
        self.entry("2026-02-10", 3)
        for month in ("2026-01", "2026-02"):
            self.sign(month)
        run = self.publish(self.datasets)
        for dataset in self.env["fin.dataset"].search([("run_id", "=", run.id)]):
            rows = self.env["fin.item"].search(dataset.action_open_rows()["domain"])
            with self.subTest(dataset.display_name):
                self.assertEqual(len(rows), dataset.rows)
                self.assertEqual({json.loads(row.content)["period"] for row in rows}, {dataset.period})

    def test_the_trial_balance_opens_with_the_fiscal_year(self):
        self.sign("2026-01")
        self.publish(self.datasets)
        told = {account: closing for account, closing, *_rest in self.read_by_sql()}
        self.assertEqual(told, {
            "550000": Decimal(111), "400000": Decimal(40), "700000": Decimal(-140), "999998": Decimal(-11)
        })  # fmt: skip

    def test_what_sql_spells_is_what_the_contract_spells(self):
        self.sign("2026-01")
        run = self.publish(self.datasets)
        self.env.cr.execute("SELECT contract, content, digest, key FROM fin_item WHERE run_id = %s", [run.id])
        for contract, content, told, key in self.env.cr.fetchall():
            [cls] = [one for one in DatasetFiles.carries if one.contract == contract]
            one = read(cls, json.loads(content))
            self.assertEqual((content, told, key), (canonical(one), digest(content), one.key))

    def test_law2_a_signature_is_published_once(self):
        self.sign("2026-01")
        self.publish(self.datasets)
        before = self.files()
        self.assertEqual((self.publish(self.datasets).received, self.files()), (0, before))

    def test_a_late_entry_suspends_marks_what_was_published_and_stops_the_next(self):
        self.sign("2026-01")
        self.publish(self.datasets)
        self.late("2026-01-20", 5)
        before = {path.name: path.read_bytes() for path in self.folder.iterdir() if "manifest" not in path.name}
        run = self.publish(self.datasets)
        self.assertEqual((run.state, run.reconciliation_state, run.delivered), ("done", "tied", 3))
        self.assertEqual(self.reader_sees(), ("suspended", "001", "Trial balance 2026-01 is suspended", 4))
        self.assertEqual({name: (self.folder / name).read_bytes() for name in before}, before)
        self.assertEqual(self.publish(self.datasets).received, 0)
        found = self.env["fin.dataset"].search([])
        self.assertEqual(set(found.mapped("signature")), {"suspended"})
        opened = found[0].action_open_checkpoint()
        self.assertEqual(self.env[opened["res_model"]].browse(opened["res_id"]).state, "suspended")
        self.assertEqual({row[2] for row in self.read_by_sql()}, {"suspended"})
        self.assertEqual(self.env["fin.dataset"].search_count([("signature", "=", "suspended")]), 3)

    def test_signed_anew_it_is_the_next_edition_and_the_old_files_stay(self):
        self.sign("2026-01")
        self.publish(self.datasets)
        before = {path.name: path.read_bytes() for path in self.folder.iterdir() if "manifest" not in path.name}
        self.late("2026-01-20", 5)
        self.sign("2026-01")
        self.publish(self.datasets)
        self.assertEqual(len(self.files()), 15)
        self.assertEqual(self.reader_sees(), ("published", "002", None, 4))
        self.assertEqual({name: (self.folder / name).read_bytes() for name in before}, before)
        self.assertEqual({row[2:] for row in self.read_by_sql()}, {("signed", "002")})
        states = self.env["fin.dataset"].search([("kind", "=", "trial_balance")]).mapped("state")
        self.assertEqual(sorted(states), ["published", "superseded"])

    def test_what_was_suspended_on_the_way_waits_and_gives_way_to_the_next_signature(self):
        self.sign("2026-01")
        run = self.queue(self.datasets)
        run._transition("start", digest=run.version_digest)
        self.go_on(run, ("extract", "validate", "map"))
        self.late("2026-01-20", 5)
        self.go_on(run, ("gate",))
        self.assertEqual((run.state, self.files()), ("held", []))
        self.sign("2026-01")
        self.assertEqual(run.state, "queued")
        run._transition("start", digest=run.version_digest)
        self.go_on(run, STAGES[STAGES.index("gate") :])
        self.env.invalidate_all()
        self.assertEqual((set(run.item_ids.mapped("outcome")), self.files()), ({"superseded"}, []))
        self.publish(self.datasets)
        self.assertEqual((len(self.files()), self.reader_sees()[0]), (9, "published"))

    def test_law7_what_was_published_is_not_rewritten(self):
        self.sign("2026-01")
        self.publish(self.datasets)
        dataset = self.env["fin.dataset"].search([], limit=1)
        with self.assertRaises(AccessError):
            dataset.with_user(self.operator).write({"rows": 0})
        with mute_logger("odoo.sql_db"), self.assertRaises(RestrictViolation), self.env.cr.savepoint():
            self.env.cr.execute("UPDATE fin_dataset SET edition = 'x' WHERE id = %s", [dataset.id])

    def test_fixed_assets_are_what_the_ledger_shows(self):
        machines = self.account("240000", "Machines", "asset_fixed")
        worn = self.account("240009", "Depreciation of machines", "asset_fixed")
        expense = self.account("630000", "Depreciation", "expense_depreciation")
        self.entry("2025-12-31", 500, debit=machines, credit=self.bank)
        self.entry("2026-01-05", 200, debit=machines, credit=self.bank)
        self.entry("2026-01-20", 80, debit=self.bank, credit=machines)
        self.entry("2026-01-31", 30, debit=expense, credit=worn)
        self.sign("2026-01")
        run = self.publish(self.datasets)
        self.assertEqual((run.state, self.reader_sees("fixed_assets")[0]), ("done", "published"))
        columns = "account, opening, additions, disposals, depreciation, closing"
        self.env.cr.execute(f"SELECT {columns} FROM fin_published.fixed_assets ORDER BY account")
        told = {account: tuple(map(int, amounts)) for account, *amounts in self.env.cr.fetchall()}
        self.assertEqual(told, {"240000": (500, 200, 80, 0, 620), "240009": (0, 0, 0, 30, -30)})
        ledger = {account: closing for account, closing, *_rest in self.read_by_sql()}
        self.assertEqual({account: ledger[account] for account in told}, {"240000": 620, "240009": -30})

    def test_an_addon_adds_a_register_as_one_more_dataset(self):
        """As an addon does by inheriting `_kinds` and adding to the selection of `fin.dataset.kind`."""
        objects, kind = type(self.env["fin.object.dataset"]), self.env["fin.dataset"]._fields["kind"]
        kinds = objects._kinds

        def register(business, company, name, period, edition):
            place = {"dataset": name, "company": company.fin_code, "period": period, "edition": edition}
            fixed = SQL(", ").join(SQL("%s AS %s", told, SQL.identifier(one)) for one, told in place.items())
            row = SQL("SELECT %s, 'A-1' AS account, 'Press' AS account_name, NULL AS partner, 'EUR' AS currency", fixed)
            return SQL("%s, 9 AS opening, 2 AS additions, 0 AS disposals, 1 AS depreciation, 10 AS closing", row)

        def more(business):
            spelling, _rows = kinds(business)["fixed_assets"]
            return {**kinds(business), "asset_register": (spelling, partial(register, business))}

        self.patch(objects, "_kinds", more)
        self.patch(kind, "_selection", {**kind._selection, "asset_register": "Asset register"})
        self.env["fin.dataset"].init()
        self.sign("2026-01")
        run = self.publish(self.datasets)
        self.assertEqual((run.state, run.reconciliation_state), ("done", "tied"))
        self.assertEqual(self.reader_sees("asset_register")[::3], ("published", 1))
        self.assertEqual(self.read_by_sql("asset_register"), [("A-1", Decimal(10), "signed", "001")])

    def test_a_suspension_wakes_the_flow_that_has_published(self):
        self.sign("2026-01")
        self.publish(self.datasets)
        self.assertFalse(self.env["fin.event"].search([("flow_id", "=", self.datasets.id)]))
        self.late("2026-01-20", 5)
        self.tick()
        [event] = self.env["fin.event"].search([("flow_id", "=", self.datasets.id)])
        self.assertTrue(event.key.startswith("suspended:") and event.key.endswith(f"2026-01/{CODE}"))
        self.env["fin.event"]._take(LATER)
        self.assertEqual(event.slot_id.flow_id, self.datasets)

    def sign_again(self):
        """To the same figures the same second person has said yes already: another one does."""
        self.approver = self.person("third", "group_approver")
        return self.sign("2026-01")

    def test_figures_that_are_signed_again_as_they_were_lift_the_mark(self):
        checkpoint = self.sign("2026-01")
        self.publish(self.datasets)
        move = self.late("2026-01-20", 5)
        self.publish(self.datasets)
        move.button_draft()
        self.env.flush_all()
        self.env.cr.precommit.run()
        self.assertEqual(self.reader_sees()[0], "suspended")
        self.assertEqual(self.sign_again(), checkpoint)
        run = self.publish(self.datasets)
        self.assertEqual((run.delivered, self.reader_sees()), (3, ("published", "001", None, 4)))

    def test_a_mark_does_not_wait_behind_the_checkpoint_that_is_suspended(self):
        self.datasets.gate_checkpoint_id = self.template()
        self.approve(self.datasets)
        self.sign("2026-01")
        self.publish(self.datasets)
        self.late("2026-01-20", 5)
        self.assertEqual((self.publish(self.datasets).state, self.reader_sees()[0]), ("done", "suspended"))

    def test_a_mark_that_is_outdated_on_the_way_is_not_told(self):
        self.sign("2026-01")
        self.publish(self.datasets)
        move = self.late("2026-01-20", 5)
        run = self.queue(self.datasets)
        run._transition("start", digest=run.version_digest)
        self.go_on(run, ("extract", "validate", "map"))
        move.button_draft()
        self.sign_again()
        self.go_on(run, STAGES[STAGES.index("gate") :])
        self.assertEqual((run.state, run.superseded, self.reader_sees()[0]), ("done", 3, "published"))

    def test_killed_between_the_files_and_the_manifest_the_next_worker_writes_it(self):
        self.sign("2026-01")
        self.publish(self.datasets)
        self.late("2026-01-20", 5)
        self.sign("2026-01")
        send, sent = DatasetFiles.send, []

        def killed(connector, payload, key):
            if payload.name.endswith(MANIFEST) and not sent:
                sent.append(payload.name)
                raise TransientError("the connection is gone", sent=False)
            return send(connector, payload, key)

        run = self.queue(self.datasets)
        with patch.object(DatasetFiles, "send", killed):
            error = self.cut_off(run)
            self.assertEqual(self.reader_sees()[:2], ("published", "001"))
            run._nothing_left(error)
            self.go_on(run, STAGES[STAGES.index("deliver") :])
        self.assertEqual((run.state, self.reader_sees()[:2]), ("done", ("published", "002")))
        self.assertEqual(len(self.files()), 15)

    def test_law_8_without_a_checkpoint_nothing_is_published(self):
        self.datasets.options = {}
        self.approve(self.datasets)
        with self.assertRaises(ConfigurationError):
            self.collect(self.datasets)
