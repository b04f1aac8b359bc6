from . import fin_hold
from . import fin_approval_privacy
from . import fin_masking
from . import fin_masking_screen
from . import fin_retention
from . import fin_evidence_purge
from . import fin_evidence_masking
from . import fin_subject_request
