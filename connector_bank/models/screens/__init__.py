from . import account_statement_line_told
from . import fin_exception_statement
