"""What the launcher gives the flows, and how each of their runs should end."""

import datetime as dt
from dataclasses import dataclass, field, replace
from decimal import Decimal

from statements import Entry, Statement, camt053

CURRENT, PAYROLL, SECOND = "DE89370400440532013000", "DE02120300000000202051", "DE02500105170137075030"
FOLDER = "bank-statements-from-the-folder"
SFTP = "bank-statements-from-the-bank-s-server-sftp"
PLANNING = "actuals-to-planning"


@dataclass(frozen=True)
class Case:
    """Something that happens to one flow. `files`: name -> bytes that lie at its source.

    `expected`: fields of the run and their values; `amount`: what the run books; `held`: the code of the exception that
    stands in front of the part which is held, if one is.
    """

    flow: str
    words: str
    files: dict = field(default_factory=dict)
    expected: dict = field(default_factory=dict)
    amount: Decimal | None = None
    held: str | None = None
    some: tuple = ()


def scheduled(number, opening):
    """The cases that the flows' schedules bring; `opening` tells an account's balance, `number` makes all names new."""
    stem = _stem(number)
    both = _two_accounts(stem, opening)
    second = [_second_bank(stem, opening)]
    half = camt053(f"{stem}-half", [_second_bank(f"{stem}-half", opening)]).encode()
    files = _file(f"{stem}-2", second) | {f"{stem}-3-half.xml": half[: len(half) * 2 // 3]}
    return [
        Case(PLANNING, "every account and month of the ledger", expected={"rejected": 0}),
        _booked(FOLDER, "two accounts in one file, a batch, one pending entry", _file(f"{stem}-1", both), both),
        replace(_booked(SFTP, "a good file, and half of another", files, second), held="malformed_payload"),
    ]


def by_hand(number, before, opening):
    """The cases for which the operator presses the button, one after the other; `before`: those that were scheduled."""
    stem = _stem(number)
    first = next(case for case in before if case.flow == FOLDER)
    [file] = first.files.values()
    again = {"delivered": 0, "duplicate": first.expected["delivered"], "held": 0}
    yield Case(FOLDER, "the same file once more", {f"{stem}-4.xml": file}, again, Decimal())
    good, wrong = _one_wrong(stem, opening)
    yield replace(
        _booked(FOLDER, "two accounts, one closing balance is wrong", _file(f"{stem}-5", [good, wrong]), [good]),
        expected={"delivered": _count([good]), "held": _count([wrong])},
        held="balance_open",
    )
    yield Case(PLANNING, "the ledger again: only what changed", expected={"rejected": 0}, some=("unchanged",))


def _stem(number):
    return f"{dt.datetime.now(dt.UTC).date():%Y%m%d}-{number:04d}"


def _booked(flow, words, files, statements):
    """A case in which all of these statements are booked."""
    expected = {"delivered": _count(statements), "duplicate": 0, "held": 0, "rejected": 0}
    return Case(flow, words, files, expected, sum((sum(s.rows) for s in statements), Decimal()))


def _file(message, statements):
    return {f"{message}.xml": camt053(message, statements).encode()}


def _count(statements):
    """Items: each statement, and each row of it."""
    return sum(1 + len(statement.rows) for statement in statements)


def _two_accounts(stem, opening):
    parts = (
        ("Alpenhof Hotel", "Invoice 4711", Decimal("1190.00")),
        ("Bäckerei Sommer", "Invoice 4712", Decimal("357.50")),
        ("Café Central", "Invoice 4713", Decimal("80.25")),
    )
    current = (
        Entry(Decimal("2499.00"), "Nordlicht AG", "Invoice 4709"),
        Entry(Decimal("1627.75"), "Collected payments", "Batch of the day", parts=parts),
        Entry(Decimal("-412.30"), "City Energy", "Contract 88-1"),
        Entry(Decimal("-59.90"), "Telephone Company", "Not booked yet", status="PDNG"),
    )
    payroll = (Entry(Decimal("-3120.00"), "Salaries", "Advance"), Entry(Decimal("3500.00"), "Own transfer", "Funding"))
    return [
        Statement(CURRENT, f"{stem}-A", opening(CURRENT), current),
        Statement(PAYROLL, f"{stem}-B", opening(PAYROLL), payroll),
    ]


def _one_wrong(stem, opening):
    good = (Entry(Decimal("640.00"), "Nordlicht AG", "Invoice 4715"), Entry(Decimal("-18.50"), "Bank", "Fees"))
    wrong = (Entry(Decimal("-75.00"), "Health Insurance", "Contribution"), Entry(Decimal("-25.00"), "Bank", "Fees"))
    return (
        Statement(CURRENT, f"{stem}-C", opening(CURRENT), good),
        Statement(PAYROLL, f"{stem}-D", opening(PAYROLL), wrong, wrong_by=Decimal("10.00")),
    )


def _second_bank(stem, opening):
    entries = (
        Entry(Decimal("8400.00"), "Weber & Sons", "Project 12, first part"),
        Entry(Decimal("-1250.00"), "Landlord", "Rent of the month"),
    )
    return Statement(SECOND, f"{stem}-E", opening(SECOND), entries)
