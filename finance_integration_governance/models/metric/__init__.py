from . import fin_metric
from . import fin_health
