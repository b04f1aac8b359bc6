"""Exchange rates: into Odoo as somebody has published them, and out of it as they stand there."""

from collections import defaultdict
from decimal import Decimal

from odoo import models
from odoo.tools import SQL

from odoo.addons.finance_integration_governance.core.errors import DataError, MappingError
from odoo.addons.finance_integration_governance.core.reading import read
from odoo.addons.finance_integration_governance.core.totals import ControlTotals

from ...core.rate import KEY_RULE, Rate, quotient

SHARED = "*"


class FinObjectRate(models.AbstractModel):
    """Rates of one company, in units of the other currency for one of its own; or of all companies (`shared`).

    What was published for another base is divided by the rate that the company's currency has in the same file. A day's
    rate is never written over: another figure for a day that has one waits for a person, wherever the first came from.
    Options: `currencies` (codes; else all that are active in Odoo), `shared` (one rate for all companies, by the base
    of the source), `days` (target: those of TARGET; else the flow's working calendar), `published_at` (wall time by
    which a day's rates are there, 16:15), `jump` (percent that a rate may change from one day to the next, 5), `since`
    (the first day that is asked for or told).
    """

    _name = "fin.object.rate"
    _inherit = "fin.object"
    _description = "Exchange Rates"
    _entity, _kind = "rate", "master"
    _contract_class = Rate
    _resends = True
    _groups = ("connector_planning.group_rate_service",)
    _access = {"res.currency.rate": ("read", "create"), "res.currency": ("read",)}

    def _locked(self, company, day):
        """A rate posts nothing, so no lock date stands in its way."""
        return False

    def _options(self, run):
        return run._document().get("options", {})

    def _home(self, run):
        """Whose rates these are: a main company, or nobody's."""
        company = run.company_id.root_id.with_env(self.env)
        return company.browse() if self._options(run).get("shared") else company

    # Into Odoo

    def _scope(self, run):
        place = self._home(run).fin_code or SHARED
        return lambda one: place

    def _map(self, run, item):
        """Which rate of Odoo it becomes: {"currency", "on", "rate"}, in units for one of the reference currency."""
        one = read(Rate, item.content)
        name, rate = self._of_home(run, one)
        currency = self._currency(name)
        rate = self._as_odoo_counts(run, one.dated_on, rate)
        there, key = self._known(run).get((currency.id, one.dated_on), (None, None))
        # The same fact with another figure is a contradiction already.
        if there is not None and there != rate and key != item.key:
            text = f"{name} of {one.dated_on} stands in Odoo with another rate: one of the two has to be corrected"
            raise DataError(text, code="other_rate", currency=name, day=one.dated_on.isoformat())
        return {"currency": name, "on": one.dated_on.isoformat(), "rate": rate}

    def _of_home(self, run, one):
        """(currency, units of it for one of the home's currency), by way of the file's base where that is another."""
        home = self._home(run)
        own = home.currency_id.name if home else one.base
        if one.base == own:
            return one.currency, one.rate
        mine = self._quoted(run, own, one.base).get(one.dated_on)
        if mine is None:
            text = f"the file has no rate of {own} for {one.dated_on}, so its rates for one {one.base} say nothing here"
            raise MappingError(text, code="no_cross_rate", currency=own)
        if one.currency == own:
            return one.base, quotient(Decimal(1), mine)
        return one.currency, quotient(one.rate, mine)

    def _quoted(self, run, currency, base):
        """day -> what this currency was quoted at in the run, its held parts included."""
        known = self.env.cr.precommit.data.setdefault(FinObjectRate, {})
        place = (run.id, currency, base)
        if place not in known:
            rows = self.env.execute_query(
                SQL(
                    """SELECT "on", max(amount)::text FROM fin_item WHERE run_id = ANY(%s) AND contract = %s
                        AND currency = %s AND key LIKE %s GROUP BY 1 HAVING min(amount) = max(amount)""",
                    [run.id, *run.parent_id.ids],
                    Rate.contract,
                    currency,
                    f"{KEY_RULE}|{base}|%",
                )
            )
            known[place] = {day: Decimal(rate) for day, rate in rows}
        return known[place]

    def _currency(self, name):
        """An active currency; one that is asked for and that Odoo does not use is a gap."""
        known = self.env.cr.precommit.data.setdefault((FinObjectRate, "currencies"), {})
        if name not in known:
            known[name] = self.env["res.currency"].search([("name", "=", name)], limit=1)
        if not known[name]:
            raise MappingError(f"{name} is no active currency in Odoo", code="inactive_currency", currency=name)
        return known[name]

    def _as_odoo_counts(self, run, day, rate):
        """Odoo counts from the currency of rate one, which need not be the company's."""
        home = self._home(run)
        own = home.currency_id
        if not home or not any(one.rate != 1 for one in own.rate_ids if one.company_id.id in (False, home.id)):
            return rate
        # Floats end here, as the exact text that they are shown as.
        unit = Decimal(repr(own._get_rates(home, day)[own.id]))
        return quotient(rate * unit, Decimal(1))

    def _known(self, run):
        """(currency id, day) -> the rate that the home has there and the key that it came by: once in a transaction."""
        known = self.env.cr.precommit.data.setdefault((FinObjectRate, "known"), {})
        if run.id not in known:
            self.env["res.currency.rate"].flush_model()
            rows = self.env.execute_query(
                SQL(
                    """SELECT r.currency_id, r.name, r.rate::text, b.key FROM res_currency_rate r
                    LEFT JOIN fin_binding b ON b.res_model = 'res.currency.rate' AND b.res_id = r.id AND b.live
                    WHERE r.company_id IS NOT DISTINCT FROM %s""",
                    self._home(run).id or None,
                )
            )
            known[run.id] = {(currency, day): (Decimal(rate), key) for currency, day, rate, key in rows}
        return known[run.id]

    def _there(self, run, places):
        """(currency id, day) -> the rate that the home has there already."""
        days = [day for _currency, day in places]
        wanted = [("company_id", "=", self._home(run).id), ("currency_id", "in", [place[0] for place in places])]
        rates = self.env["res.currency.rate"].search([*wanted, ("name", ">=", min(days)), ("name", "<=", max(days))])
        return {(rate.currency_id.id, rate.name): rate for rate in rates}

    def _placed(self, run, items):
        """(item, currency id, vals of its rate) of mapped items, and the rates that are there already."""
        home = self._home(run)
        rows = [
            (
                item,
                {
                    "currency_id": self._currency(item.mapped["currency"]).id,
                    "company_id": home.id,
                    "name": item.on,
                    "rate": float(Decimal(item.mapped["rate"])),
                },
            )
            for item in items
        ]
        there = self._there(run, [_place(vals) for _item, vals in rows]) if rows else {}
        return rows, there

    def _writes(self, run, items):
        items = [item for item in items if item.mapped]
        rows, there = self._placed(run, items)
        none = self.env["res.currency.rate"]
        for item, vals in rows:
            record = there.get(_place(vals), none)
            yield item.id, record, {"rate": vals["rate"]} if record else {**vals, "name": vals["name"].isoformat()}

    def _deliver(self, run, items):
        rows, there = self._placed(run, items)
        fresh = [(item, vals) for item, vals in rows if _place(vals) not in there]
        made = self.env["res.currency.rate"].create([vals for _item, vals in fresh])
        there |= {_place(vals): rate for (_item, vals), rate in zip(fresh, made, strict=True)}
        return [(item.id, there[_place(vals)]) for item, vals in rows]

    # Out of Odoo

    def _collect(self, run):
        """Every rate of the companies since the day that the version names, for one unit of each company's currency."""
        items, target = self.env["fin.item"], run._document().connection["code"]
        for company in self.env.companies.filtered(lambda one: one == one.root_id):
            # All of them first: while items are copied the cursor takes no query.
            told = list(self._rates_of(company, self._options(run).get("since")))
            # sudo: evidence
            items.sudo()._collect(run, told, company, scope=f"{target}/{company.fin_code}")
        yield

    def _rates_of(self, company, since=None):
        own = company.currency_id
        wanted = [("company_id", "in", (False, company.id)), ("currency_id", "!=", own.id)]
        found = self.env["res.currency.rate"].search(wanted + ([("name", ">=", since)] if since else []))
        by_day = defaultdict(dict)
        for rate in found.sorted(lambda one: bool(one.company_id)):
            by_day[rate.name][rate.currency_id.name] = rate  # the company's own after everybody's
        for day, rates in sorted(by_day.items()):
            unit = Decimal(repr(own._get_rates(company, day)[own.id]))
            for name, rate in sorted(rates.items()):
                yield Rate(base=own.name, currency=name, dated_on=day, rate=quotient(_told(rate), unit))

    # Both ways

    def _totals(self, run):
        return self._landed(run) if run.direction == "inbound" else self._still_told(run)

    def _landed(self, run):
        """What was published, where Odoo still holds what that became; else what Odoo holds."""
        self.env["res.currency.rate"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """SELECT i.key, i.amount::text, i.currency, r.rate::text, i.mapped_values::json->>'rate'
                FROM fin_item i JOIN fin_binding b ON b.item_id = i.id AND b.live
                JOIN res_currency_rate r ON r.id = b.res_id AND b.res_model = 'res.currency.rate'
                WHERE i.run_id = %s AND i.outcome = 'delivered'""",
                run.id,
            )
        )
        return ControlTotals.of(
            (key, Decimal(amount) if Decimal(held) == Decimal(mapped) else Decimal(held), currency)
            for key, amount, currency, held, mapped in rows
        )

    def _still_told(self, run):
        rows = self.env.execute_query(
            SQL("SELECT key, company_id FROM fin_item WHERE run_id = %s AND outcome = 'delivered'", run.id)
        )
        now = {(one.key, company.id): one for company in self.env.companies.root_id for one in self._rates_of(company)}
        found = (now[place] for place in map(tuple, rows) if place in now)
        return ControlTotals.of((one.key, one.amount, one.currency) for one in found)


def _told(rate):
    """A rate of Odoo as the shortest decimal that is this float."""
    return Decimal(repr(rate.rate))


def _place(vals):
    return vals["currency_id"], vals["name"]


class FinItem(models.Model):
    _inherit = "fin.item"

    def _recognise(self, run):
        """What is published and not asked for is counted and left aside, before anybody looks for what it became."""
        if run._object()._name == FinObjectRate._name and run.direction == "inbound":
            self._set_outcome(run, "skipped", self._not_asked_for(run), reason="not asked for")
        return super()._recognise(run)

    def _not_asked_for(self, run):
        options, home = run._document().get("options", {}), run._object()._home(run)
        # sudo: which currencies are in use is no secret
        active = self.env["res.currency"].sudo().search([("active", "=", True)]).mapped("name")
        asked = [*(options.get("currencies") or active), *home.currency_id.mapped("name")]
        rows = self.env.execute_query(
            SQL(
                """SELECT id FROM fin_item WHERE run_id = %s AND outcome = 'open' AND contract = %s
                    AND (NOT currency = ANY(%s) OR "on" < %s)""",
                run.id,
                Rate.contract,
                asked,
                options.get("since") or "0001-01-01",
            )
        )
        return [item_id for (item_id,) in rows]
