"""Direct debits in files."""

from .pain008 import DirectDebits
from .payment_file import PaymentFiles, message_settings, place_settings


class Pain008Files(PaymentFiles):
    """Direct debits of SEPA, CORE and B2B, as files of pain.008."""

    code = "payment.pain008"
    label = "Direct debits pain.008"
    message = DirectDebits
    kind = "debit"
    settings = (*message_settings("pain.008.001.08", DirectDebits.versions), *place_settings())
