"""Actuals by whatever a planning system plans by: partner, tax, journal type, document currency, analytic plans."""

from odoo import models
from odoo.tools import SQL

from odoo.addons.finance_integration_governance.core.canonical import canonical, digest
from odoo.addons.finance_integration_governance.core.errors import ConfigurationError
from odoo.addons.finance_integration_governance.models.crosswalk.fin_run_crosswalk import span_of

from ..core.cell import GRAINS, KEY_RULE, Cell
from .cell_sql import Spelling, crosswalk_join, mapped_by
from .grain import Grain

DIMENSIONS = ("partner", "tax", "journal_type", "transaction_currency")
MEASURES = ("transaction_balance", "quantity")
RATES = ("closing", "average", "historic")
_OPTIONAL = (
    "ledger",
    "partner",
    "tax",
    "journal_type",
    "analytic",
    "transaction_currency",
    "transaction_balance",
    "group_currency",
    "group_balance",
    "quantity",
)
_SPELLING = Spelling(
    Cell.contract,
    KEY_RULE,
    ("company", "ledger", "account", "period", "partner", "tax", "journal_type", "transaction_currency", "analytic"),
    ("account", "account_name", "company", "currency", "period", *_OPTIONAL[:6], "group_currency"),
    ("debit", "credit", "balance", "transaction_balance", "group_balance", "quantity"),
    _OPTIONAL,
)


class FinObjectCell(models.AbstractModel):
    """Posted journal items by account, period and the dimensions of the flow's options.

    Options, beside those of actuals: `period` (day, week, month, fiscal), `dimensions` (partner, tax, journal_type,
    transaction_currency), `plans` (names of analytic plans), `measures` (transaction_balance, quantity), `group`
    ({"currency": "USD", "rate": closing, average or historic, "days": working days that a rate may be old, 1}),
    `ledger` (name of a ledger group), `journals` (codes), `accounts` (beginnings of codes). Shares of an item over
    plans are exact and add up to the item.
    """

    _name = "fin.object.cell"
    _inherit = "fin.object.actual"
    _description = "Actuals by Dimensions"
    _access = {
        "account.move.line": ("read",),
        "account.move": ("read",),
        "account.account": ("read",),
        "account.journal": ("read",),
        "res.partner": ("read",),
    }
    _contract_class = Cell

    def _spelling(self, run):
        return _SPELLING

    def _grain(self, run):
        options, company = self._options(run), run.company_id
        self._must_be_known(options)
        period = options.get("period", "month")
        return Grain(period, options, int(company.fiscalyear_last_month), company.fiscalyear_last_day)

    def _must_be_known(self, options):
        """A word that means nothing here would be a dimension that silently does not travel."""
        told = [(options.get("period", "month"), GRAINS)]
        told += [(name, DIMENSIONS) for name in options.get("dimensions", ())]
        told += [(name, MEASURES) for name in options.get("measures", ())]
        told += [(options["group"].get("rate"), RATES)] if options.get("group") else []
        for name, known in told:
            if name not in known:
                raise ConfigurationError(f"{name} is none of {', '.join(known)}")

    def _domain(self, run, company, periods=None):
        domain, options = super()._domain(run, company, periods), self._options(run)
        if options.get("ledger"):
            domain.append(
                ("journal_id", "not in", self._ledger_group(options["ledger"], company).excluded_journal_ids.ids)
            )
        if options.get("journals"):
            domain.append(("journal_id.code", "in", options["journals"]))
        if options.get("accounts"):
            codes = [("account_id.code", "=like", f"{start}%") for start in options["accounts"]]
            domain += ["|"] * (len(codes) - 1) + codes
        return domain

    def _ledger_group(self, name, company):
        found = [("name", "=", name), ("company_id", "in", [False, company.id])]
        # sudo: a ledger is what the approved version says, whoever may read its settings
        group = self.env["account.journal.group"].sudo().search(found, limit=1)
        if not group:
            raise ConfigurationError(f"there is no ledger {name} in {company.fin_code}")
        return group

    def _reference(self, run, company):
        """What stands in cells beside the items themselves: names of partners, taxes, plans; and rates."""
        options = self._options(run)
        told = [options.get("plans") and self._plan_members(options["plans"]), self._rate_digest(options, company)]
        if "partner" in options.get("dimensions", ()):
            told.append(self._digest_of("res_partner", ("ref", "vat", "name")))
        if "tax" in options.get("dimensions", ()):
            told.append(self._digest_of("account_tax", ("name",)))
        return digest(canonical(list(map(repr, filter(None, told)))))

    def _digest_of(self, table, names):
        columns = SQL(", ").join(map(SQL.identifier, names))
        query = "SELECT bit_xor(hash_record_extended(ROW(id, %s), 0))::text FROM %s"
        [[told]] = self.env.execute_query(SQL(query, columns, SQL.identifier(table)))
        return told

    def _rate_digest(self, options, company):
        if not options.get("group"):
            return None
        domain = [("company_id", "in", [False, company.root_id.id])]
        # sudo: rates are everybody's
        rates = self.env["res.currency.rate"].sudo().search(domain, order="id")
        return [(rate.currency_id.name, rate.name.isoformat(), str(rate.rate)) for rate in rates]

    # The ledger: added up by ids first, named afterwards

    def _ledger(self, run, company, is_whole=True, periods=None):
        """SELECT of the company's cells, as `fin.object.actual` describes it."""
        options, grain = self._options(run), self._grain(run)
        lines = self.env["account.move.line"].with_company(company)
        self._check_rights(options)
        query = lines._search(self._domain(run, company, periods))
        crosswalk = run._crosswalks_of_ledger().get("account")
        line = _columns(lines._table)
        parts = {
            "account_id": line["account_id"],
            "first": grain.bucket(line["date"]),
            "span": span_of(crosswalk, line["date"]) if crosswalk else SQL("0"),
            "day": line["date"] if self._rate(options) == "historic" else SQL("NULL::date"),
            **self._places(options, line, query),
        }
        grouped = SQL(
            "SELECT %(parts)s, %(sums)s FROM %(tables)s WHERE %(where)s GROUP BY %(numbers)s",
            parts=SQL(", ").join(SQL("%s AS %s", part, SQL.identifier(name)) for name, part in parts.items()),
            sums=SQL(", ").join(SQL("sum(%s) AS %s", line[name], SQL.identifier(name)) for name in _added_up(options)),
            numbers=SQL(", ").join(SQL(str(number)) for number in range(1, len(parts) + 1)),
            tables=query.from_clause,
            where=query.where_clause,
        )
        return self._named(run, company, grouped, crosswalk, is_whole)

    def _check_rights(self, options):
        self.env["account.account"].check_access("read")
        if "partner" in options.get("dimensions", ()):
            self.env["res.partner"].check_access("read")

    def _places(self, options, line, query):
        """What is added up by beside account and period, by its column of the grouped ledger."""
        dimensions, nothing = options.get("dimensions", ()), SQL("NULL::int")
        return {
            "partner_id": line["partner_id"] if "partner" in dimensions else nothing,
            "tax_line_id": line["tax_line_id"] if "tax" in dimensions else nothing,
            "journal_id": line["journal_id"] if "journal_type" in dimensions else nothing,
            "currency_id": line["currency_id"] if "transaction_currency" in dimensions else nothing,
            "distribution": SQL("%s::text", line["analytic_distribution"]) if options.get("plans") else SQL("NULL"),
        }

    def _named(self, run, company, grouped, crosswalk, is_whole):
        """The grouped ledger with names for ids, shared out over plans, valued in the group's currency."""
        options, grain = self._options(run), self._grain(run)
        accounts = self.env["account.account"].with_company(company)
        query = accounts._search([], active_test=False, bypass_access=True)
        code = SQL("COALESCE(normalize(%s, NFC), '')", accounts._field_to_sql(accounts._table, "code", query))
        name = SQL("left(normalize(%s, NFC), 140)", accounts._field_to_sql(accounts._table, "name", query))
        rows = self._mapped_rows(run, company, crosswalk, is_whole) if crosswalk else None
        share, added_up, group = SQL("COALESCE(s.share, 1)"), _added_up(options), options.get("group")
        return SQL(
            """SELECT %(company)s AS company, %(ledger)s AS ledger, %(account)s AS account, %(name)s AS account_name,
                %(label)s AS period, %(ends)s AS ends, %(partner)s AS partner, %(tax)s AS tax, j.type AS journal_type,
                NULLIF(s.place, '') AS analytic, %(currency)s AS currency, c.name AS transaction_currency,
                trim_scale(sum(g.debit * %(share)s)) AS debit, trim_scale(sum(g.credit * %(share)s)) AS credit,
                trim_scale(sum(g.balance * %(share)s)) AS balance,
                %(money)s AS transaction_balance, %(group_currency)s AS group_currency, %(valued)s AS group_balance,
                %(quantity)s AS quantity, %(mapped)s AS mapped
            FROM (%(grouped)s) g
            JOIN %(accounts)s ON account_account.id = g.account_id
            %(crosswalk)s
            LEFT JOIN res_partner p ON p.id = g.partner_id
            LEFT JOIN account_tax t ON t.id = g.tax_line_id
            LEFT JOIN account_journal j ON j.id = g.journal_id
            LEFT JOIN res_currency c ON c.id = g.currency_id
            %(shares)s %(rates)s
            GROUP BY %(by)s, g.first, 7, 8, 9, 10, 12""",
            by=SQL("3") if crosswalk else SQL("3, 4"),
            company=company.fin_code,
            ledger=options.get("ledger") or None,
            account=SQL("m.target") if crosswalk else code,
            name=SQL("left(min(m.label), 140)") if crosswalk else name,
            label=grain.label(SQL("g.first")),
            ends=grain.ends(SQL("g.first")),
            partner=shortened(SQL("COALESCE(NULLIF(p.ref, ''), NULLIF(p.vat, ''), p.name)")),
            tax=shortened(self.env["account.tax"]._field_to_sql("t", "name")),
            currency=company.currency_id.name,
            share=share,
            money=_sum_of("amount_currency", share, added_up),
            quantity=_sum_of("quantity", share, added_up),
            group_currency=group["currency"] if group else None,
            valued=self._valued(group, share),
            mapped=mapped_by(crosswalk) if crosswalk else SQL("NULL"),
            grouped=grouped,
            accounts=query.from_clause,
            crosswalk=crosswalk_join(crosswalk, rows, code, SQL("g.span")) if crosswalk else SQL(),
            shares=self._shares(run, company, options),
            rates=self._rates(run, company, options),
        )


def _added_up(options):
    """The columns of the ledger that travel as sums: each costs a tenth of adding up by ids."""
    measures = options.get("measures", ())
    has_money = "transaction_balance" in measures and "transaction_currency" in options.get("dimensions", ())
    more = {"amount_currency": has_money, "quantity": "quantity" in measures}
    return ["debit", "credit", "balance", *(name for name, is_sent in more.items() if is_sent)]


def _sum_of(name, share, added_up):
    if name not in added_up:
        return SQL("NULL::numeric")
    return SQL("trim_scale(sum(%s * %s))", SQL.identifier("g", name), share)


def _columns(table):
    names = (
        "account_id date debit credit balance amount_currency currency_id quantity partner_id journal_id tax_line_id"
    )
    return {name: SQL.identifier(table, name) for name in (*names.split(), "analytic_distribution")}


def shortened(name):
    """A name as a key can hold it: no bar, no control characters, 64 characters."""
    cleaned = SQL("translate(normalize(%s, NFC), %s, '/   ')", name, "|\n\r\t")
    return SQL("NULLIF(left(%s, 64), '')", cleaned)
