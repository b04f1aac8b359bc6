from . import fin_audit_chain
from . import fin_breach_decide
from . import fin_bundle_import
from . import fin_connection_preview
from . import fin_defaults_edit
from . import fin_delegation_ask
from . import fin_evidence_duties
from . import fin_evidence_pack_ask
from . import fin_exception_resolve
from . import fin_field_map_try
from . import fin_flow_new
from . import fin_hold_set
from . import fin_subject_open
from . import fin_crosswalk_import, fin_crosswalk_coverage
from . import fin_item_story_show
from . import fin_version_preview
from . import fin_flow_rollout
from . import fin_drift
