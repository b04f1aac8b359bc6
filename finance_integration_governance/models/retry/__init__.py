from . import fin_flow_retry
from . import fin_rate
