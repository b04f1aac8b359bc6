from . import account_move_line
from . import fin_actual_period
from . import fin_object_actual
from . import fin_object_actual_drift
from . import fin_object_cell
from . import fin_object_cell_parts
from . import fin_object_open_item
from . import fin_restatement
