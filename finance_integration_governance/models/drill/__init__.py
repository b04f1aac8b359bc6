from . import fin_drill
from . import fin_run_drill
