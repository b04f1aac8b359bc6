from . import fin_remedy_rollback
from . import fin_object_undo
from . import fin_run_rollback
from . import pipeline_rollback
from . import pipeline_compensate
