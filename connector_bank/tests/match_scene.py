"""A company with customers, invoices and bank lines, an accountant, and matching rules that were approved."""

from odoo import Command

from odoo.addons.finance_integration_governance.models.writer import by_program

from .common import BankCase

EVERYTHING = (
    {"name": "References", "kind": "reference"},
    {"name": "Payments of ours", "kind": "end_to_end"},
    {"name": "Numbers", "kind": "number"},
)


class MatchCase(BankCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.receivable = cls.account("120000", "asset_receivable", reconcile=True)
        cls.payable = cls.account("160000", "liability_payable", reconcile=True)
        cls.income = cls.account("400000", "income")
        cls.fees = cls.account("690000", "expense")
        cls.gain = cls.account("480000", "income_other")
        cls.loss = cls.account("680000", "expense")
        cls.outstanding = cls.account("199100", "asset_current", reconcile=True)
        cls.sales = cls.journal("INV", "sale", cls.income)
        cls.purchases = cls.journal("BILL", "purchase", cls.fees)
        cls.exchange = cls.journal("EXCH", "general", cls.gain)
        cls.company.write(
            {
                "currency_exchange_journal_id": cls.exchange.id,
                "income_currency_exchange_account_id": cls.gain.id,
                "expense_currency_exchange_account_id": cls.loss.id,
            }
        )
        cls.accountant = cls.person("accountant", "group_operator")
        cls.anna = cls.partner("Anna Weber GmbH", "DE02120300000000202051")
        cls.bert = cls.partner("Bert Klein KG", "DE02500105170137075030")

    @classmethod
    def account(cls, code, kind, **vals):
        return cls.env["account.account"].create(
            {"code": code, "name": kind, "account_type": kind, "company_ids": cls.company.ids, **vals}
        )

    @classmethod
    def journal(cls, code, kind, account):
        vals = {"name": code, "code": code, "type": kind, "default_account_id": account.id}
        return cls.env["account.journal"].create({"company_id": cls.company.id, **vals})

    @classmethod
    def partner(cls, name, number=None):
        partner = cls.env["res.partner"].create({"name": name, "customer_rank": 1, "company_id": cls.company.id})
        with_company = partner.with_company(cls.company)
        with_company.property_account_receivable_id, with_company.property_account_payable_id = (
            cls.receivable,
            cls.payable,
        )
        if number:
            cls.env["res.partner.bank"].create({"acc_number": number, "partner_id": partner.id})
        return partner

    @classmethod
    def invoice(cls, partner, amount, kind="out_invoice", day="2026-03-01", currency=None, **vals):
        move = cls.env["account.move"].create(
            {
                "move_type": kind,
                "partner_id": partner.id,
                "invoice_date": day,
                "journal_id": (cls.sales if kind.startswith("out") else cls.purchases).id,
                "currency_id": (currency or cls.euro).id,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "work",
                            "price_unit": amount,
                            "tax_ids": False,
                            "account_id": (cls.income if kind.startswith("out") else cls.fees).id,
                        }
                    )
                ],
                **vals,
            }
        )
        move.action_post()
        return move

    @classmethod
    def line(cls, amount, text="", partner=None, name="", account="", journal=None, day="2026-03-15", **vals):
        told = vals.pop("told", {})
        number = account or (partner and partner.bank_ids[:1].acc_number) or False
        return cls.env["account.bank.statement.line"].create(
            {
                "journal_id": (journal or cls.german).id,
                "date": day,
                "amount": amount,
                "payment_ref": text or "/",
                "partner_name": name or (partner and partner.name) or False,
                "account_number": number,
                "transaction_details": told,
                **vals,
            }
        )

    @classmethod
    def rules(cls, *rules):
        """These rules, and no others, as a second person has approved them with the policy."""
        cls.env["fin.match.rule"].search([("company_id", "=", cls.company.id)]).unlink()
        cls.env["fin.match.rule"].create([{"company_id": cls.company.id, **rule} for rule in rules])
        policy = cls.env["fin.policy"].with_user(cls.operator)._of(cls.company)
        change = policy.env["fin.change"]._propose(policy)
        change.action_submit()
        for version in change.version_ids:
            by_program(version.with_user(cls.second))._approve()
        cls.env["fin.audit.seal"]._seal_waiting()
        return policy

    @property
    def screen(self):
        return self.env["fin.match.screen"].with_user(self.accountant)

    def propose(self, line):
        return self.screen.proposals(line.id)["proposals"]

    def first(self, line):
        return self.propose(line)[0]

    def take(self, line, proposal=None, rest="write_off"):
        """Apply a proposal as the screen does."""
        one = proposal or self.first(line)
        parts = [[part["item"], part["amount"]] for part in one["parts"]]
        told = self.screen.apply(line.id, parts, one["kind"], rest, one["partner_id"], one["account"])
        self.env.invalidate_all()
        return told

    def item(self, move):
        return move.line_ids.filtered(
            lambda one: one.account_id.account_type in ("asset_receivable", "liability_payable")
        )

    def evidence(self, line, act="applied"):
        return self.env["fin.match"].search([("line_id", "=", line.id), ("act", "=", act)])

    def match_by_run(self, flow=None):
        """A run of matching by the cron, as it follows a run of statements."""
        flow = flow or self.flow
        run = self.env["fin.run"]._queue_match(flow)
        self.advance()
        self.env.invalidate_all()
        self.assertEqual(run.state, "done", run.last_error)
        return run

    def assert_matched(self, line, *moves):
        self.assertTrue(line.is_reconciled)
        for move in moves:
            self.assertIn(move.payment_state, ("paid", "in_payment"), move.name)
