from . import fin_flow_limit
from . import fin_flow_gates
from . import fin_flow_take_gates
from . import fin_run_waits
from . import fin_run_yes
from . import fin_run_version_gates
from . import fin_run_rates
