"""The same entries as MT940, BAI2 and OFX, balanced to the cent, the same for the same seed."""

import datetime as dt
import random
from decimal import Decimal
from pathlib import Path

from generate import DAYS, IBAN, PARTIES, START

LINES = 60  # characters of a line of field :86:


def entries(size, seed=1):
    """(number, amount, day, party, text) of each entry."""
    chance = random.Random(seed)
    for number in range(1, size + 1):
        amount = Decimal(chance.randint(100, 900_000)) / 100 * chance.choice((1, 1, -1))
        day = START + dt.timedelta(days=number * DAYS // (size + 1))
        yield number, amount, day, chance.choice(PARTIES), f"Invoice INV/2026/{number:06d} of our order"


def mt940(path, size):
    opening, rows = Decimal("10000.00"), list(entries(size))
    closing = opening + sum(amount for _number, amount, *_more in rows)
    end = START + dt.timedelta(days=DAYS - 1)
    with Path(path).open("w", encoding="utf-8") as file:
        file.write(f":20:STARTUMS\n:25:{IBAN}\n:28C:00001/001\n:60F:{_swift_balance(opening, START)}\n")
        for number, amount, day, party, text in rows:
            file.write(
                f":61:{day:%y%m%d%m%d}{_mark(amount)}{_comma(abs(amount))}NTRFNONREF//B{number:09d}\n"
                f":86:166?00GUTSCHRIFT?109248?20EREF+E2E-{number:09d}?21SVWZ+{text[:22]}?22{text[22:]}\n"
                f"?30COBADEFFXXX?31{IBAN}?32{party}\n"
            )
        file.write(f":62F:{_swift_balance(closing, end)}\n-\n")
    return Path(path)


def _swift_balance(amount, day):
    return f"{_mark(amount)}{day:%y%m%d}EUR{_comma(abs(amount))}"


def _mark(amount):
    return "C" if amount >= 0 else "D"


def _comma(amount):
    return f"{amount:.2f}".replace(".", ",")


def bai2(path, size):
    opening, rows = 1_000_000, list(entries(size))
    closing = opening + sum(int(amount * 100) for _number, amount, *_more in rows)
    total = opening + closing
    with Path(path).open("w", encoding="utf-8") as file:
        file.write("01,122099999,123456789,260901,0200,1,,,2/\n02,031001234,122099999,1,260901,2359,USD,2/\n")
        file.write(f"03,0975312468,USD,010,{opening},,,015,{closing},,/\n")
        for number, amount, _day, party, text in rows:
            total += abs(int(amount * 100))
            code = "165" if amount >= 0 else "455"
            file.write(f"16,{code},{abs(int(amount * 100))},Z,B{number:09d},E2E-{number:09d}/\n88,{party} {text}\n")
        records = 2 + 2 * len(rows)
        file.write(f"49,{total},{records}/\n98,{total},1,{records + 2}/\n99,{total},1,{records + 4}/\n")
    return Path(path)


def ofx(path, size):
    rows = list(entries(size))
    closing = Decimal("10000.00") + sum(amount for _number, amount, *_more in rows)
    end = START + dt.timedelta(days=DAYS - 1)
    with Path(path).open("w", encoding="utf-8") as file:
        file.write(
            '<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n<?OFX OFXHEADER="200" VERSION="211" '
            'SECURITY="NONE" OLDFILEUID="NONE" NEWFILEUID="NONE"?>\n'
            "<OFX><SIGNONMSGSRSV1><SONRS><STATUS><CODE>0</CODE><SEVERITY>INFO"
            f"</SEVERITY></STATUS><DTSERVER>{end:%Y%m%d}</DTSERVER><LANGUAGE>ENG</LANGUAGE></SONRS></SIGNONMSGSRSV1>"
            "<BANKMSGSRSV1><STMTTRNRS><TRNUID>0</TRNUID><STATUS><CODE>0</CODE><SEVERITY>INFO</SEVERITY></STATUS><STMTRS>"
            "<CURDEF>USD</CURDEF><BANKACCTFROM><BANKID>122099999</BANKID><ACCTID>0975312468</ACCTID><ACCTTYPE>CHECKING"
            f"</ACCTTYPE></BANKACCTFROM><BANKTRANLIST><DTSTART>{START:%Y%m%d}</DTSTART><DTEND>{end:%Y%m%d}</DTEND>\n"
        )
        for number, amount, day, party, text in rows:
            file.write(
                f"<STMTTRN><TRNTYPE>{'CREDIT' if amount >= 0 else 'DEBIT'}</TRNTYPE><DTPOSTED>{day:%Y%m%d}</DTPOSTED>"
                f"<TRNAMT>{amount:.2f}</TRNAMT><FITID>B{number:09d}</FITID><NAME>{party}</NAME><MEMO>{text}</MEMO></STMTTRN>\n"
            )
        file.write(
            f"</BANKTRANLIST><LEDGERBAL><BALAMT>{closing:.2f}</BALAMT><DTASOF>{end:%Y%m%d}</DTASOF></LEDGERBAL></STMTRS>"
            "</STMTTRNRS></BANKMSGSRSV1></OFX>\n"
        )
    return Path(path)
