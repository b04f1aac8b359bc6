from . import fin_crosswalk_line
from . import fin_crosswalk
from . import fin_flow_crosswalk
from . import fin_run_crosswalk
from . import account_uncovered
from . import fin_crosswalk_screen
from . import fin_crosswalk_history
