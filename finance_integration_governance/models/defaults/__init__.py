from . import fin_policy_usual
from . import fin_connection_usual
from . import fin_flow_usual
from . import res_config_settings_usual
