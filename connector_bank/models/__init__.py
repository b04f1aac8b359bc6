from . import (
    account_journal_bring,
    fin_binding,
    fin_flow_bank,
    fin_item_bank,
    fin_item_overlap,
    fin_object_bank_statement,
    fin_object_bank_line,
    fin_run_bank,
    fin_tower_bank,
    fin_version,
    fin_version_bring,
    posting,
    incoming,
    match,
    treasury,
    payment,
    payment_flow,
)
from . import channel
from . import settings
from . import screens
