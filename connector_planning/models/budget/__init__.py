from . import fin_budget_round
from . import fin_budget_version
from . import fin_budget_line
from . import fin_budget_approval
from . import fin_budget_stamp
from . import fin_budget_sheet
from . import fin_budget_variance
from . import fin_object_budget
