"""Banks without Odoo: canonical statements and the formats they come in."""

from .bai2 import Bai2
from .camt052 import Camt052
from .camt053 import Camt053
from .camt054 import Camt054
from .enablebanking import EnableBanking
from .gocardless import GoCardless
from .mt94x import Mt94x
from .ofx import Ofx
from .pain002 import StatusFiles
from .payment_berlin import BerlinPayments, BerlinStatus
from .payment_pain001 import Pain001Files
from .payment_pain008 import Pain008Files
from .psd2 import Psd2
from .table import TableFiles

CONNECTORS = [
    Camt053,
    Camt052,
    Camt054,
    Mt94x,
    Bai2,
    Ofx,
    TableFiles,
    Psd2,
    EnableBanking,
    GoCardless,
    Pain001Files,
    Pain008Files,
    StatusFiles,
    BerlinPayments,
    BerlinStatus,
]
