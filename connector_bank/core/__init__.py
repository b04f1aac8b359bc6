"""Banks without Odoo: canonical statements and the formats they come in."""

from .bai2 import Bai2
from .camt052 import Camt052
from .camt053 import Camt053
from .camt054 import Camt054
from .mt94x import Mt94x
from .ofx import Ofx

CONNECTORS = [Camt053, Camt052, Camt054, Mt94x, Bai2, Ofx]
