"""The kernel without Odoo: words, money, totals, contracts, connectors. Nothing here imports the ORM."""

from .canon import CONTRACTS
from .csv_rows import CsvFiles

CONNECTORS = [CsvFiles]

__all__ = ["CONNECTORS", "CONTRACTS"]
