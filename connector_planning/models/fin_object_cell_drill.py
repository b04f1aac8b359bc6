from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL

from ..core.analytic import shares, spelled
from .fin_object_cell import DIMENSIONS


class FinObjectCell(models.AbstractModel):
    _inherit = "fin.object.cell"

    def _places_behind(self, run, company, found, told):
        """What the version's dimensions say of the items; a cell without a value is of items that have none."""
        options, places = self._options(run), Domain.TRUE
        for dimension in options.get("dimensions", ()):
            ids = self._ids_called(company, found, dimension, told.get(dimension))
            places &= Domain(DIMENSIONS[dimension], "in", ids)
        if options.get("plans"):
            texts = self._distributions_behind(company, found, options["plans"], told.get("analytic"))
            places &= Domain("fin_distribution", "in", texts)
        return places

    def _ids_called(self, company, found, dimension, value):
        """What the items point to and cells call so: several may have one name. False for none."""
        lines = self.env["account.move.line"].with_company(company)
        query = lines._search(found)
        rows = self.env.execute_query(
            SQL(
                """SELECT u.id FROM (SELECT DISTINCT %(column)s AS id FROM %(tables)s WHERE %(where)s) u
                LEFT JOIN %(table)s o ON o.id = u.id WHERE %(name)s IS NOT DISTINCT FROM %(value)s""",
                column=SQL.identifier(lines._table, DIMENSIONS[dimension]),
                tables=query.from_clause,
                where=query.where_clause,
                table=self._table_of(dimension),
                name=self._names("o")[dimension],
                value=value,
            )
        )
        return [number or False for (number,) in rows]

    def _distributions_behind(self, company, found, plans, place):
        """The distributions of which some share falls to this place; False for none."""
        lines = self.env["account.move.line"].with_company(company)
        query = lines._search(found)
        column = SQL("%s::text", SQL.identifier(lines._table, "analytic_distribution"))
        rows = self.env.execute_query(
            SQL("SELECT DISTINCT %s FROM %s WHERE %s", column, query.from_clause, query.where_clause)
        )
        members = self._plan_members(plans)
        return [
            text or False
            for (text,) in rows
            if any(spelled(one, plans) == (place or "") for one, _share in shares(text, members, tuple(plans)))
        ]
