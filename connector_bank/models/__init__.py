from . import fin_binding, fin_object_bank_statement, fin_version
