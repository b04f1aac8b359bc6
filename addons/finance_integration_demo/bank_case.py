"""Statements of banks: what the launcher gives the flows, and how each of their runs should end."""

from dataclasses import replace
from decimal import Decimal
from functools import partial

from cases import Case
from statements import Entry, Statement, camt053

TITLE = "Statements of banks: a folder, a server, and files that are not as they should be"
CURRENT, PAYROLL, SECOND = "DE89370400440532013000", "DE02120300000000202051", "DE02500105170137075030"
FOLDER = "bank-statements-from-the-folder"
SFTP = "bank-statements-from-the-bank-s-server-sftp"
FOLDERS = {FOLDER: "inbox", SFTP: "bank/out"}


def play(stage):
    """First what the schedules bring, then the operator's button."""
    opening = partial(_balance, stage.by("auditor"))
    first = scheduled(stage.stem, opening)
    for case in first:
        stage.expect(case)
    stage.place.release()  # until then nothing runs
    for case in first:
        stage.watch.wait(case)
    for case in by_hand(stage.stem, first, opening):
        stage.start(case)


def _balance(auditor, account):
    """Where the last booked statement of the account ended, so that the next one begins there."""
    journal = [("journal_id.bank_account_id.sanitized_acc_number", "=", account)]
    last = auditor.read("account.bank.statement", journal, ["balance_end_real"], order="id desc", limit=1)
    return Decimal(f"{last[0]['balance_end_real']:.2f}") if last else Decimal("10000.00")


def scheduled(stem, opening):
    """The cases that the flows' schedules bring; `opening` tells an account's balance, `stem` makes all names new."""
    both = _two_accounts(stem, opening)
    second = [_second_bank(stem, opening)]
    half = camt053(f"{stem}-half", [_second_bank(f"{stem}-half", opening)]).encode()
    files = _file(f"{stem}-2", second) | {f"{stem}-3-half.xml": half[: len(half) * 2 // 3]}
    return [
        _booked(FOLDER, "two accounts in one file, a batch, one pending entry", _file(f"{stem}-1", both), both),
        replace(_booked(SFTP, "a good file, and half of another", files, second), held="malformed_payload"),
    ]


def by_hand(stem, before, opening):
    """The cases for which the operator presses the button, one after the other; `before`: those that were scheduled."""
    first = next(case for case in before if case.flow == FOLDER)
    [file] = first.files.values()
    again = {"delivered": 0, "duplicate": first.expected["delivered"], "held": 0}
    yield Case(FOLDER, "the same file once more", {f"{stem}-4.xml": file}, again, Decimal(), folder=FOLDERS[FOLDER])
    good, wrong = _one_wrong(stem, opening)
    yield replace(
        _booked(FOLDER, "two accounts, one closing balance is wrong", _file(f"{stem}-5", [good, wrong]), [good]),
        expected={"delivered": _count([good]), "held": _count([wrong])},
        held="balance_open",
    )


def _booked(flow, words, files, statements):
    """A case in which all of these statements are booked."""
    expected = {"delivered": _count(statements), "duplicate": 0, "held": 0, "rejected": 0}
    amount = sum((sum(s.rows) for s in statements), Decimal())
    return Case(flow, words, files, expected, amount, folder=FOLDERS[flow])


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
