from . import fin_volume
from . import fin_flow_volume
from . import fin_run_volume
