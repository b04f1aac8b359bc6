from . import (
    fin_consent,
    fin_consent_connection,
    fin_bank_quota,
    fin_bank_day,
    fin_flow_channel,
    fin_run_channel,
    fin_slot_channel,
)
