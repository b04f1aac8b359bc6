"""Contract versions: `name/major.minor`. A minor version only adds optional members; anything else is a new major one.

A payload, a document or a bundle that names a version which nobody here knows is refused as a whole.
"""

import re
from dataclasses import dataclass

from .errors import MalformedPayload

_FORM = re.compile(r"([a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*)/(0|[1-9][0-9]{0,3})\.(0|[1-9][0-9]{0,3})")


@dataclass(frozen=True, order=True)
class Version:
    """One version of a contract.

    >>> Version.read("bank.entry/1.2").serves(Version.read("bank.entry/1.0"))
    True
    >>> Version.read("bank.entry/2.0").serves(Version.read("bank.entry/1.0"))
    False
    """

    name: str
    major: int
    minor: int

    @classmethod
    def read(cls, text):
        """ValueError for what is no name and version."""
        found = _FORM.fullmatch(text)
        if not found:
            raise ValueError(f"{text!r} is not name/major.minor")
        return cls(found[1], int(found[2]), int(found[3]))

    def __str__(self):
        return f"{self.name}/{self.major}.{self.minor}"

    def serves(self, asked):
        """Whether this version keeps what the other one promises."""
        return (self.name, self.major) == (asked.name, asked.major) and self.minor >= asked.minor


def unknown(asked, known):
    """Those of the contract names that no known contract serves, in order; what is no name at all is among them."""
    here = [Version.read(text) for text in known]
    return [text for text in sorted(asked) if not _is_served(text, here)]


def _is_served(text, here):
    return bool(_FORM.fullmatch(text)) and any(version.serves(Version.read(text)) for version in here)


def refuse_unknown(asked, known):
    """MalformedPayload that names every contract version which is not known here."""
    strangers = unknown(asked, known)
    if strangers:
        raise MalformedPayload(
            f"unknown contract version: {', '.join(strangers)}", code="unknown_contract", contracts=strangers
        )


def standing(dates, on):
    """`active`, `deprecated` or `sunset` on that day, by a mapping with the ISO dates `deprecated_on` and `sunset_on`.

    The sunset is the last day of use.
    """
    day = on.isoformat()
    if dates.get("sunset_on", "9999") < day:
        return "sunset"
    return "deprecated" if dates.get("deprecated_on", "9999") <= day else "active"


def broken_promises(old, new):
    """What a minor version may not do, in words: an empty list where the new JSON Schema only adds optional members."""
    before, after = old["properties"], new["properties"]
    told = [f"{name} is gone" for name in sorted(set(before) - set(after))]
    told += [f"{name} is another one" for name in sorted(before) if after.get(name, before[name]) != before[name]]
    told += [f"{name} is required now" for name in sorted(set(new["required"]) - set(old["required"]))]
    return told + [f"{name} is optional now" for name in sorted(set(old["required"]) - set(new["required"]))]
