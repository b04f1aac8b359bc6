from . import bundle
from . import payload
from . import crosswalk
