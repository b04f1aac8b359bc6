"""Database triggers that refuse what would rewrite evidence. Where somebody drops them, the chain shows it."""

from odoo.tools import SQL

FUNCTION = "fin_refuse_rewriting"


def _define(cr):
    cr.execute(
        SQL(
            """CREATE OR REPLACE FUNCTION fin_refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION '%% is evidence: %% is refused', TG_TABLE_NAME, TG_OP
                    USING ERRCODE = 'restrict_violation';
            END $$"""
        )
    )


def _trigger(cr, table, name, timing):
    trigger = SQL.identifier(f"{table}_{name}")
    cr.execute(SQL("DROP TRIGGER IF EXISTS %s ON %s", trigger, SQL.identifier(table)))
    cr.execute(SQL("CREATE TRIGGER %s BEFORE %s EXECUTE FUNCTION fin_refuse_rewriting()", trigger, timing))


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
    condition = SQL("WHEN (%s)", SQL(when)) if when else SQL()
    _trigger(cr, table, f"keep_{columns[0]}", SQL("UPDATE OF %s ON %s FOR EACH ROW %s", named, on, condition))


def drop(cr):
    """Take function and triggers away again (uninstall)."""
    cr.execute(SQL("DROP FUNCTION IF EXISTS fin_refuse_rewriting() CASCADE"))
