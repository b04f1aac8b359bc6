from . import (  # in the order in which it is used
    fin_match,
    fin_match_rule,
    fin_match_aside,
    fin_match_search,
    fin_match_learned,
    fin_match_words,
    account_bank_statement_line,
    fin_match_apply,
    fin_match_screen,
    fin_match_screen_acts,
    fin_run_match,
    fin_evidence_match,
)
