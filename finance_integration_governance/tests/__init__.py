from . import test_law1_conservation
from . import test_law3_approval
from . import test_screens
