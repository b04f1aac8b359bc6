from . import test_planning_authority
from . import test_fin_object_actual
from . import test_planning_crosswalk
from . import test_planning_evidence
from . import test_planning_run
from . import test_planning_scope
from . import test_planning_held
