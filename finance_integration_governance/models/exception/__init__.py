from . import fin_exception
from . import fin_exception_cause
from . import fin_exception_engine
from . import fin_exception_screen
from . import fin_exception_words
