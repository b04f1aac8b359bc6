"""What core/match_*.py looks at, read set by set: never a query for each line."""

from decimal import Decimal

from odoo import api, models
from odoo.tools import SQL

from ...core.match import Line, Open, World
from ...core.match_payer import Payers
from ...core.match_reference import bare, structured, whole, words
from ...core.match_world import Matching

_BARE = "regexp_replace(upper(%s), '[^A-Z0-9]', '', 'g')"
_OWN = ("out_invoice", "out_refund", "out_receipt", "entry")


class FinMatchSearch(models.AbstractModel):
    """Bank lines, open items, payers and what is settled, as the person or the service user may see them."""

    _name = "fin.match.search"
    _description = "What bank lines may be matched with"

    @api.model
    def _waiting(self, journals, limit=None, extra=()):
        """Posted lines of the journals that are not matched, the oldest first."""
        domain = [("journal_id", "in", journals.ids), ("is_reconciled", "=", False), ("state", "=", "posted")]
        return self.env["account.bank.statement.line"].search([*domain, *extra], order="internal_index", limit=limit)

    @api.model
    def _matching(self, company, lines, is_whole=False):
        """(Matching, the lines as core sees them) of statement lines of one company.

        `is_whole`: with every open item, as runs need it to know what is unique; else with those that may have to do
        with the lines.
        """
        self.env.flush_all()
        told, partners = self._lines(company, lines), self._partners(company)
        rules, learned, disputed = self.env["fin.match.learned"]._known(company, told)
        payers = Payers(partners, learned)
        batches = self._batches(company, told)
        opens = self._opens(company, SQL("TRUE") if is_whole else self._may_concern(told, payers, batches))
        world = World(opens, partners, self._settled(company, told), learned, disputed, self._limit(rules), batches)
        return Matching(world, payers), told

    def _limit(self, rules):
        return max((Decimal(rule["most"]) for rule in rules if rule["kind"] == "write_off"), default=Decimal())

    # Lines

    def _lines(self, company, lines):
        owners = self._owners(company, lines.mapped("account_number"))
        return [self._line(line, owners) for line in lines]

    def _line(self, line, owners):
        told = line.transaction_details if isinstance(line.transaction_details, dict) else {}
        number = bare(line.account_number)
        reference = told.get("structured_reference") or ""
        owner = owners.get(number)
        if owner is None and not reference:
            owner = line.partner_id.commercial_partner_id.id or None
        foreign = ()
        if line.foreign_currency_id and line.foreign_currency_id != line.currency_id:
            foreign = (self._money(line.amount_currency, line.foreign_currency_id), line.foreign_currency_id.name)
        texts = (line.payment_ref, told.get("remittance"), *(one.get("number") for one in told.get("documents") or ()))
        return Line(
            line.id,
            line.date,
            self._left(line),
            line.currency_id.name,
            " ".join(dict.fromkeys(filter(None, texts))),
            reference,
            told.get("end_to_end") or "",
            line.partner_name or "",
            line.account_number or "",
            owner,
            bool(told.get("is_reversal") or told.get("return_reason")),
            foreign,
            sum(
                (abs(Decimal(fee["amount"])) for fee in told.get("charges") or () if fee.get("is_included")), Decimal()
            ),
            line.journal_id.code,
            told.get("batch") or "",
        )

    def _left(self, line):
        """What of the line is not matched yet, as its sign is."""
        _liquidity, suspense, others = line._seek_for_lines()
        if not others:
            return self._money(line.amount, line.currency_id)
        if line.foreign_currency_id:
            share = abs(line.amount_residual / line.amount_currency) if line.amount_currency else 0
            return self._money(line.amount * share, line.currency_id)
        return self._money(-sum(suspense.mapped("amount_currency")), line.currency_id)

    def _money(self, amount, currency):
        return Decimal(str(currency.round(amount or 0.0))).quantize(Decimal(1).scaleb(-currency.decimal_places))

    def _owners(self, company, numbers):
        """Bare account number -> the one partner that has it."""
        spelled = sorted({bare(number) for number in numbers if number})
        if not spelled:
            return {}
        domain = [("sanitized_acc_number", "in", spelled), ("partner_id.company_id", "in", (False, company.id))]
        found = {}
        for account in self.env["res.partner.bank"].search(domain):
            found.setdefault(account.sanitized_acc_number, set()).add(account.partner_id.commercial_partner_id.id)
        return {number: owners.pop() for number, owners in found.items() if len(owners) == 1}

    # Open items

    def _opens(self, company, condition):
        """Open items of the company under a condition, in one query."""
        items = self.env["account.move.line"]
        query = items._search(
            [
                ("company_id", "=", company.id),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
                ("account_id.reconcile", "=", True),
                ("account_id.account_type", "not in", ("asset_cash", "liability_credit_card", "off_balance")),
                ("display_type", "not in", ("line_section", "line_subsection", "line_note")),
            ]
        )
        # The counterpart of a payment in process is open on the outstanding account, not on the partner's.
        conditions = [
            SQL("(a.account_type NOT IN ('asset_receivable', 'liability_payable') OR i.payment_id IS NULL)"),
            SQL("i.account_id <> ALL(%s)", self._suspense(company) or [0]),
            condition,
        ]
        rows = self.env.execute_query(
            SQL(
                """SELECT i.id, i.move_id, p.commercial_partner_id, c.name, i.amount_residual_currency::text, u.name,
                    m.name, m.payment_reference, m.ref, m.move_type, y.name, y.memo, y.payment_reference,
                    COALESCE(i.date_maturity, i.date)
                FROM account_move_line i JOIN account_move m ON m.id = i.move_id
                JOIN account_account a ON a.id = i.account_id JOIN res_currency u ON u.id = i.currency_id
                LEFT JOIN res_partner p ON p.id = i.partner_id LEFT JOIN res_partner c ON c.id = p.commercial_partner_id
                LEFT JOIN account_payment y ON y.id = m.origin_payment_id
                WHERE i.id IN %s AND i.amount_residual_currency <> 0 AND %s ORDER BY i.id""",
                query.subselect(),
                SQL(" AND ").join(conditions),
            )
        )
        return [self._open(row) for row in rows]

    def _suspense(self, company):
        journals = self.env["account.journal"].search([("company_id", "=", company.id)])
        return journals.suspense_account_id.ids

    def _may_concern(self, told, payers, batches):
        """Of one amount, or named, or of somebody who might have paid, or of a batch that was booked as one."""
        amounts = sorted({str(amount) for line in told for amount in (line.amount, *line.foreign[:1])})
        numbers = sorted({number for line in told for number in _numbers(line)})
        tails = [number for number in numbers if len(number) >= 4]
        partners = sorted({partner for line in told for partner in payers.of(line).partners})
        columns = ("m.name", "m.payment_reference", "m.ref", "y.name", "y.memo")
        named = SQL(" OR ").join(SQL(_BARE.replace("%s", column) + " = ANY(%s)", numbers) for column in columns)
        return SQL(
            """(i.amount_residual_currency = ANY(%s::numeric[]) OR %s OR p.commercial_partner_id = ANY(%s)
            OR right(%s, 5) = ANY(%s) OR i.id = ANY(%s))""",
            amounts,
            named,
            partners,
            SQL(_BARE.replace("%s", "m.name")),
            [number[-5:] for number in tails],
            [item for items in batches.values() for item in items],
        )

    def _open(self, row):
        (item, document, partner, partner_name, amount, currency, *rest) = row
        name, reference, ref, move_type, payment, memo, end_to_end, due = rest
        is_ours = move_type in _OWN or bool(payment)
        ours, theirs = ([name, reference], [ref]) if is_ours else ([name], [ref, reference])
        if payment:
            ours = [payment, end_to_end, memo, name]
        return Open(
            item,
            document,
            partner,
            partner_name or "",
            Decimal(amount),
            currency,
            tuple(filter(None, ours)),
            tuple(filter(None, theirs)),
            due,
            bool(payment),
        )

    def _batches(self, company, told):
        """Name of a group of payments -> ids of their open items, of what banks say to have booked as one."""
        return {}

    # Who might pay, and what is settled already

    def _partners(self, company):
        """partner -> name, of all with whom the company deals: who is alone with a name is a question about all."""
        query = self.env["res.partner"]._search(
            [
                ("parent_id", "=", False),
                ("company_id", "in", (False, company.id)),
                "|",
                ("customer_rank", ">", 0),
                ("supplier_rank", ">", 0),
            ]
        )
        return dict(self.env.execute_query(SQL("SELECT id, name FROM res_partner WHERE id IN %s", query.subselect())))

    def _settled(self, company, told):
        """Bare number -> (document, partner, day) of what lines name and is settled already."""
        written = sorted({word for line in told for word in words(f"{line.text} {line.structured}") if len(word) > 3})
        spelled = sorted({number for line in told for number in _numbers(line)})
        if not written:
            return {}
        query = self.env["account.move"]._search(
            [("company_id", "=", company.id), ("state", "=", "posted"), ("move_type", "!=", "entry")]
        )
        rows = self.env.execute_query(
            SQL(
                """SELECT m.id, m.commercial_partner_id, m.name, m.payment_reference, (
                    SELECT max(r.max_date) FROM account_move_line i JOIN account_partial_reconcile r
                        ON r.debit_move_id = i.id OR r.credit_move_id = i.id WHERE i.move_id = m.id)
                FROM account_move m WHERE m.id IN %s AND m.payment_state IN ('paid', 'in_payment', 'reversed')
                    AND (m.name = ANY(%s) OR m.payment_reference = ANY(%s) OR %s = ANY(%s))""",
                query.subselect(),
                written,
                written,
                SQL(_BARE.replace("%s", "m.payment_reference")),
                spelled,
            )
        )
        found = {}
        for document, partner, name, reference, day in rows:
            for number in filter(None, (bare(name), bare(reference))):
                found[number] = (document, partner, day)
        return found


def _numbers(line):
    text = f"{line.text} {line.structured}"
    return {bare(line.structured), bare(line.end_to_end), *structured(text), *whole(text)} - {""}
