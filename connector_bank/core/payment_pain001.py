"""Credit transfers in files."""

from .pain001 import CreditTransfers
from .payment_file import PaymentFiles, message_settings, place_settings


class Pain001Files(PaymentFiles):
    """Credit transfers within SEPA, instant and foreign, as files of pain.001."""

    code = "payment.pain001"
    label = "Credit transfers pain.001"
    message = CreditTransfers
    kind = "credit"
    settings = (*message_settings("pain.001.001.09", CreditTransfers.versions), *place_settings())
