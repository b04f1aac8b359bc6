from . import (
    account_analytic_distribution_model,
    account_bank_statement,
    account_bank_statement_line,
    account_move,
    account_move_line,
)
