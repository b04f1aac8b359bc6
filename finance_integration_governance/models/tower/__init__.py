# In the order in which they build on each other: Odoo loads models as they are imported.
from . import fin_tower_question
from . import fin_tower
from . import fin_heat
from . import fin_tower_slots
from . import fin_tower_runs
from . import fin_tower_validation
from . import fin_tower_mine
from . import fin_tower_close
from . import fin_tower_governed
from . import fin_tower_engine
from . import fin_item_where
from . import fin_trace_index
from . import fin_trace
from . import fin_mine
from . import fin_run_live
