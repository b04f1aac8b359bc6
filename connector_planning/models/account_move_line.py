"""Journal items as a stream, for a warehouse or an auditor, under the rights of whoever asks."""

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

COLUMNS = (
    "id",
    "date",
    "move_name",
    "account_id",
    "partner_id",
    "name",
    "ref",
    "debit",
    "credit",
    "balance",
    "amount_currency",
    "currency_id",
    "quantity",
    "tax_line_id",
    "journal_id",
    "company_id",
    "analytic_distribution",
)
# What a spreadsheet would take for a formula.
_FORMULA = r"^[=+\-@\t\r]"


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    @api.model
    def _fin_stream(self, domain, sink, names=COLUMNS):
        """Write the items as CSV into a binary stream; memory stays flat however many there are.

        Record rules hold, and each field is one that this user may read: the query alone would pass both by.
        """
        self.check_access("read")
        self.flush_model()
        query = self._search(domain, order="id")
        columns = [self._fin_column(name, query) for name in names]
        select = SQL(
            "COPY (SELECT %s FROM %s WHERE %s ORDER BY %s) TO STDOUT (FORMAT csv, HEADER)",
            SQL(", ").join(columns),
            query.from_clause,
            query.where_clause or SQL("TRUE"),
            SQL.identifier(self._table, "id"),
        )
        cr = self.env.cr
        cr.copy_expert(cr.mogrify(select.code, select.params).decode(), sink)

    def _fin_column(self, name, query):
        field = self._fields.get(name)
        if not field or not field.store or not field.column_type:
            raise UserError(self.env._("%s is not kept with a journal item.", name))
        self._check_field_access(field, "read")
        column = self._field_to_sql(self._table, name, query)
        if field.type in ("char", "text"):
            column = SQL("CASE WHEN %(c)s ~ %(f)s THEN '''' || %(c)s ELSE %(c)s END", c=column, f=_FORMULA)
        return SQL("%s AS %s", column, SQL.identifier(name))
