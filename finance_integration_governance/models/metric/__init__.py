from . import fin_metric
from . import fin_health
from . import fin_metric_fold
