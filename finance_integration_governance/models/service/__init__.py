from . import fin_flow_levels
from . import fin_slot_levels
from . import fin_clock_levels
from . import fin_exception_clock
from . import fin_heartbeat
from . import fin_run_levels
from . import fin_maintenance
from . import ir_cron
