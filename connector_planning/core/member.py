"""Members of dimensions: what figures are planned by, and how they hang together."""

import re
import typing
import unicodedata
from dataclasses import dataclass

from odoo.addons.finance_integration_governance.core.contract import Canonical, Currency, Name, Text
from odoo.addons.finance_integration_governance.core.dictionary import means

from .actual import Part

KEY_RULE = "8"
Level = typing.Annotated[str, Text(6, r"member|group")]
State = typing.Annotated[str, Text(7, r"active|retired")]
KINDS = ("account", "analytic", "entity", "product", "currency")
_UNSAFE = re.compile(r"[|\x00-\x1f]")


@dataclass(frozen=True, kw_only=True)
class Member(Canonical):
    """One member of a dimension, or one of the groups that its members hang below. It never goes: it retires."""

    contract = "planning.member/1.0"

    kind: Part = means("account, analytic, entity, product or currency.")
    plan: Part | None = means("The analytic plan, where it is a member of one.", None, sap="KOKRS")
    company: Part | None = means("The company whose member it is; absent where it is everybody's.", None, sap="BUKRS")
    code: Part = means("The member's code; its name, where it has none.")
    name: Name = means("The member's name.")
    parent: Part | None = means("The code of the group, or of the company, that it hangs below.", None)
    level: Level = means("member, or group: what others hang below, and nothing is booked on.", "member")
    account_type: Part | None = means("What kind of account it is, as Odoo calls it.", None)
    currency_code: Currency | None = means("The currency that it is kept in, where it has one.", None)
    state: State = means("active, or retired: nothing new comes, and its figures stay.", "active")

    @property
    def key(self):
        places = (self.kind, self.plan or "", self.company or "", self.code, "group" if self.is_group else "")
        return "|".join((KEY_RULE, *places))

    @property
    def is_group(self):
        return self.level == "group"

    @property
    def is_active(self):
        return self.state == "active"


def part(text):
    """A code as a key can hold it: no bar, no control characters, 64 characters; None for nothing.

    >>> part("Sales | Nord"), part("")
    ('Sales / Nord', None)
    """
    return _UNSAFE.sub("/", unicodedata.normalize("NFC", text or "")).strip()[:64] or None


def state(active):
    return "active" if active else "retired"


def name(text):
    """A name as the contract has it; what has none is called by a dash."""
    return unicodedata.normalize("NFC", text or "").replace("\x00", "").strip()[:140] or "-"
