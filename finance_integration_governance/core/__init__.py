"""The kernel without Odoo: words, money, totals, contracts, connectors. Nothing here imports the ORM."""

from .canon import CONTRACTS

__all__ = ["CONTRACTS"]
