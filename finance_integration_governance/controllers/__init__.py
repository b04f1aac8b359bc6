from . import bundle
from . import evidence
from . import payload
from . import subject
from . import crosswalk
from . import audit
from . import drift
from . import monitoring
