from . import fin_authority
from . import fin_item_bound
from . import fin_policy_authority
from . import fin_conflict
from . import fin_run_authority
from . import fin_exception_authority
from . import authority_guard
from . import fin_duplicate
