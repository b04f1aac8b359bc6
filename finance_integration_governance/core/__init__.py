"""The kernel without Odoo: words, money, totals, contracts, connectors. Nothing here imports the ORM."""
