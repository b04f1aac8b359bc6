"""From the fields of a camt statement to canonical objects. What cannot be read is refused with its place."""

from functools import partial

from odoo.addons.finance_integration_governance.core.canonical import plain

from . import values
from .checks import Tally, findings
from .entry_fields import bank_code, remittance, structured, told_by
from .reader_values import CURRENCY_OF, LONGEST, ORIGINALS, ReaderValues
from .statement import (
    Balance,
    BankEntry,
    BankReport,
    BankStatement,
    Charge,
    DeclaredTotals,
    EntryKeys,
    ProvisionalEntry,
    account_number,
    statement_key,
)
from .values import clean

# A statement consists of booked entries, so an entry without a status is one (absent in some banks' .08 files).
_BOOKED = frozenset({"BOOK", None})
_NOT_BOOKED = frozenset({"PDNG", "INFO", "FUTR"})
_NO_DETAIL = {}
# Where none of these is told, no amount before an exchange is.
_ORIGINAL, _EXCHANGED = frozenset(ORIGINALS), frozenset(ORIGINALS) - {"amount"}
# The other party of a debit, and of a credit.
_PARTIES = [(side, f"{side}_account", f"{side}_agent") for side in ("creditor", "debtor")]


class StatementReader(ReaderValues):
    """One statement while its entries pass by; `kind` is what it is where it is no statement: see `BankReport`.

    `dated` says that the bank uses references again on other days, so that they name an entry with its day
    only. `needs_balances`: without them a statement of this format proves nothing.
    """

    def __init__(self, fields, keys, kind=None, dated=False, needs_balances=True):
        self._kind, self._dated, self._needs_balances = kind, dated, needs_balances
        self._number, self._days = 0, {}
        self._place = f"statement {clean(fields.get('statement')) or '(without a number)'}"
        self._tally = Tally()
        self.statement = self._statement(fields)
        self._keys = keys.of_document(self.statement.key)
        # What is pending must not shift the count of what is booked.
        self._provisional_keys = EntryKeys()
        self._only_day = self._day_of_all()

    def entry(self, fields):
        """One `BankEntry` for an entry, or one for each detail where the details add up to it.

        What is not booked becomes a `ProvisionalEntry`.
        """
        self._number += 1
        amount, currency = self._money(fields, "amount")
        status = clean(fields["status"]) if "status" in fields else None
        is_booked = status in _BOOKED and self._kind is None
        self._tally.add(amount, currency, is_booked)
        if not is_booked:
            self._note(status)
        details = fields.get("details", ())
        if len(details) < 2:
            # A single detail often tells the amount before charges or exchange; the entry's is what counts.
            only = details[0] if details else _NO_DETAIL
            return (self._row(fields, only, amount, currency, None, len(details) or None, is_booked),)
        parts = self._parts(fields, details, amount, currency)
        if not parts:
            return (self._row(fields, _NO_DETAIL, amount, currency, None, len(details), is_booked),)
        return [
            self._row(fields, detail, part, currency, number, None, is_booked)
            for number, (part, detail) in enumerate(zip(parts, details, strict=True), 1)
        ]

    def end(self, fields):
        """Yield the findings, once everything was seen; `fields` stood after the entries."""
        if fields.get("balances") or "declared_count" in fields:
            self._tally.odd["header_after_entries"] += 1
        yield from findings(self.statement, self._tally, self._needs_balances)

    # Statement

    def _statement(self, fields):
        account = account_number(fields.get("account"))
        if not account:
            raise self._malformed("no account", code="no_account")
        number = clean(fields.get("statement")) or "NOTPROVIDED"
        page = values.count(fields.get("page"))
        is_last = values.flag(fields.get("is_last_page"))
        balances = tuple(self._balance(group) for group in fields.get("balances", ()))
        opening, closing = _ends(balances, fields.get("begins_interim") or (page or 1) > 1, is_last)
        is_paged = page is not None and (page > 1 or is_last is False)
        make = partial(BankReport, kind=self._kind) if self._kind else BankStatement
        return make(
            account=account,
            statement=number,
            currency_of_account=clean(fields.get("account_ccy")),
            servicer=clean(fields.get("servicer")),
            sequence=clean(fields.get("sequence")),
            legal_sequence=clean(fields.get("legal_sequence")),
            page=page,
            is_last_page=is_last,
            from_on=self._day(fields, "from_on"),
            to_on=self._day(fields, "to_on"),
            opening=opening,
            closing=closing,
            balances=balances,
            declared=self._declared(fields),
            created_at=clean(fields.get("created_at")),
            copy=clean(fields.get("copy")),
            key=statement_key(account, number, closing, page if is_paged else None, fields.get("mark")),
        )

    def _balance(self, fields):
        amount, currency = self._money(fields, "amount", sign="CRDT")
        return Balance(clean(fields.get("code")) or "OTHR", amount, currency, self._day(fields, "balance_on"))

    def _declared(self, fields):
        if not any(name in fields for name in ("declared_count", "declared_net", "credit_count", "debit_count")):
            return None
        net = self._optional(values.signed, fields, "declared_net")
        is_debit = clean(fields.get("declared_net_sign")) == "DBIT"
        credits = self._optional(values.signed, fields, "credits")
        debits = self._optional(values.signed, fields, "debits")
        return DeclaredTotals(
            self._optional(values.count, fields, "declared_count"),
            self._optional(values.count, fields, "credit_count"),
            self._optional(values.count, fields, "debit_count"),
            credits,
            # Some banks write the sum of debits with a minus, although the side is said already.
            None if debits is None else debits.copy_abs(),
            net.copy_negate() if is_debit and net is not None else net,
        )

    def _day_of_all(self):
        """The one day that all entries have, if the statement covers only one."""
        statement = self.statement
        ends = [balance.on for balance in (statement.opening, statement.closing) if balance and balance.on]
        days = set(ends) if len(ends) == 2 else {statement.from_on, statement.to_on}
        return days.pop() if len(days) == 1 else None

    # Entries

    def _note(self, status):
        """Count what is not booked by its status; a status that nobody knows is odd."""
        if status in _NOT_BOOKED:
            self._tally.statuses[status] += 1
        elif status not in _BOOKED:
            self._tally.odd["unknown_status"] += 1

    def _parts(self, entry, details, amount, currency):
        """The amounts of the details, where they divide the entry; else None, and a mark if they contradict it."""
        parts = [self._part(entry, detail, currency) for detail in details]
        if None in parts:
            return None
        difference = abs(sum(parts) - amount)
        if difference and difference != self._charged([entry, *details], currency):
            self._tally.differing.append(self._number)
        return None if difference else parts

    def _part(self, entry, detail, currency):
        """The detail's amount in the entry's currency, or None where it does not tell."""
        name = "amount" if "amount" in detail else "transacted"
        if name not in detail or detail[f"{name}_ccy"] != currency:
            return None
        return self._money(detail, name, entry.get("sign"))[0] or None

    def _charged(self, groups, currency):
        charges = [charge for group in groups for charge in self._charges(group)]
        return abs(sum(charge.amount for charge in charges if charge.currency == currency))

    def _row(self, entry, detail, amount, currency, number, details, is_booked):
        """The entry from the members that are told; those that are not have their defaults from the class."""
        told, statement = told_by(entry, detail), self.statement
        booked_on, value_on, booked_text, value_text = self._dates(entry, is_booked)
        is_reversal = "is_reversal" in entry and bool(values.flag(entry["is_reversal"]))
        # A reversal names the parties of what it reverses.
        other, account, agent = _PARTIES[(amount >= 0) is not is_reversal]
        counterparty = clean(detail[other]) if other in detail else None
        text = remittance(detail)
        if text and len(text) > LONGEST:
            text = self._long(text)
        content = (
            booked_text,
            value_text,
            plain(amount),
            currency,
            counterparty.casefold() if counterparty else "",
            text.replace("\n", " ").casefold() if text else "",
        )
        reference = told.get("bank_reference")
        known_by = reference or told.get("detail_reference")
        if known_by and self._dated:
            known_by = f"{booked_text}:{known_by}"
        keys = self._keys if is_booked else self._provisional_keys
        key, alt_key, ordinal = keys.of(statement.account, known_by, reference and number, content)
        told["account"] = statement.account
        told["amount"] = amount
        told["currency"] = currency
        told["booked_on"] = booked_on
        told["value_on"] = value_on
        told["is_reversal"] = is_reversal
        told["counterparty"] = counterparty
        told["remittance"] = text
        told["detail"] = number
        told["details"] = details
        told["parent_key"] = statement.key
        told["key"] = key
        told["alt_key"] = alt_key
        told["ordinal"] = ordinal
        if account in detail:
            told["counterparty_account"] = account_number(detail[account])
        if agent in detail:
            told["counterparty_agent"] = clean(detail[agent])
        if "additional" in told:
            told["additional"] = self._long(told["additional"])
        if "domain" in entry or "domain" in detail:
            told["bank_code"] = bank_code(entry, detail)
        if "structured" in detail:
            told["structured_reference"], told["documents"] = structured(detail["structured"])
        if "charges" in entry or "charges" in detail:
            told["charges"] = self._charges(detail if number else entry) or self._charges(detail)
        if not (_ORIGINAL.isdisjoint(detail) and _EXCHANGED.isdisjoint(entry)):
            original = self._original(entry, detail, currency)
            if original:
                told["original_amount"], told["original_currency"] = original
        return (BankEntry if is_booked else ProvisionalEntry).of(told)

    def _dates(self, entry, is_booked):
        """(booked on, value on) and both as text, looked up where other entries have the same."""
        place = entry.get("booked_on"), entry.get("value_on")
        known = self._days.get(place)
        if known is None or not (place[0] or place[1]):
            booked_on, value_on = self._dates_of(entry, is_booked)
            known = booked_on, value_on, booked_on.isoformat(), value_on.isoformat() if value_on else ""
            self._days[place] = known
        return known

    def _dates_of(self, entry, is_booked):
        """(booked on, value on); an entry without a date has the statement's day, and the statement a finding."""
        value_on = self._day(entry, "value_on")
        booked_on = self._day(entry, "booked_on") or value_on
        if booked_on is None:
            if is_booked:
                self._tally.odd["date_assumed" if self._only_day else "date_unknown"] += 1
            booked_on = self._only_day or self.statement.on or (None if is_booked else self._day_made())
        if booked_on is None:
            raise self._malformed("no date")
        return booked_on, value_on

    def _day_made(self):
        """What is pending often bears no date; it was so on the day on which the bank told it."""
        return values.day(self.statement.created_at)

    def _original(self, entry, detail, currency):
        """Amount and currency before an exchange, without sign, or None."""
        for fields in (detail, entry):
            for name in ORIGINALS:
                if name in fields and fields[CURRENCY_OF[name]] != currency:
                    return self._money(fields, name, "CRDT", is_signed=False)
        return None

    def _charges(self, fields):
        if "charges" not in fields:
            return ()
        records = [record for group in fields["charges"] for record in group.get("records", (group,))]
        return tuple(self._charge(record) for record in records if "amount" in record)

    def _charge(self, record):
        amount, currency = self._money(record, "amount", "DBIT")
        return Charge(amount, currency, clean(record.get("kind")), values.flag(record.get("is_included")))


def _ends(balances, begins_interim, is_last):
    """(opening, closing) booked balance. Pages between the first and the last have interim balances instead."""
    by_code = {}
    for balance in balances:
        by_code.setdefault(balance.code, []).append(balance)
    interim = by_code.get("ITBD", [])
    opening = by_code.get("OPBD") or by_code.get("PRCD") or (interim[:1] if begins_interim else [])
    closing = by_code.get("CLBD") or (interim[-1:] if is_last is False else [])
    return (opening[0] if opening else None), (closing[-1] if closing else None)
