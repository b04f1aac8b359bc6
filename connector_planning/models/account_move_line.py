"""Journal items as a stream, for a warehouse or an auditor, under the rights of whoever asks."""

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..core.item_query import COLUMNS

# What a spreadsheet takes for a formula, as finance_integration_governance/core/tabular.py says; a number is none.
_FORMULA = "^'*[\\s\ufeff]*[=+\\-@\t\r\n＝＋－＠]"
_NUMBER = r"^[+-]?[0-9]+(\.[0-9]+)?$"
# Kept under another name, by company; Odoo spells it in SQL.
_SPELLED = {("account.account", "code")}


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    @api.model
    def _fin_stream(self, domain, sink, names=COLUMNS):
        """Write the items as CSV into a binary stream; memory stays flat however many there are. Returns their number.

        Record rules hold, and each field is one that this user may read: the query alone would pass both by.
        """
        self.check_access("read")
        self.flush_model()
        query = self._search(domain, order="id")
        # Before the FROM clause is read: columns of other tables join them.
        columns = [self._fin_column(name, query) for name in names]
        select = SQL(
            "COPY (SELECT %s FROM %s WHERE %s ORDER BY %s) TO STDOUT (FORMAT csv)",
            SQL(", ").join(columns),
            query.from_clause,
            query.where_clause or SQL("TRUE"),
            SQL.identifier(self._table, "id"),
        )
        cr = self.env.cr
        sink.write(f"{','.join(names)}\n".encode())
        cr.copy_expert(cr.mogrify(select.code, select.params).decode(), sink)
        return cr.rowcount

    def _fin_column(self, name, query):
        """SQL of a field by its name, or of a field of what a many2one points to (account_id.code)."""
        model, alias, inner = self, self._table, name
        if "." in name:
            own, inner = name.split(".", 1)
            model, alias = self._fin_joined(self._fin_kept(self, own), query)
        field = self._fin_kept(model, inner)
        column = SQL("(%s)", model._field_to_sql(alias, inner, query))
        if field.type in ("char", "text", "html"):
            is_formula = SQL("%(c)s ~ %(f)s AND %(c)s !~ %(n)s", c=column, f=_FORMULA, n=_NUMBER)
            return SQL("CASE WHEN %(is_formula)s THEN '''' || %(c)s ELSE %(c)s END", is_formula=is_formula, c=column)
        return column

    def _fin_kept(self, model, name):
        """The field, where the table holds it and this person may read it."""
        if not is_kept(model, name):
            raise UserError(self.env._("%s is not kept with a journal item.", name))
        field = model._fields[name]
        model._check_field_access(field, "read")
        return field

    def _fin_joined(self, field, query):
        """What a many2one points to, and its alias: of records that its own rules hide, columns stay empty."""
        if field.type != "many2one":
            raise UserError(self.env._("%s points to no other record.", field.name))
        other = self.env[field.comodel_name].with_context(active_test=False)
        other.check_access("read")
        alias = query.make_alias(self._table, f"{field.name}__shown")
        mine, theirs = SQL.identifier(self._table, field.name), SQL.identifier(alias, "id")
        shown = SQL("%s = %s AND %s IN %s", theirs, mine, theirs, other._search([], order="id").subselect())
        query.add_join("LEFT JOIN", alias, other._table, shown)
        return other, alias


def is_kept(model, name):
    """Whether a row of the model's table holds the field, so that SQL can read it."""
    field = model._fields.get(name)
    return bool(field and field.store and field.column_type) or (model._name, name) in _SPELLED
