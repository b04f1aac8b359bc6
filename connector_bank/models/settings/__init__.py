# In the order in which they build on each other.
from . import fin_policy_bank
from . import account_journal_bank
from . import fin_flow_bank_usual
from . import fin_run_bank_policy
from . import res_config_settings_bank
from . import fin_policy_channel
