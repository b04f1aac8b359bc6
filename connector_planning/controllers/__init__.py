from . import budget
from . import journal_items
