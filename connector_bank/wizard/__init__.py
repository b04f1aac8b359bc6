from . import fin_statement_bring
from . import fin_statement_bring_rows
from . import fin_payment_propose
