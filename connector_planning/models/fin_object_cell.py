"""Actuals by whatever a planning system plans by: partner, tax, journal type, document currency, analytic plans."""

from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.finance_integration_governance.core.canonical import canonical, digest
from odoo.addons.finance_integration_governance.core.errors import ConfigurationError

from ..core.cell import GRAINS, KEY_RULE, Cell
from .cell_sql import Spelling, partner_name, share_of, shortened
from .grain import Grain

# By which columns of journal items.
DIMENSIONS = {
    "partner": "partner_id",
    "tax": "tax_line_id",
    "journal_type": "journal_id",
    "transaction_currency": "currency_id",
}
# What their names are made of.
_NAMED = {"partner": ("ref", "vat", "name"), "tax": ("name",), "journal_type": ("type",)}
_MONEY = "transaction_balance"
MEASURES = (_MONEY, "quantity")
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
        options = self._options(run)
        return _SPELLING.telling({*self._beside(options), *self._figures(options)})

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
        if _MONEY in options.get("measures", ()) and "transaction_currency" not in options.get("dimensions", ()):
            raise ConfigurationError(f"{_MONEY} adds up within one currency only: send transaction_currency with it")

    def _domain(self, run, company, periods=None):
        domain, options = super()._domain(run, company, periods), self._options(run)
        if options.get("ledger"):
            others = self._ledger_group(options["ledger"], company).excluded_journal_ids
            domain.append(("journal_id", "not in", others.ids))
        if options.get("journals"):
            codes = Domain("code", "in", options["journals"])
            domain.append(("journal_id", "in", self._also_archived("account.journal", company).search(codes).ids))
        if options.get("accounts"):
            codes = Domain.OR(Domain("code", "=like", f"{start}%") for start in options["accounts"])
            domain.append(("account_id", "in", self._also_archived("account.account", company).search(codes).ids))
        return domain

    def _also_archived(self, model, company):
        """What is archived keeps its journal items, and planning what it was told of them."""
        return self.env[model].with_company(company).with_context(active_test=False)

    def _ledger_group(self, name, company):
        found = [("name", "=", name), ("company_id", "in", [False, company.id])]
        # sudo: a ledger is what the approved version says, whoever may read its settings
        group = self._also_archived("account.journal.group", company).sudo().search(found, limit=1)
        if not group:
            raise ConfigurationError(f"there is no ledger {name} in {company.fin_code}")
        return group

    def _references(self, run, company, lasts):
        """Members of plans, how fiscal periods are called, and rates: a rate of later changes no period before it."""
        options = self._options(run)
        plans = options.get("plans") and self._plan_members(options["plans"])
        fiscal = options.get("period") == "fiscal" and self._grain(run).last_month
        rates = self._known_rates(options, company)
        told = {last: [repr(plans), repr(fiscal), repr([one for one in rates if one[0] <= last])] for last in lasts}
        return {last: digest(canonical(parts)) for last, parts in told.items()}

    def _known_rates(self, options, company):
        """(day, currency, rate) of the two currencies that a conversion hangs on."""
        if not options.get("group"):
            return []
        currencies = company.currency_id | self._currency(options["group"]["currency"])
        domain = [("company_id", "in", [False, company.root_id.id]), ("currency_id", "in", currencies.ids)]
        # sudo: rates are everybody's
        rates = self.env["res.currency.rate"].sudo().search(domain, order="id")
        return [(rate.name, rate.currency_id.name, str(rate.rate), bool(rate.company_id)) for rate in rates]

    def _named(self, run, table):
        """Hashed for each journal item: a new partner changes nothing, and a new name only where the partner stands."""
        joins, hashes = [], []
        told = self._options(run).get("dimensions", ())
        for dimension in filter(told.__contains__, _NAMED):  # always in the same order: each hash seeds the next
            alias, names = f"named_{dimension}", map(SQL.identifier, _NAMED[dimension])
            joins.append(
                SQL(
                    """LEFT JOIN (SELECT id, hash_record_extended(ROW(%(names)s), 0) AS told FROM %(members)s) %(alias)s
                    ON %(member)s = %(item)s""",
                    names=SQL(", ").join(names),
                    members=self._table_of(dimension),
                    alias=SQL.identifier(alias),
                    member=SQL.identifier(alias, "id"),
                    item=SQL.identifier(table, DIMENSIONS[dimension]),
                )
            )
            hashes.append(SQL.identifier(alias, "told"))
        return SQL(" ").join(joins), hashes

    # What cells are told by and what they tell

    def _check_rights(self, options):
        super()._check_rights(options)
        if "partner" in options.get("dimensions", ()):
            self.env["res.partner"].check_access("read")

    def _places(self, options, table):
        places = {name: SQL.identifier(table, DIMENSIONS[name]) for name in options.get("dimensions", ())}
        if options.get("plans"):
            places["distribution"] = SQL("%s::text", SQL.identifier(table, "analytic_distribution"))
        if self._rate(options) == "historic":
            places["day"] = SQL.identifier(table, "date")
        return places

    def _added_up(self, options):
        measures = options.get("measures", ())
        more = {"amount_currency": _MONEY, "quantity": "quantity"}
        return (*super()._added_up(options), *(name for name, measure in more.items() if measure in measures))

    def _names(self, alias):
        """Dimension -> SQL of what cells call a member, in a row of its table."""
        return {
            "partner": partner_name(alias),
            "tax": shortened(self.env["account.tax"]._field_to_sql(alias, "name")),
            "journal_type": SQL.identifier(alias, "type"),
            "transaction_currency": SQL.identifier(alias, "name"),
        }

    def _table_of(self, dimension):
        column = self.env["account.move.line"]._fields[DIMENSIONS[dimension]]
        return SQL.identifier(self.env[column.comodel_name]._table)

    def _members(self, options):
        names = self._names("t")
        return {
            name: SQL(
                "SELECT t.id, %s AS name FROM %s t WHERE t.id IN (SELECT %s FROM g)",
                names[name],
                self._table_of(name),
                SQL.identifier("g", name),
            )
            for name in options.get("dimensions", ())
        }

    def _joins(self, run, company, options):
        joins = [
            SQL("LEFT JOIN %(name)s ON %(name)s.id = g.%(name)s", name=SQL.identifier(name))
            for name in options.get("dimensions", ())
        ]
        return SQL(" ").join([*joins, self._shares(run, company, options), self._rates(run, company, options)])

    def _beside(self, options):
        places = {name: SQL.identifier(name, "name") for name in options.get("dimensions", ())}
        if options.get("ledger"):
            places["ledger"] = SQL("%s::text", options["ledger"])
        if options.get("plans"):
            places["analytic"] = SQL("NULLIF(s.place, '')")
        return places

    def _figures(self, options):
        told = {"amount_currency": _MONEY}
        figures = {
            told.get(name, name): SQL("trim_scale(sum(%s))", share_of(SQL.identifier("g", name), options))
            for name in self._added_up(options)
        }
        if options.get("group"):
            figures["group_currency"] = SQL("%s::text", options["group"]["currency"])
            figures["group_balance"] = self._valued(options)
        return figures
