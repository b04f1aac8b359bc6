"""Bank statements of simulated banks, written after camt.053.001.08. Plain Python: the launcher runs without Odoo."""

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from xml.sax.saxutils import escape

CURRENCY = "EUR"


@dataclass(frozen=True)
class Entry:
    """One movement; `parts` are the (name, text, amount) of a batch, `status` is BOOK or PDNG."""

    amount: Decimal
    name: str
    text: str
    status: str = "BOOK"
    parts: tuple = ()


@dataclass(frozen=True)
class Statement:
    """One account's day. `wrong_by`: how far the closing balance that the bank tells is from the true one."""

    account: str
    number: str
    opening: Decimal
    entries: tuple
    wrong_by: Decimal = Decimal()
    day: dt.date = field(default_factory=lambda: dt.datetime.now(dt.UTC).date())

    @property
    def rows(self):
        """The amounts that are to be booked: a batch counts as its parts, what is pending does not count."""
        booked = [entry for entry in self.entries if entry.status == "BOOK"]
        return [amount for entry in booked for amount in _amounts(entry)]

    @property
    def closing(self):
        return self.opening + sum(self.rows) + self.wrong_by


def _amounts(entry):
    return [amount for _name, _text, amount in entry.parts] or [entry.amount]


def camt053(message, statements):
    """The file as text."""
    told = "\n".join(_statement(statement) for statement in statements)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08">
<BkToCstmrStmt>
<GrpHdr><MsgId>{escape(message)}</MsgId><CreDtTm>{statements[0].day}T06:00:00Z</CreDtTm></GrpHdr>
{told}
</BkToCstmrStmt>
</Document>
"""


def _statement(statement):
    entries = "\n".join(_entry(statement, number, entry) for number, entry in enumerate(statement.entries, 1))
    return f"""<Stmt>
<Id>{escape(statement.number)}</Id>
<CreDtTm>{statement.day}T06:00:00Z</CreDtTm>
<Acct><Id><IBAN>{statement.account}</IBAN></Id><Ccy>{CURRENCY}</Ccy></Acct>
{_balance("OPBD", statement.opening, statement.day)}
{_balance("CLBD", statement.closing, statement.day)}
{_totals(statement)}
{entries}
</Stmt>"""


def _balance(code, amount, day):
    return f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>{_money(amount)}<Dt><Dt>{day}</Dt></Dt></Bal>"


def _totals(statement):
    booked = [entry for entry in statement.entries if entry.status == "BOOK"]
    total = sum(abs(entry.amount) for entry in booked)
    return f"<TxsSummry><TtlNtries><NbOfNtries>{len(booked)}</NbOfNtries><Sum>{total}</Sum></TtlNtries></TxsSummry>"


def _entry(statement, number, entry):
    reference = f"{statement.number}-{number:03d}"
    batch = f"<Btch><NbOfTxs>{len(entry.parts)}</NbOfTxs></Btch>" if entry.parts else ""
    parts = entry.parts or ((entry.name, entry.text, entry.amount),)
    details = "".join(_detail(f"{reference}-{place}", *part) for place, part in enumerate(parts, 1))
    return f"""<Ntry>
{_money(entry.amount)}<Sts><Cd>{entry.status}</Cd></Sts>
<BookgDt><Dt>{statement.day}</Dt></BookgDt><ValDt><Dt>{statement.day}</Dt></ValDt>
<AcctSvcrRef>{escape(reference)}</AcctSvcrRef>
<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd>
<NtryDtls>{batch}{details}</NtryDtls>
</Ntry>"""


def _detail(reference, name, text, amount):
    party = "Dbtr" if amount > 0 else "Cdtr"
    return (
        f"<TxDtls><Refs><EndToEndId>{escape(reference)}</EndToEndId></Refs>{_money(amount)}"
        f"<RltdPties><{party}><Pty><Nm>{escape(name)}</Nm></Pty></{party}></RltdPties>"
        f"<RmtInf><Ustrd>{escape(text)}</Ustrd></RmtInf></TxDtls>"
    )


def _money(amount):
    side = "CRDT" if amount >= 0 else "DBIT"
    return f'<Amt Ccy="{CURRENCY}">{abs(amount)}</Amt><CdtDbtInd>{side}</CdtDbtInd>'
