"""A read-only PostgreSQL schema with the last edition of each dataset, and whether its signature still holds.

Views, so that nobody writes through them, and with the rights of the database's owner: whoever reads needs nothing but
`GRANT USAGE ON SCHEMA fin_published` and `GRANT SELECT` on a view.
"""

from odoo.tools import SQL

from ...core.dataset import DatasetManifest, LedgerAsset, LedgerBalance, LedgerEntry

SCHEMA = "fin_published"
_BALANCE = {
    **dict.fromkeys(("account", "account_name", "partner", "currency"), "text"),
    **dict.fromkeys(("opening", "debit", "credit", "closing"), "numeric"),
}
_ASSET = {
    **dict.fromkeys(("account", "account_name", "partner", "currency"), "text"),
    **dict.fromkeys(("opening", "additions", "disposals", "depreciation", "closing"), "numeric"),
}
_ENTRY = {
    **dict.fromkeys(("journal", "entry", "line"), "text"),
    "dated_on": "date",
    **dict.fromkeys(("account", "account_name", "partner", "label", "currency"), "text"),
    **dict.fromkeys(("debit", "credit", "balance"), "numeric"),
    "transaction_currency": "text",
    "transaction_balance": "numeric",
}
_COLUMNS = {LedgerBalance.contract: _BALANCE, LedgerAsset.contract: _ASSET, LedgerEntry.contract: _ENTRY}


def make(cr, contracts):
    """A view for each dataset; `contracts`: dataset -> the contract of its rows."""
    schema = SQL.identifier(SCHEMA)
    cr.execute(SQL("CREATE SCHEMA IF NOT EXISTS %s", schema))
    for kind, contract in contracts.items():
        told = SQL(", ").join(
            SQL("(i.content::json->>%s)::%s AS %s", name, SQL(kind_of), SQL.identifier(name))
            for name, kind_of in _COLUMNS[contract].items()
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
