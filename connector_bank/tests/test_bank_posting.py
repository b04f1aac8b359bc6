"""Lines posted in chunks are the lines that stock Odoo makes: every stored field, every message, every follower."""

import gc
from datetime import date, timedelta

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from odoo.tests import tagged
from odoo.tools import SQL

from ..models.posting import bulk
from .common import BankCase

DAYS = st.integers(0, 500).map(lambda n: date(2025, 6, 1) + timedelta(days=n))
CENTS = st.integers(-5_000_000, 5_000_000).map(lambda n: n / 100)
WORDS = st.sampled_from(["Invoice INV/2026/00012", "Salary", "<b>x</b>", "Ä 漢", None])
ONE_LINE = st.fixed_dictionaries(
    {
        "date": st.one_of(DAYS, st.sampled_from([date(2026, 1, 31), date(2026, 2, 1)])),
        "amount": CENTS,
        "payment_ref": WORDS,
        "partner": st.integers(0, 4),
        "foreign": st.sampled_from([None, None, None, 1.1, 0.9]),
        "statement": st.integers(0, 2),
        "ref": st.sampled_from([None, "R1", "R0"]),
        "counterpart": st.sampled_from([None, None, None, True]),
        "sequence": st.integers(1, 3),
    }
)
MODELS = (
    "account.bank.statement",
    "account.bank.statement.line",
    "account.move",
    "account.move.line",
    "account.analytic.line",
    "mail.message",
    "mail.tracking.value",
    "mail.followers",
    "res.partner",
)


@tagged("post_install", "-at_install")
class TestBankPosting(BankCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dollar = cls.env.ref("base.USD")
        cls.dollar.active = True
        cls.env["res.currency.rate"].create(
            {"currency_id": cls.dollar.id, "company_id": cls.company.id, "name": "2025-01-01", "rate": 1.25}
        )
        cls.dollars = cls.new_journal("USD", "DE02 1203 0000 0000 2020 51", currency_id=cls.dollar.id)
        cls.clerk = cls.person("clerk", "group_operator")
        cls.partners = cls.env["res.partner"].create([{"name": f"Partner {n}"} for n in range(4)])
        cls.env["res.partner.bank"].create({"acc_number": "NL91ABNA0417164300", "partner_id": cls.partners[1].id})
        cls.partners[3].parent_id = cls.partners[2]
        cls.other = cls.env["account.account"].create(
            {"code": "600001", "name": "Fees", "account_type": "expense", "company_ids": cls.company.ids}
        )
        plan = cls.env["account.analytic.plan"].create({"name": "Plan"})
        share = cls.env["account.analytic.account"].create({"name": "Share", "plan_id": plan.id})
        cls.env["account.analytic.distribution.model"].create(
            {"partner_id": cls.partners[0].id, "analytic_distribution": {str(share.id): 100}}
        )

    @settings(
        max_examples=15,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(
        st.lists(ONE_LINE, min_size=1, max_size=12),
        st.booleans(),
        st.sampled_from([None, "BNK/2026/0007", "X-9", "GI/2026/01/0003"]),
    )
    def test_records_and_messages_equal_those_of_stock_over_random_statements(self, drawn, in_dollars, named):
        journal = self.dollars if in_dollars else self.german
        stock = self.made(journal, drawn, named, in_chunks=False)
        ours = self.made(journal, drawn, named, in_chunks=True)
        for model in MODELS:
            self.assertEqual(ours[model], stock[model], model)

    def test_a_chunk_asks_the_database_little_more_than_a_line_does(self):
        few, many = (self.queries(self.some(n)) for n in (10, 100))
        self.assertLess(many - few, 40)

    def test_chunks_after_each_other_leave_no_environments_behind(self):
        """Odoo looks through all of them whenever it makes one: each chunk would be slower than the one before."""
        gc.disable()
        self.addCleanup(gc.enable)
        bulk.create_lines(self.as_clerk(), self.some(2))
        before = len(self.env.transaction.envs)
        for _chunk in range(3):
            bulk.create_lines(self.as_clerk(), self.some(2))
        self.assertEqual(len(self.env.transaction.envs), before)

    def test_an_addon_that_extends_what_is_stood_in_for_makes_the_chunk_stocks(self):
        model = type(self.env["account.move"])
        self.assertEqual(bulk.strangers(self.env), [])
        self.patch(model, "write", lambda moves, vals: super(model, moves).write(vals))
        self.assertEqual(len(bulk.strangers(self.env)), 1)
        with self.assertLogs(bulk.__name__) as logged:
            made = bulk.create_lines(self.as_clerk(), self.some(3))
        self.assertIn("account.move.write", logged.output[0])
        self.assertEqual(made.move_id.mapped("state"), ["posted"] * 3)

    def test_no_client_can_say_that_a_chunk_is_posted(self):
        for sent in (True, 1, {"told": {}}, "Bulk"):
            self.assertIsNone(bulk.bulk_of(self.env(context={bulk.KEY: sent})))

    def test_lines_of_another_company_are_refused_in_a_chunk_too(self):
        stranger = self.env["res.partner"].create({"name": "Stranger", "company_id": self.new_company("Other").id})
        vals = self.some(4)
        vals[2]["partner_id"] = stranger.id
        with self.assertRaisesRegex(Exception, "company"):
            bulk.create_lines(self.as_clerk(), vals)

    # What is made

    def as_clerk(self):
        env = self.env(user=self.clerk, su=False, context={"allowed_company_ids": self.company.ids, "lang": "en_US"})
        return env["account.bank.statement.line"]

    def some(self, count):
        return [
            {"journal_id": self.german.id, "date": "2026-03-02", "amount": n + 1.5, "payment_ref": f"Line {n}"}
            for n in range(count)
        ]

    def queries(self, vals):
        before = self.env.cr.sql_log_count
        bulk.create_lines(self.as_clerk(), vals)
        return self.env.cr.sql_log_count - before

    def made(self, journal, drawn, named, in_chunks):
        """What stands in the database after these lines were made in two chunks; then it is taken back."""
        counters = self.counters()
        with self.env.cr.savepoint() as savepoint:
            lines = self.as_clerk()
            opening = {"journal_id": journal.id, "date": "2026-01-31", "amount": 1, "payment_ref": "before"}
            first = lines.create(opening)
            if named:
                first.move_id.name = named
            statements = lines.env["account.bank.statement"].create(
                [{"name": f"S{n}", "balance_start": 10.0, "balance_end_real": 9.5 * n} for n in range(2)]
            )
            vals = [self.vals(one, journal, statements) for one in drawn]
            self.env.cr.flush()
            self.env.invalidate_all()
            middle = (len(vals) + 1) // 2
            for chunk in (vals[:middle], vals[middle:]):
                if chunk:
                    bulk.create_lines(lines, chunk, in_chunks)
                self.env.cr.flush()
                self.env.invalidate_all()
            found = {model: self.stored(model, counters) for model in MODELS}
            savepoint.rollback()
        self.env.invalidate_all()
        self.count_from(counters)
        return found

    def vals(self, one, journal, statements):
        partner = self.partners[one["partner"]] if one["partner"] < 4 else self.partners.browse()
        foreign = self.euro if journal == self.dollars else self.dollar
        abroad = one["foreign"] and one["amount"]
        told = {
            "journal_id": journal.id,
            "date": one["date"],
            "amount": one["amount"],
            "payment_ref": one["payment_ref"],
            "partner_id": partner.id,
            "sequence": one["sequence"],
            "transaction_details": {"n": one["sequence"]},
            "statement_id": statements[one["statement"]].id if one["statement"] < 2 else False,
        }
        if abroad:
            told |= {"foreign_currency_id": foreign.id, "amount_currency": round(one["amount"] * one["foreign"], 2)}
        if one["ref"]:
            told["ref"] = one["ref"]
        if one["counterpart"]:
            told["counterpart_account_id"] = self.other.id
        return told

    # What is compared

    def counters(self):
        return {model: self.last(model) for model in MODELS}

    def count_from(self, counters):
        """Both kinds of lines get the same numbers, so that whatever refers to them can be compared as it is."""
        for model, last in counters.items():
            # A sequence that nobody has asked begins with its first number.
            told = (f"{self.env[model]._table}_id_seq", max(last, 1), last > 0)
            self.env.cr.execute(SQL("SELECT setval(%s, %s, %s)", *told))

    def last(self, model):
        sequence = SQL.identifier(f"{self.env[model]._table}_id_seq")
        self.env.cr.execute(SQL("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM %s", sequence))
        return self.env.cr.fetchone()[0]

    def stored(self, model, counters):
        """Each new record, and each partner, with all its columns."""
        after = 0 if model == "res.partner" else counters[model]
        table = SQL.identifier(self.env[model]._table)
        self.env.cr.execute(SQL("SELECT * FROM %s WHERE id > %s ORDER BY id", table, after))
        rows = self.env.cr.dictfetchall()
        for row in rows if model == "mail.message" else ():
            # The number that a message has for the world is drawn by lot, and its hour is that of the clock.
            del row["message_id"], row["date"]
        return rows
