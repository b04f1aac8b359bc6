from . import fin_policy_digest
from . import fin_digest
from . import fin_digest_told
