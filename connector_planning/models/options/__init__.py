from . import fin_object_actual_options
from . import fin_object_cell_options
from . import fin_object_dataset_options
from . import fin_object_dimension_options
from . import fin_object_rate_options
from . import fin_object_usual
from . import res_company_planning
from . import res_config_settings_planning
