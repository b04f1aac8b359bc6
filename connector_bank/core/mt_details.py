"""What field :86: says beside an entry, in the dialects that banks write it in.

German and Austrian banks number the parts (`166?00...?20...`), Dutch and Belgian ones name them (`/TRTP/.../REMI/...`
or `IBAN: ... OMSCHRIJVING: ...`), others write for people. What is not recognised is text.
"""

import re

from . import values

_NUMBERED = re.compile(r"([0-9]{3})([?<>~^@#$§|])(?=[0-9]{2})")
_SEPA = re.compile(r"\b(EREF|KREF|MREF|CRED|DEBT|COAM|OAMT|SVWZ|ABWA|ABWE|IBAN|BIC|PURP|RREF|RTRN)\+ ?")
_NAMED = re.compile(
    r"/(TRTP|TRCD|IBAN|BIC|NAME|REMI|EREF|ORDP|BENM|MARF|CSID|CNTP|PREF|RTRN|ISDT|ADDR|SVCL|ULTC|ULTD|ULTB|PURP|ID|CREF"
    r"|RREF|IREF|OCMT|CHGS|EXCH|SUM)/"
)
_LABELLED = re.compile(
    r"\b(IBAN|BIC|NAAM|OMSCHRIJVING|KENMERK|MACHTIGING|INCASSANT|BETALINGSKENM\.|UW REF)\s*:\s*", re.I
)
_STRUCTURED = re.compile(r"STRD/(?:[A-Z]{2,4}/)?([^/]+)")
_ACCOUNT = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_PURPOSE = re.compile(r"[A-Z0-9]{4}")
_NUMBERED_NAMES = {
    "end_to_end": "EREF",
    "mandate": "MREF",
    "instruction": "KREF",
    "purpose": "PURP",
    "return_reason": "RTRN",
}
_SLASHED_NAMES = {**_NUMBERED_NAMES, "mandate": "MARF", "instruction": "PREF"}
_FULL = 27  # characters of one numbered part; a longer text goes on in the next


def details(text, supplement):
    """The fields of a detail, as `StatementReader` reads them, and the bank's own codes of the transaction."""
    numbered = _NUMBERED.match(text)
    if numbered:
        return _numbered(text.replace("\n", ""), numbered)
    if text.startswith("/") and _NAMED.match(text):
        return _named(_NAMED.split(text.replace("\n", ""))), ()
    if "IBAN" in text and len(labels := _LABELLED.split(text.replace("\n", " "))) > 3:
        return _labelled(labels), ()
    found = {"remittance": text.split("\n")} if text else {}
    if supplement and _ACCOUNT.fullmatch(supplement):
        return found | _other(account=supplement), ()
    return found if text or not supplement else {"remittance": [supplement]}, ()


def unstructured(text):
    """Field :NS: beside an entry: numbered lines, 01 to 14 for people and 15 the other party's name."""
    lines = {line[:2]: line[2:] for line in text.split("\n") if line[:2].isdigit()}
    return {"remittance": [line for code, line in lines.items() if code <= "14"], **_other(lines.get("15"))}


def _other(name=None, account=None, agent=None):
    """The other party, whichever side it is on: the reader takes the one that the sign asks for."""
    told = {"": values.clean(name), "_account": values.clean(account), "_agent": values.clean(agent)}
    return {f"{side}{part}": text for part, text in told.items() if text for side in ("debtor", "creditor")}


def _numbered(text, head):
    parts = re.split(f"{re.escape(head[2])}([0-9]{{2}})", text[3:])
    by_number = {}
    for number, part in zip(parts[1::2], parts[2::2], strict=True):
        by_number[number] = by_number.get(number, "") + part
    lines = [part for number, part in by_number.items() if "20" <= number <= "29" or "60" <= number <= "63"]
    found = _sepa(_joined(lines))
    name = by_number.get("32", "") + by_number.get("33", "")
    other = _other(name or found.pop("name", None), by_number.get("31"), by_number.get("30"))
    words = by_number.get("00", "")
    codes = (head[1], values.clean(by_number.get("10")))
    return {**found, **other, **({"additional": words} if words else {})}, codes


def _joined(lines):
    """Parts as one text: a full one goes on in the next without a blank."""
    text = last = ""
    for line in lines:
        text += line if not text or len(last) >= _FULL else f" {line}"
        last = line
    return text


def _sepa(text):
    """The parts of a SEPA payment that stand in the text with their codes."""
    parts = _SEPA.split(text)
    if len(parts) == 1:
        return {"remittance": [text]} if text else {}
    told = dict(zip(parts[1::2], map(str.strip, parts[2::2]), strict=True))
    lines = [line for line in (parts[0], told.get("SVWZ")) if line and line.strip()]
    found = {name: told[code] for name, code in _NUMBERED_NAMES.items() if told.get(code)}
    if not _PURPOSE.fullmatch(told.get("PURP", "")):
        lines.append(found.pop("purpose", ""))  # the code and then a text, or nothing but a text
    return found | ({"remittance": lines} if lines else {}) | ({"name": told["ABWA"]} if told.get("ABWA") else {})


def _named(parts):
    told = {}
    for code, part in zip(parts[1::2], map(str.strip, parts[2::2]), strict=True):
        if part and code not in told:
            told[code] = part.strip("/").strip() if code != "CNTP" else part
    account, agent, name, *_place = (*told.pop("CNTP", "").split("/"), "", "", "")
    other = _other(told.get("NAME") or name, told.get("IBAN") or account, told.get("BIC") or agent)
    found = {name: told[code] for name, code in _SLASHED_NAMES.items() if code in told}
    if not _PURPOSE.fullmatch(told.get("PURP", "")):
        found.pop("purpose", None)
    return found | other | _remitted(told.get("REMI", "")) | ({"additional": told["TRTP"]} if "TRTP" in told else {})


def _remitted(text):
    structured = _STRUCTURED.match(text)
    if structured:
        return {"structured": [{"reference": structured[1]}]}
    text = text.removeprefix("USTD//")
    return {"remittance": [text]} if text else {}


def _labelled(parts):
    told = dict(zip(map(str.upper, parts[1::2]), parts[2::2], strict=True))
    lines = [told[label] for label in ("OMSCHRIJVING", "UW REF") if told.get(label)]
    references = {"end_to_end": "KENMERK", "mandate": "MACHTIGING"}
    found = {name: told[label] for name, label in references.items() if told.get(label)}
    other = _other(told.get("NAAM"), told.get("IBAN", "").strip(), told.get("BIC"))
    structured = told.get("BETALINGSKENM.")
    return {
        **found,
        **other,
        "remittance": lines,
        "additional": parts[0],
        **({"structured": [{"reference": structured}]} if structured else {}),
    }
