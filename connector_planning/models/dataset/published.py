"""A read-only PostgreSQL schema with the last edition of each dataset, and whether its signature still holds.

Views, so that nobody writes through them, and with the rights of the database's owner: whoever reads needs nothing but
`GRANT USAGE ON SCHEMA fin_published` and `GRANT SELECT` on a view.
"""

from odoo.tools import SQL

from ...core.dataset import DatasetManifest

SCHEMA = "fin_published"
_BALANCE = {
    **dict.fromkeys(("account", "account_name", "partner", "currency"), "text"),
    **dict.fromkeys(("opening", "debit", "credit", "closing"), "numeric"),
}
_ENTRY = {
    **dict.fromkeys(("journal", "entry", "line"), "text"),
    "dated_on": "date",
    **dict.fromkeys(("account", "account_name", "partner", "label", "currency"), "text"),
    **dict.fromkeys(("debit", "credit", "balance"), "numeric"),
    "transaction_currency": "text",
    "transaction_balance": "numeric",
}
VIEWS = {"trial_balance": _BALANCE, "subledger": _BALANCE, "general_ledger": _ENTRY}


def make(cr):
    schema = SQL.identifier(SCHEMA)
    cr.execute(SQL("CREATE SCHEMA IF NOT EXISTS %s", schema))
    for kind, columns in VIEWS.items():
        told = SQL(", ").join(
            SQL("(i.content::json->>%s)::%s AS %s", name, SQL(kind_of), SQL.identifier(name))
            for name, kind_of in columns.items()
        )
        cr.execute(
            SQL(
                """CREATE OR REPLACE VIEW %(view)s AS
                SELECT i.content::json->>'company' AS company, d.period::text AS period, d.edition::text AS edition,
                    d.published_at, CASE WHEN c.state = 'signed' AND right(d.edition, 12) = left(c.signed_digest, 12)
                        THEN 'signed' ELSE 'suspended' END AS signature, %(told)s
                FROM fin_dataset d
                JOIN fin_item i ON i.run_id = d.run_id AND i.company_id = d.company_id AND i.outcome = 'delivered'
                    AND i.contract <> %(manifest)s
                    AND i.content::json->>'dataset' = d.kind AND i.content::json->>'edition' = d.edition
                    AND i.content::json->>'period' = d.period
                LEFT JOIN fin_period p ON p.company_id = d.company_id AND p.name = d.period
                LEFT JOIN fin_checkpoint c ON c.period_id = p.id AND c.code = d.checkpoint
                WHERE d.state = 'published' AND d.kind = %(kind)s""",
                view=SQL.identifier(SCHEMA, kind),
                told=told,
                kind=kind,
                manifest=DatasetManifest.contract,
            )
        )


def drop(cr):
    cr.execute(SQL("DROP SCHEMA IF EXISTS %s CASCADE", SQL.identifier(SCHEMA)))
