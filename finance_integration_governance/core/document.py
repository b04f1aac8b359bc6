"""The version document: everything a run depends on, as canonical JSON. The engine reads nothing else."""

import json
from dataclasses import dataclass, field
from decimal import Decimal

from .canonical import canonical, digest

FORMAT = 1


def written(content):
    """(text, digest) of a document's content."""
    text = canonical({**content, "format": FORMAT})
    return text, digest(text)


@dataclass(frozen=True)
class FlowDocument:
    """A version document, read. `content` is the plain mapping; the properties name what the engine asks for."""

    text: str
    content: dict = field(repr=False)

    @classmethod
    def read(cls, text):
        return cls(text, json.loads(text))

    @property
    def digest(self):
        return digest(self.text)

    def __getitem__(self, name):
        return self.content[name]

    def get(self, name, default=None):
        return self.content.get(name, default)

    @property
    def connection(self):
        return self.content["connection"]

    @property
    def settings(self):
        return self.connection.get("settings", {})

    @property
    def tolerances(self):
        """Allowed difference per currency, as Decimal."""
        return {currency: Decimal(amount) for currency, amount in self.content.get("tolerances", {}).items()}

    @property
    def criticality(self):
        return self.content.get("register", {}).get("criticality", "normal")

    def limit(self, name, default):
        return self.content.get("limits", {}).get(name, default)

    def people(self, role, on):
        """Logins that hold the role on the date, in the document's order."""
        return [
            person["login"]
            for person in self.content.get("people", [])
            if person["role"] == role
            and person.get("from", "") <= on.isoformat()
            and on.isoformat() <= person.get("to", "9999-12-31")
        ]


def differences(old, new, path=""):
    """What changed between two contents: a list of (path, old value, new value); absent is None."""
    if isinstance(old, dict) and isinstance(new, dict):
        names = sorted({*old, *new})
        return [d for name in names for d in differences(old.get(name), new.get(name), f"{path}.{name}".lstrip("."))]
    return [] if old == new else [(path, old, new)]
