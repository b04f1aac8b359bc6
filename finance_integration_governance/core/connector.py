"""Connectors: one protocol and one format each, nothing of Odoo.

A connector declares its settings, says which canonical objects it carries, and is a `Source`, a `Destination`, a
`KeyedDestination` or a `LoadingDestination`; what it can do is which of these it inherits. Its addon names it in a list
`CONNECTORS`.
One object lives as long as one stage of one run; tokens stay in its memory. Connectors write no try/except: transports,
HTTP client and parsers raise this suite's errors.
"""

import types
import typing
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar

from .errors import ConfigurationError
from .http import HttpClient
from .network import DIRECT, Network
from .totals import ControlTotals


@dataclass(frozen=True)
class Setting:
    """One value that an administrator gives. `kind`: text, integer, boolean or choice; `secret`: a reference only."""

    name: str
    label: str
    kind: str = "text"
    default: object = None
    required: bool = True
    secret: bool = False
    choices: tuple = ()
    help: str = ""


@dataclass(frozen=True)
class Payload:
    """Bytes as they crossed the wire. Inbound: `open` gives a binary stream that can be opened again.

    Outbound payloads are made by `serialize`: `keys` names the items inside and `totals` what they add up to.
    `cursor` is where the next extract may begin, as text; None where the source remembers by itself.
    """

    name: str
    open: Callable
    content_type: str = "application/octet-stream"
    cursor: str | None = None
    keys: tuple = ()
    totals: ControlTotals | None = None


@dataclass(frozen=True)
class Window:
    """What an extract should bring: from the cursor of the last kept payload on; `until`: the slot's moment (aware).

    `since`: when the run was asked for (aware). What the other side has made since then is fresh enough for it.
    """

    cursor: str | None = None
    until: object = None
    since: object = None


@dataclass(frozen=True)
class Receipt:
    """The other side's answer to one send. `state`: accepted, pending, refused, or partly: a person has to look.

    `rejects`: key -> reason. `ignored`: how many rows it says it left out, named or not; `text`: its own words.
    """

    state: str
    reference: str | None = None
    rejects: dict = field(default_factory=dict)
    ignored: int = 0
    text: str = ""


class Connector:
    """`settings`, `carries`, `code` and `label` are declarations; `version` changes when the meaning of a setting does.

    `renamed` maps an old setting's name to its new one, so stored documents keep their meaning. `calls` collects the
    calls made over the network, for the audit log.
    """

    code: ClassVar[str] = ""
    label: ClassVar[str] = ""
    version: ClassVar[str] = "1"
    carries: ClassVar[tuple] = ()
    settings: ClassVar[tuple] = ()
    renamed: ClassVar[dict] = {}
    # (calls, seconds) that the system takes at most; a connection may say otherwise. None: nobody has said so.
    rate: ClassVar[tuple | None] = None
    # What the administrator allows on this installation; the engine sets both before the first use. Nothing by default.
    roots: tuple = ()
    allowed_hosts: tuple = ()
    # Why final figures change, where they do: told to systems that have a place for it.
    note: str = ""
    # The way out of the connection, and who keeps a secret that its use has changed, by the setting's name.
    network: Network = DIRECT
    keepers: typing.Mapping = types.MappingProxyType({})

    def __init__(self, **values):
        self.calls = []
        known = {setting.name: setting for setting in self.settings}
        values = {self.renamed.get(name, name): value for name, value in values.items()}
        unknown = set(values) - set(known)
        if unknown:
            raise ConfigurationError(f"{self.label} has no setting {', '.join(sorted(unknown))}")
        for name, setting in known.items():
            setattr(self, name, self._value(setting, values.get(name)))

    def _value(self, setting, value):
        value = setting.default if value in (None, "") else value
        if value is None and setting.required:
            raise ConfigurationError(f"{self.label}: {setting.label} is missing", setting=setting.name)
        return value

    @classmethod
    def counted_with(cls, settings):
        """Whose calls the system counts together, as text; nothing: those of each connection. `settings`: by name."""
        return ""

    def http(self, base_url, **options):
        """An `HttpClient` of this connection: its way, its allowed hosts, its record of calls."""
        ours = {"allowed_hosts": self.allowed_hosts, "network": self.network, "calls": self.calls}
        return HttpClient(base_url, **{**ours, **options})

    def probe(self):
        """Make one real call and say in plain words what answered; raises our errors where nothing does."""
        raise NotImplementedError


class Source(Connector):
    """Something that gives payloads."""

    def extract(self, window):
        """Yield each `Payload` that waits in the window, oldest first."""
        raise NotImplementedError

    def parse(self, payload):
        """Yield canonical objects, each document before its parts, and `Finding`s; raises MalformedPayload."""
        raise NotImplementedError

    def lines(self, payload):
        """The line of its file at which each object that `parse` tells stands, in their order; empty where none has.

        In a table it is the row, as a spreadsheet counts.
        """
        return ()

    def settle(self, payload):
        """Tell the source that the payload is kept (called after the commit, perhaps twice)."""


class Destination(Connector):
    """Something that takes payloads. `proves` is False where the target cannot be asked what it holds.

    `proves_absence` is True where "nothing of it" proves that it never came, so that what must not travel twice may
    travel again: a file that is not in a folder any more may have been fetched.
    `reads_back` is True where it gives the objects themselves, so that a drift report can compare them.
    """

    proves: ClassVar[bool] = True
    proves_absence: ClassVar[bool] = False
    reads_back: ClassVar[bool] = False

    def serialize(self, objects):
        """Yield `Payload`s with keys and totals from an iterable of canonical objects, in their order."""
        raise NotImplementedError

    def send(self, payload, idempotency_key):
        """Hand over one payload; returns a `Receipt`. Called at most once per announced attempt."""
        raise NotImplementedError

    def confirm(self, references):
        """Read back what the target holds for these idempotency keys or receipt references, as `ControlTotals`."""
        raise NotImplementedError

    def held(self):
        """Yield the canonical objects that the target holds now, of whatever run they came with."""
        raise NotImplementedError


class KeyedDestination(Destination):
    """A target that holds one figure for each key, replaces it, and is asked for the figures themselves.

    It knows no idempotency keys, and needs none: what is sent twice stands there once. So of an attempt whose answer
    was lost either all figures are there, or it is made again. `keeps_zeros` is False for cubes: there, a figure that
    is zero is no figure.
    """

    keeps_zeros: ClassVar[bool] = True

    def read_back(self, figures):
        """What the target holds now of these keys, as `ControlTotals`.

        `figures`: key -> the amount that was sent (Decimal), None of what has none: that its key is there is all that
        is asked then.
        """
        raise NotImplementedError

    def as_sent(self, figures, rows):
        """The totals of those figures that are there just as they were sent. `rows`: (key, amount, currency).

        One that is there with another amount, or twice, is not: older figures of an entry add up to nothing as newer
        ones do, so sums alone would not show them.
        """
        totals, found, twice = ControlTotals(), {}, set()
        for key, amount, currency in rows:
            if key in found:
                twice.add(key)
            found[key] = (amount, currency)
        for key, sent in figures.items():
            if key in found and key not in twice and found[key][0] == sent:
                totals.add(key, *found[key])
            elif key not in found and sent == 0 and not self.keeps_zeros:
                totals.add(key)
        return totals


@dataclass(frozen=True)
class Loaded:
    """How a load is doing. `state`: pending, accepted, partly or refused.

    `rejects`: key -> reason of the rows that the other side has named. `ignored`: how many it says it left out. `dump`:
    what it tells of them, as it came.
    """

    state: str
    text: str = ""
    rejects: dict = field(default_factory=dict)
    ignored: int = 0
    dump: str = ""


class LoadingDestination(KeyedDestination):
    """A target that takes files and loads them afterwards: `begin`, `upload` each payload, `seal`, `load`, `poll`.

    What was uploaded has no effect before `load`, so each of the first three may be repeated.
    """

    def place(self):
        """What only one run may load at a time, as text."""
        raise NotImplementedError

    def begin(self, count):
        """Begin an upload of so many payloads."""
        raise NotImplementedError

    def upload(self, number, payload):
        """Hand over the payload of this number, counted from 0; returns a pending `Receipt`."""
        raise NotImplementedError

    def seal(self):
        """Say that everything was uploaded."""
        raise NotImplementedError

    def load(self, payloads):
        """Start loading what was uploaded; returns what the other side calls the load.

        `payloads`: all of them in their order, for systems that take the file with the start.
        """
        raise NotImplementedError

    def find_load(self, since, known=()):
        """What the other side calls the load that was started since this moment (naive UTC); None where there is none.

        `known`: loads of before, which are not it, however close the clocks are.
        """
        raise NotImplementedError

    def poll(self, reference):
        """Ask how the load is doing; returns `Loaded`, at its end with what was rejected: that may be gone soon."""
        raise NotImplementedError
