from . import fin_member_proposal
from . import fin_object_member
from . import fin_member_decide
