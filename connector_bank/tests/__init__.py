from . import test_bank_authority
from . import test_bank_books
from . import test_bank_decisions
from . import test_bank_evidence
from . import test_bank_identity
from . import test_bank_refusals
from . import test_bank_sftp
from . import test_bank_submit
