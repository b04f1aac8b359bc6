"""Banks without Odoo: canonical statements and the formats they come in."""

from .camt053 import Camt053

CONNECTORS = [Camt053]
