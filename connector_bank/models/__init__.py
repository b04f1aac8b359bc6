from . import fin_object_bank_statement
