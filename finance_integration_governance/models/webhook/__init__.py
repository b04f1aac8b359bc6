from . import fin_webhook
from . import fin_connection_webhook
