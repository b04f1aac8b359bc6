# In the order in which they build on each other.
from . import fin_payment_event
from . import fin_payment_together
from . import fin_object_payment
from . import fin_payment_batch_run
from . import fin_run_payment
from . import fin_run_payment_doubt
from . import fin_payment_as_approved
from . import fin_payment_reopen
from . import fin_payment_doubt
from . import fin_payment_told
from . import fin_object_payment_status
from . import fin_payment_booked
from . import fin_match_search_payment
from . import fin_run_payment_asked
