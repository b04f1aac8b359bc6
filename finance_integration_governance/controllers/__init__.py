from . import bundle
from . import payload
