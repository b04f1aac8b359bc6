from . import fin_journal_extract
