"""What each scheme demands of a payment, before anything is written: an empty list, or what is wrong, in words.

Sources: EPC132-08 and EPC133-08 (credit transfers, instant ones), EPC130-08 and EPC131-08 (direct debits CORE and
B2B), EPC262-08 (creditor identifiers), ISO 13616 (IBAN), ISO 11649 (references).
"""

import re
from decimal import Decimal
from functools import lru_cache

from .currencies import decimals
from .payment import CREDIT_SCHEMES, DEBIT_SCHEMES
from .payment_text import spelled

_EEA = frozenset(
    "AT BE BG HR CY CZ DK EE FI FR DE GR HU IS IE IT LV LI LT LU MT NL NO PL PT RO SK SI ES SE".split()  # noqa: SIM905
)
_BESIDE = frozenset("AD AL CH GB GG GI IM JE MC MD ME MK RS SM VA".split())  # noqa: SIM905
# Parts of France and others whose IBANs begin with the mainland's letters are in it by themselves.
SEPA = _EEA | _BESIDE
LARGEST = Decimal("999999999.99")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_CREDITOR_ID = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{3}[A-Z0-9+?/:().,'-]{1,28}")
_RF = re.compile(r"RF[0-9]{2}[A-Z0-9]{1,21}")
_REFERENCE = re.compile(r"(?!/)(?!.*//)[A-Za-z0-9/?:().,'+ -]{1,35}(?<!/)")
_SIDES = (("own", "our own"), ("other", "the other side's"))


def refusals(payment):
    """(code, words) of everything that keeps the payment from being sent; the words name members, never values."""
    return [one for rule in _RULES for one in rule(payment)]


@lru_cache(maxsize=4096)
def is_iban(text):
    """Whether the text is an IBAN whose check digits are right.

    >>> is_iban("DE89370400440532013000"), is_iban("DE88370400440532013000")
    (True, False)
    """
    return bool(text and _IBAN.fullmatch(text)) and _mod97(text[4:] + text[:4]) == 1


def is_creditor_id(text):
    """Whether the text is a creditor identifier; its business code (characters 5 to 7) is no part of the check."""
    if not text or not _CREDITOR_ID.fullmatch(text):
        return False
    return _mod97("".join(re.findall("[A-Z0-9]", text[7:])) + text[:4]) == 1


def is_rf(text):
    """Whether the text is a reference after ISO 11649 with right check digits."""
    return bool(_RF.fullmatch(text)) and _mod97(text[4:] + text[:4]) == 1


def is_qrr(text):
    """Whether the text is a Swiss QR reference: 27 digits, the last by the table of modulo 10."""
    return len(text) == 27 and text.isdigit() and text.isascii() and _mod10(text[:-1]) == int(text[-1])


def _mod97(text):
    return int("".join(str(int(sign, 36)) for sign in text)) % 97


def _mod10(digits):
    carry = 0
    for digit in digits:
        carry = (0, 9, 4, 6, 8, 2, 7, 1, 3, 5)[(carry + int(digit)) % 10]
    return (10 - carry) % 10


def is_in_sepa(payment):
    return payment.scheme != "foreign"


def needs_address(payment):
    """Where one of the accounts is in SEPA but outside the EEA, the payer's address has to travel."""
    return is_in_sepa(payment) and bool({payment.own_account[:2], payment.other_account[:2]} & _BESIDE)


def has_address(payment, side):
    return bool(getattr(payment, f"{side}_town") and getattr(payment, f"{side}_country"))


def _kind(payment):
    schemes = CREDIT_SCHEMES if payment.kind == "credit" else DEBIT_SCHEMES
    if payment.scheme not in schemes:
        yield "scheme", f"a {payment.kind} travels as {', '.join(schemes)}, not as {payment.scheme}"


def _amount(payment):
    if payment.amount <= 0:
        yield "amount", "the amount is not more than zero"
    if -payment.amount.normalize().as_tuple().exponent > decimals(payment.currency):
        yield "amount", "the amount has more decimals than its currency"
    if is_in_sepa(payment) and payment.currency != "EUR":
        yield "currency", "payments of SEPA are in euro"
    if payment.amount > LARGEST and is_in_sepa(payment):
        yield "amount", f"the amount is above {LARGEST}"


def _accounts(payment):
    if is_in_sepa(payment):
        for side, words in _SIDES:
            account = getattr(payment, f"{side}_account")
            if not is_iban(account):
                yield "iban", f"{words} account is no IBAN with right check digits"
            elif account[:2] not in SEPA:
                yield "iban", f"{words} account is outside SEPA"
    elif re.match(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11}", payment.other_account) and not is_iban(payment.other_account):
        yield "iban", "the other side's account looks like an IBAN, and its check digits are wrong"


def _bank(payment):
    if payment.scheme == "foreign" and not payment.other_bic:
        yield "bic", "a foreign payment needs the BIC of the other side's bank"


def _names(payment):
    for side, words in _SIDES:
        if not spelled(getattr(payment, f"{side}_name")).strip(" ."):
            yield "name", f"{words} name is missing"


def _addresses(payment):
    for side, words in _SIDES:
        told = [getattr(payment, f"{side}_{part}") for part in ("street", "building", "postcode", "town")]
        if any(told) and not has_address(payment, side):
            yield "address", f"{words} address has no town and country of their own, which is needed since 2026"
        if any("\n" in (part or "") for part in told):
            yield "address", f"{words} address has several lines in one of its parts"
    payer = "own" if payment.kind == "credit" else "other"
    if needs_address(payment) and not has_address(payment, payer):
        yield "address", f"{dict(_SIDES)[payer]} address (town and country) has to travel with this payment"
    if payment.scheme == "foreign":
        for side, words in _SIDES:
            if not has_address(payment, side):
                yield "address", f"a foreign payment needs {words} town and country"


def _references(payment):
    told = payment.reference
    if told is None:
        return
    if told.startswith("RF") and is_in_sepa(payment) and not is_rf(told):
        yield "reference", "the reference begins like one of ISO 11649, and its check digits are wrong"
    elif not _REFERENCE.fullmatch(told):
        yield "reference", "the reference is longer than 35 characters or has some that banks do not take"


def _debit(payment):
    if payment.kind != "debit":
        return
    if not is_creditor_id(payment.creditor_scheme_id):
        yield "creditor_id", "the creditor identifier is missing, or its check digits are wrong"
    if not payment.mandate or not payment.mandate_on:
        yield "mandate", "the mandate or the day on which it was signed is missing"
    elif payment.mandate_on > payment.execute_on:
        yield "mandate", "the mandate is signed after the collection"
    if not payment.sequence:
        yield "sequence", "FRST, RCUR, FNAL or OOFF is missing"
    before = payment.creditor_scheme_before if payment.mandate_amended else None
    if before and not is_creditor_id(before):
        yield "creditor_id", "the creditor identifier before the change is wrong"


_RULES = (_kind, _amount, _accounts, _bank, _names, _addresses, _references, _debit)
