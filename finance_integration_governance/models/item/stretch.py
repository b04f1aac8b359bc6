"""Pieces of SQL that read one stretch of an index, however little the planner knows of rows that came just now."""

from odoo.tools import SQL

_WAYS = ("b.key = i.key", "b.alt_key = i.alt_key")


def between(ids, column="id"):
    """The stretch in which the ids lie, as a condition beside them.

    What came in this minute the planner knows nothing of: without it every batch walks over all items of its run.
    """
    return SQL("%s BETWEEN %s AND %s", SQL.identifier(*column.split(".")), min(ids), max(ids))


def known_of(columns, others="TRUE"):
    """A lateral query: the live bindings that know the item `i`, by its key, or by its other identity (`others`).

    Two look-ups and no OR: with an OR each item is compared with all that was ever bound in its scope. OFFSET 0 leaves
    the planner nothing but the key to look up by, also where it does not know yet how many rows there are.
    """
    named = SQL(", ").join(SQL.identifier("x", name.strip()) for name in columns.split(","))
    found = "(SELECT * FROM fin_binding b WHERE b.live AND %s OFFSET 0) AS x"
    by_key, by_other = (SQL(found, SQL(which)) for which in _WAYS)
    return SQL(
        """(SELECT %(named)s FROM %(by_key)s WHERE x.object = i.object AND x.scope = i.scope
        UNION ALL SELECT %(named)s FROM %(by_other)s
            WHERE x.object = i.object AND x.scope = i.scope AND x.key <> i.key AND %(others)s)""",
        named=named,
        by_key=by_key,
        by_other=by_other,
        others=SQL(others),
    )
