from . import fin_audit_event
from . import fin_audit_seal
from . import fin_audit_chain
from . import fin_audit_export
from . import fin_audit_screen
