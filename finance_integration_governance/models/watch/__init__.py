from . import fin_audit_policy
from . import fin_audit_watch
from . import fin_audit_watch_change
from . import fin_audit_anchor
from . import fin_audit_check
