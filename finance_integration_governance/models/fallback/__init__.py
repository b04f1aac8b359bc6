from . import fin_flow_fallback
from . import fin_run_fallback
