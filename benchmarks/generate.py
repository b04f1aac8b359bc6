"""Bank statements of any size for benchmarks: camt.053.001.08, balanced to the cent, the same for the same seed."""

import datetime as dt
import random
from decimal import Decimal
from pathlib import Path

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
IBAN = "DE89370400440532013000"
PARTIES = ["Azure Interior", "Deco Addict", "Gemini Furniture", "Ready Mat", "Lumber Inc", "Wood Corner", "Nicole Ford"]
START = dt.date(2026, 9, 1)
DAYS = 28


def camt053(path, size, seed=1, currency="USD", iban=IBAN, first=1):
    """Write a statement of `size` entries, each with references, party, account and remittance; returns its path.

    `first` is the number of the first entry, so that several files can be of one account.
    """
    chance = random.Random(seed)
    amounts = [Decimal(chance.randint(100, 900_000)) / 100 * chance.choice((1, 1, -1)) for _ in range(size)]
    with Path(path).open("w", encoding="utf-8") as file:
        file.write(_head(amounts, seed, currency, iban))
        for number, amount in enumerate(amounts, 1):
            day = START + dt.timedelta(days=number * DAYS // (size + 1))
            file.write(_entry(number + first - 1, amount, day, currency, chance))
        file.write("</Stmt></BkToCstmrStmt></Document>\n")
    return Path(path)


def _head(amounts, seed, currency, iban):
    opening, end = Decimal("10000.00"), START + dt.timedelta(days=DAYS - 1)
    name = f"{seed}-{len(amounts)}"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{NAMESPACE}"><BkToCstmrStmt>'
        f"<GrpHdr><MsgId>M-{name}</MsgId><CreDtTm>{end}T23:00:00</CreDtTm></GrpHdr>"
        f"<Stmt><Id>S-{name}</Id><ElctrncSeqNb>1</ElctrncSeqNb><CreDtTm>{end}T23:00:00</CreDtTm>"
        f"<Acct><Id><IBAN>{iban}</IBAN></Id><Ccy>{currency}</Ccy></Acct>"
        f"{_balance('OPBD', opening, START, currency)}{_balance('CLBD', opening + sum(amounts), end, currency)}"
        f"<TxsSummry><TtlNtries><NbOfNtries>{len(amounts)}</NbOfNtries></TtlNtries></TxsSummry>\n"
    )


def _balance(code, amount, day, currency):
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="{currency}">{abs(amount)}</Amt>'
        f"<CdtDbtInd>{_side(amount)}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"
    )


def _side(amount):
    return "CRDT" if amount >= 0 else "DBIT"


def _entry(number, amount, day, currency, chance):
    side, party = _side(amount), "Dbtr" if amount >= 0 else "Cdtr"
    money = f'<Amt Ccy="{currency}">{abs(amount)}</Amt><CdtDbtInd>{side}</CdtDbtInd>'
    return (
        f"<Ntry><NtryRef>{number}</NtryRef>{money}<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>{day}</Dt></BookgDt>"
        f"<ValDt><Dt>{day}</Dt></ValDt><AcctSvcrRef>B{number:09d}</AcctSvcrRef><BkTxCd><Domn><Cd>PMNT</Cd><Fmly>"
        f"<Cd>{'RCDT' if amount >= 0 else 'ICDT'}</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd><NtryDtls>"
        f"<TxDtls><Refs><AcctSvcrRef>B{number:09d}</AcctSvcrRef><EndToEndId>E2E-{number:09d}</EndToEndId></Refs>{money}"
        f"<RltdPties><{party}><Pty><Nm>{chance.choice(PARTIES)}</Nm><PstlAdr><Ctry>FR</Ctry><AdrLine>1 Main Street"
        f"</AdrLine></PstlAdr></Pty></{party}><{party}Acct><Id>"
        f"<IBAN>FR76300060000112345678{number % 100_000:05d}</IBAN>"
        f"</Id></{party}Acct></RltdPties><RmtInf><Ustrd>Invoice INV/2026/{number:05d} customer {number % 9973}</Ustrd>"
        "</RmtInf></TxDtls></NtryDtls></Ntry>\n"
    )
