"""Database triggers that refuse what would rewrite evidence. Where somebody drops them, the chain shows it."""

from contextlib import contextmanager
from contextvars import ContextVar

from odoo.tools import SQL

FUNCTION = "fin_refuse_rewriting"
BODY = """
            BEGIN
                RAISE EXCEPTION '% is evidence: % is refused', TG_TABLE_NAME, TG_OP
                    USING ERRCODE = 'restrict_violation';
            END """
_asked = ContextVar("fin_triggers_asked", default=None)


@contextmanager
def asking():
    """Within it, models' `init` makes no trigger but tells which there should be: {(table, name): has a condition}."""
    asked = {}
    token = _asked.set(asked)
    try:
        yield asked
    finally:
        _asked.reset(token)


def _define(cr):
    if _asked.get() is None:
        cr.execute(
            SQL(
                "CREATE OR REPLACE FUNCTION %s() RETURNS trigger LANGUAGE plpgsql AS %s",
                SQL.identifier(FUNCTION),
                BODY,
            )
        )


def _trigger(cr, table, name, timing, condition=None):
    if _asked.get() is not None:
        _asked.get()[table, f"{table}_{name}"] = bool(condition)
        return
    trigger = SQL.identifier(f"{table}_{name}")
    cr.execute(SQL("DROP TRIGGER IF EXISTS %s ON %s", trigger, SQL.identifier(table)))
    when = SQL("WHEN (%s)", SQL(condition)) if condition else SQL()
    cr.execute(SQL("CREATE TRIGGER %s BEFORE %s %s EXECUTE FUNCTION fin_refuse_rewriting()", trigger, timing, when))


def refuse_changes(cr, table):
    """No update, delete or truncate on the table at all."""
    _define(cr)
    on = SQL.identifier(table)
    _trigger(cr, table, "no_change", SQL("UPDATE OR DELETE ON %s FOR EACH ROW", on))
    _trigger(cr, table, "no_truncate", SQL("TRUNCATE ON %s FOR EACH STATEMENT", on))


def refuse_rewriting(cr, table, columns, when=None):
    """Rows may not be deleted, and these columns never change (`when`: a condition on OLD under which they may not)."""
    _define(cr)
    on = SQL.identifier(table)
    _trigger(cr, table, "no_delete", SQL("DELETE ON %s FOR EACH ROW", on))
    _trigger(cr, table, "no_truncate", SQL("TRUNCATE ON %s FOR EACH STATEMENT", on))
    named = SQL(", ").join(SQL.identifier(column) for column in columns)
    _trigger(cr, table, f"keep_{columns[0]}", SQL("UPDATE OF %s ON %s FOR EACH ROW", named, on), when)


def drop(cr):
    """Take function and triggers away again (uninstall)."""
    cr.execute(SQL("DROP FUNCTION IF EXISTS fin_refuse_rewriting() CASCADE"))
