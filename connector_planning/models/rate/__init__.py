from . import fin_object_rate
from . import fin_rate_gates
from . import fin_rate_gap
