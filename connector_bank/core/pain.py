"""What pain.001 and pain.008 have in common: one document for one batch, written as a stream.

The header of a group and of the document says how many payments follow and what they add up to, so the payments of each
group are put aside until the last one is there. The same payments always make the same bytes: nothing is taken from a
clock or from chance.
"""

import datetime as dt
import shutil
import tempfile
from dataclasses import dataclass
from decimal import Context, Decimal
from functools import cached_property
from operator import attrgetter
from xml.sax.saxutils import escape

from odoo.addons.finance_integration_governance.core.errors import DataError
from odoo.addons.finance_integration_governance.core.totals import ControlTotals

from .currencies import decimals
from .payment import message_id
from .payment_rules import has_address, refusals
from .payment_text import as_sent
from .unnamed_file import UnnamedFile

_EXACT = Context(prec=60)
_IN_MEMORY = 1 << 20
MOST_GROUPS = 999
# What the payments of one group have in common.
_GROUP = attrgetter(
    "own_account",
    "scheme",
    "execute_on",
    "currency",
    "sequence",
    "category_purpose",
    "charges",
    "creditor_scheme_id",
    "own_name",
    "own_bic",
    "own_country",
    "own_street",
    "own_building",
    "own_postcode",
    "own_town",
)


def tag(name, content):
    """An element, or nothing where nothing stands in it."""
    return f"<{name}>{content}</{name}>" if content else ""


def text(name, value):
    return f"<{name}>{escape(value)}</{name}>" if value else ""


def choice(name, code, kind="Cd"):
    return f"<{name}><{kind}>{code}</{kind}></{name}>" if code else ""


@dataclass(frozen=True)
class Options:
    """How a connection wants its files. `initiator`: the number by which the bank knows who sends the file."""

    characters: str = "sepa"
    batch_booking: bool = True
    initiator: str | None = None
    uetr: bool = True


@dataclass(frozen=True)
class Written:
    """A document: `open` gives its bytes, again and again; `name` is its MsgId."""

    name: str
    open: UnnamedFile
    keys: tuple
    totals: ControlTotals


class Message:
    """One version of one message; `root` is its element below Document. Inheritors say what stands in a group."""

    root = ""
    # version -> whether it is of 2019, when BIC became BICFI and UETR and LEI came.
    versions = {}

    def __init__(self, version, options):
        self.version, self.options, self.is_new = version, options, self.versions[version]

    # What each message says for itself

    def group(self, head, identification, totals):
        """The elements of a group before its payments; `head` is its first payment, `totals` what is counted."""
        raise NotImplementedError

    def payment(self, one):
        """The element of one payment."""
        raise NotImplementedError

    # The document

    def write(self, payments):
        """The document of these payments, which are those of one batch; DataError where one may not be sent."""
        groups, seen, keys, totals, first = {}, set(), [], ControlTotals(), None
        for payment in payments:
            self._check(payment, seen)
            one, _changes = as_sent(payment, self.options.characters)
            first = first or one
            group = _GROUP(one)
            if group not in groups:
                groups[group] = _Group(one)
            groups[group].add(self.payment(one), one.amount)
            keys.append(payment.key)
            totals.add(payment.key, payment.amount, payment.currency)
        file = UnnamedFile()
        name = message_id(first.batch, keys)
        self._document(file.stream, name, list(groups.values()))
        file.stream.flush()
        return Written(name, file, tuple(keys), totals)

    def _check(self, payment, seen):
        wrong = refusals(payment)
        if wrong:
            code, words = wrong[0]
            raise DataError(f"{payment.key}: {words}", code=f"payment_{code}", key=payment.key)
        if payment.end_to_end_id in seen or payment.uetr in seen:
            raise DataError(f"{payment.key} stands twice in {payment.batch}", code="payment_duplicate", key=payment.key)
        seen.update((payment.end_to_end_id, payment.uetr))

    def _document(self, stream, name, groups):
        write = stream.write
        namespace = f"urn:iso:std:iso:20022:tech:xsd:{self.version}"
        write(f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{namespace}"><{self.root}>'.encode())
        write(self._header(name, groups).encode())
        for number, group in enumerate(groups, 1):
            counted = f"<NbOfTxs>{group.count}</NbOfTxs><CtrlSum>{group.sum}</CtrlSum>"
            write(f"\n<PmtInf>{self.group(group.first, _group_id(name, number), counted)}".encode())
            group.copy(stream)
            write(b"\n</PmtInf>")
        write(f"\n</{self.root}></Document>\n".encode())

    def _header(self, name, groups):
        first = groups[0].first
        count = sum(group.count for group in groups)
        total = max((group.sum for group in groups), key=lambda one: -one.as_tuple().exponent) * 0
        for group in groups:
            total = _EXACT.add(total, group.sum)
        who = text("Nm", first.own_name)
        if self.options.initiator:
            known = f"<Othr>{text('Id', self.options.initiator)}</Othr>"
            who += f"<Id><OrgId>{known}</OrgId></Id>"
        return (
            f"\n<GrpHdr><MsgId>{name}</MsgId><CreDtTm>{self._created(first)}</CreDtTm>"
            f"<NbOfTxs>{count}</NbOfTxs><CtrlSum>{total}</CtrlSum><InitgPty>{who}</InitgPty></GrpHdr>"
        )

    def _created(self, first):
        """When the batch was submitted: a file that is made again says what the first one said."""
        day = f"{first.execute_on}T00:00:00+00:00"
        moment = dt.datetime.fromisoformat(first.batched_at or day)
        moment = moment.replace(tzinfo=moment.tzinfo or dt.UTC).astimezone(dt.UTC).replace(microsecond=0)
        return moment.isoformat() if self.is_new else moment.replace(tzinfo=None).isoformat()

    # Elements that both messages have

    @cached_property
    def booking(self):
        return f"<BtchBookg>{'true' if self.options.batch_booking else 'false'}</BtchBookg>"

    def party(self, one, side):
        return text("Nm", getattr(one, f"{side}_name")) + self.address(one, side) + self.lei(one, side)

    def address(self, one, side):
        """Structured: town and country at least. Lines without structure are not written."""
        if not has_address(one, side):
            return ""
        parts = (("StrtNm", "street"), ("BldgNb", "building"), ("PstCd", "postcode"), ("TwnNm", "town"))
        told = "".join(text(name, getattr(one, f"{side}_{part}")) for name, part in parts)
        return f"<PstlAdr>{told}<Ctry>{getattr(one, f'{side}_country')}</Ctry></PstlAdr>"

    def lei(self, one, side):
        known = one.other_lei if side == "other" and self.is_new else None
        return f"<Id><OrgId><LEI>{known}</LEI></OrgId></Id>" if known else ""

    def account(self, name, number):
        known = f"<IBAN>{number}</IBAN>" if _is_iban(number) else f"<Othr><Id>{escape(number)}</Id></Othr>"
        return f"<{name}><Id>{known}</Id></{name}>"

    def agent(self, name, bic, is_needed=True):
        """A bank; one that is not known is said to be not provided where the message needs one."""
        if not bic and not is_needed:
            return ""
        bic_tag = "BICFI" if self.is_new else "BIC"
        known = f"<{bic_tag}>{bic}</{bic_tag}>" if bic else "<Othr><Id>NOTPROVIDED</Id></Othr>"
        return f"<{name}><FinInstnId>{known}</FinInstnId></{name}>"

    def identification(self, one):
        uetr = text("UETR", one.uetr) if self.is_new and self.options.uetr else ""
        return f"<PmtId>{text('EndToEndId', one.end_to_end_id)}{uetr}</PmtId>"

    def money(self, one):
        return f'<InstdAmt Ccy="{one.currency}">{_amount(one.amount, one.currency)}</InstdAmt>'

    def remittance(self, one):
        return tag("RmtInf", text("Ustrd", one.text) + (_structured(one.reference) if one.reference else ""))


def _group_id(name, number):
    if number > MOST_GROUPS:
        raise DataError(f"{name} would have more than {MOST_GROUPS} groups of payments", code="payment_groups")
    return f"{name}-{number}"


class _Group:
    """The payments of one PmtInf, put aside."""

    def __init__(self, first):
        self.first, self.count = first, 0
        self.sum = Decimal(0).scaleb(-decimals(first.currency))
        self._rest = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 (read when the last payment is there)

    def add(self, element, amount):
        self._rest.write(f"\n{element}".encode())
        self.count, self.sum = self.count + 1, _EXACT.add(self.sum, amount)

    def copy(self, stream):
        self._rest.seek(0)
        shutil.copyfileobj(self._rest, stream)
        self._rest.close()


def _amount(amount, currency):
    return f"{amount:.{decimals(currency)}f}"


def _is_iban(number):
    return number[:2].isalpha() and number[2:4].isdigit() and len(number) >= 15


def _structured(reference):
    """A reference of the creditor's: of ISO 11649, of the Swiss QR bill, or any other."""
    kind, issuer = "<Cd>SCOR</Cd>", ""
    if reference.startswith("RF"):
        issuer = "<Issr>ISO</Issr>"
    elif len(reference) == 27 and reference.isdigit():
        kind = "<Prtry>QRR</Prtry>"
    told = f"<Tp><CdOrPrtry>{kind}</CdOrPrtry>{issuer}</Tp>{text('Ref', reference)}"
    return f"<Strd><CdtrRefInf>{told}</CdtrRefInf></Strd>"
