from . import (
    fin_binding,
    fin_flow_bank,
    fin_item_bank,
    fin_object_bank_statement,
    fin_run_bank,
    fin_tower_bank,
    fin_version,
)
