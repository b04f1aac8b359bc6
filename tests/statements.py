"""camt.053 files for tests, written by us after the schema: entries as wanted, wrong where it is asked for."""

from decimal import Decimal

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
IBAN = "DE89370400440532013000"


def entry(number, amount, currency="USD", day="2026-09-15", reference="S{:08d}", status="BOOK", text=None):
    """One entry as XML; `amount` signed. `reference` None leaves the bank's reference out."""
    given = f"<AcctSvcrRef>{reference.format(number)}</AcctSvcrRef>" if reference else ""
    side = "CRDT" if amount >= 0 else "DBIT"
    return (
        f'<Ntry><Amt Ccy="{currency}">{abs(amount)}</Amt><CdtDbtInd>{side}</CdtDbtInd><Sts><Cd>{status}</Cd></Sts>'
        f"<BookgDt><Dt>{day}</Dt></BookgDt><ValDt><Dt>{day}</Dt></ValDt>{given}<NtryDtls><TxDtls><RmtInf>"
        f"<Ustrd>{text or f'Invoice {number}'}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
    )


def balance(code, amount, currency="USD", day="2026-09-15"):
    side = "CRDT" if amount >= 0 else "DBIT"
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>"
        f'<Amt Ccy="{currency}">{abs(amount)}</Amt><CdtDbtInd>{side}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>'
    )


def statement(
    amounts, number="1", iban=IBAN, currency="USD", opening=Decimal("100.00"), off=Decimal(), first=1, **more
):
    """One statement whose entries have these signed amounts; `off` is added to the closing balance."""
    amounts = [Decimal(amount) for amount in amounts]
    closing = opening + sum(amounts, Decimal()) + off
    entries = "".join(entry(i, amount, currency, **more) for i, amount in enumerate(amounts, first))
    return (
        f"<Stmt><Id>{number}</Id><CreDtTm>2026-09-15T23:00:00</CreDtTm><Acct><Id><IBAN>{iban}</IBAN></Id>"
        f"<Ccy>{currency}</Ccy></Acct>{balance('OPBD', opening, currency)}{balance('CLBD', closing, currency)}"
        f"{entries}</Stmt>"
    )


def document(*statements):
    """The file around statements, as bytes."""
    text = (
        f'<?xml version="1.0" encoding="UTF-8"?><Document xmlns="{NAMESPACE}"><BkToCstmrStmt><GrpHdr><MsgId>M1</MsgId>'
        f"<CreDtTm>2026-09-15T23:00:00</CreDtTm></GrpHdr>{''.join(statements)}</BkToCstmrStmt></Document>"
    )
    return text.encode()
