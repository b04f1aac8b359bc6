from decimal import Decimal

from odoo import models
from odoo.tools import SQL

from odoo.addons.finance_integration_governance.core.errors import DataError, MappingError
from odoo.addons.finance_integration_governance.core.reading import read
from odoo.addons.finance_integration_governance.core.totals import ControlTotals

from ...core.budget import BudgetLine
from .fin_budget_line import cell_of

NAMED = 20


class FinObjectBudget(models.AbstractModel):
    """Figures of budgets and forecasts: each lands in the draft that its file names.

    A figure that comes again with another amount replaces the one before, as long as the version is a draft. What was
    approved takes nothing any more. A cell that stands twice in one file is refused with both of its rows.
    """

    _name = "fin.object.budget"
    _inherit = "fin.object"
    _description = "Budgets and Forecasts"
    _entity, _kind = "budget", "budget"
    _tells_states = True
    _groups = ("account.group_account_readonly", "connector_planning.group_budget_service")
    _access = {
        "fin.budget.version": ("read",),
        "fin.budget.line": ("read", "create", "write"),
        "account.account": ("read",),
        "account.analytic.account": ("read",),
        "account.tax": ("read",),
        "account.journal.group": ("read",),
        "res.partner": ("read",),
    }

    def _scope(self, run):
        return lambda one: f"{one.company}/{one.version}"

    def _locked(self, company, day):
        """A plan of a closed month is a plan: no lock date stands in its way."""
        return False

    def _map(self, run, item):
        one = _read(item)
        values = self._vals(one)
        return {
            "company": one.company,
            "version": one.version,
            "account": one.account,
            "month": values["on"].isoformat(),
            "amount": one.balance,
            "currency": one.currency,
        }

    def _draft(self, one):
        """The version that the figure names, while figures can still come; MappingError else."""
        known = self.env.cr.precommit.data.setdefault(FinObjectBudget, {})
        place = (self.env.uid, one.company, one.version)
        if place not in known:
            wanted = [("company_id.fin_code", "=", one.company), ("code", "=", one.version)]
            known[place] = self.env["fin.budget.version"].search(wanted, limit=1)
        version = known[place]
        if not version:
            text = self.env._("%(company)s has no version %(version)s", company=one.company, version=one.version)
            raise MappingError(text, code="unknown_version", company=one.company, version=one.version)
        if version.state != "draft":
            label = version._lifecycle.labels[version.state].lower()
            text = f"{one.version} is {label}: it takes no figures; make a new version of it"
            raise MappingError(text, code="version_closed", company=one.company, version=one.version)
        return version

    def _deliver(self, run, items):
        """A new figure, or another amount in the place of the one before."""
        planned = [(item.id, self._draft(one), self._vals(one)) for item in items for one in [_read(item)]]
        there, fresh = self._there(planned), {}
        taken = self._taken(run, [line.id for line in there.values()])
        for _item_id, version, values in planned:
            cell = _cell(version.id, values)
            line = there.get(cell)
            if cell in fresh or (line and line.id in taken):
                # The first one landed: members and periods have more than one spelling.
                raise DataError(self.env._("another figure of this load has the same cell"), code="duplicate_cell")
            if line:
                taken.add(line.id)
                line.write({"amount": values["amount"], "note": values["note"]})
            else:
                fresh[cell] = {"version_id": version.id, **values}
        made = self.env["fin.budget.line"].create(list(fresh.values()))
        there |= dict(zip(fresh, made, strict=True))
        return [(item_id, there[_cell(version.id, values)]) for item_id, version, values in planned]

    def _taken(self, run, line_ids):
        """Those of the lines that another figure of this run stands in already."""
        rows = self.env.execute_query(
            SQL(
                """SELECT b.res_id FROM fin_binding b JOIN fin_item i ON i.id = b.item_id
                WHERE b.live AND b.res_model = 'fin.budget.line' AND b.res_id = ANY(%s) AND i.run_id = %s""",
                line_ids,
                run.id,
            )
        )
        return {line_id for (line_id,) in rows}

    def _vals(self, one):
        return self.env["fin.budget.planner"]._of(self._draft(one))._line(one)

    def _there(self, planned):
        """Cell -> its line: what came before, by whatever way, gives way to what comes."""
        versions = sorted({version.id for _item_id, version, _values in planned})
        accounts = sorted({values["account_id"] for _item_id, _version, values in planned})
        lines = self.env["fin.budget.line"].search([("version_id", "in", versions), ("account_id", "in", accounts)])
        return {(line.version_id.id, *line._cell()): line for line in lines}

    def _totals(self, run):
        """What the lines hold now, by the keys of the items that became them."""
        self.env["fin.budget.line"].flush_model(["amount"])
        rows = self.env.execute_query(
            SQL(
                """SELECT i.key, l.amount::text, i.currency FROM fin_item i
                JOIN fin_binding b ON b.item_id = i.id AND b.live JOIN fin_budget_line l ON l.id = b.res_id
                WHERE i.run_id = %s AND i.outcome = 'delivered' AND b.res_model = 'fin.budget.line'
                    AND l.company_id = ANY(%s)""",
                run.id,
                self.env.companies.ids,
            )
        )
        return ControlTotals.of((key, Decimal(amount), currency) for key, amount, currency in rows)


def _read(item):
    return read(BudgetLine, item.content)


def _cell(version_id, values):
    return (version_id, *cell_of(values))


class FinItem(models.Model):
    _inherit = "fin.item"

    def _give_way(self, run):
        """A figure that stands twice in one file is none: nobody can tell which of them counts."""
        if run._object()._name == FinObjectBudget._name:
            self._refuse_doubles(run)
        return super()._give_way(run)

    def _refuse_doubles(self, run):
        """Each file by itself, so that what is wrong with one is not told of another."""
        rows = self.env.execute_query(
            SQL(
                """SELECT payload_id, array_agg(key ORDER BY row), array_agg(id) FROM (
                    SELECT payload_id, key, id, row, count(*) OVER (PARTITION BY payload_id, scope, key) AS times
                    FROM fin_item WHERE run_id = %s AND outcome = 'open') AS told
                WHERE times > 1 GROUP BY 1 ORDER BY 1""",
                run.id,
            )
        )
        for payload_id, keys, ids in rows:
            cells = list(dict.fromkeys(keys))
            text = f"{len(cells)} cells stand more than once in their file: {', '.join(cells[:NAMED])}"
            payload = self.env["fin.payload"].browse(payload_id).digest
            run._reject_ids(ids, DataError(text, code="duplicate_cell", payload=payload))
