from . import fin_flow_fallback
from . import fin_run_fallback
from . import fin_flow_upload
from . import fin_version_foresee
