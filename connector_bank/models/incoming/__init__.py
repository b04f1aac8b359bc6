from . import fin_flow_mail
from . import fin_statement_mail
from . import mail_thread
