from . import fin_evidence_pack
from . import fin_evidence_builder
from . import fin_evidence_lists
from . import fin_evidence_runs
from . import fin_evidence_duties
from . import fin_evidence_sheet
from . import fin_evidence_log
from . import fin_evidence_pack_screen
