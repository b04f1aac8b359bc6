from . import ir_attachment
from . import ir_module_module
from . import res_company
from . import res_company_guard
from . import res_groups
from . import res_partner
from . import res_config_settings
from . import res_config_settings_screen
