"""Files of payments to a folder, an SFTP server or an object store: each once, whole, and read back."""

import re
from functools import cached_property
from typing import ClassVar

from odoo.addons.finance_integration_governance.core.connector import Destination, Payload, Receipt, Setting
from odoo.addons.finance_integration_governance.core.errors import (
    ConfigurationError,
    DataError,
    DuplicateConflict,
    MalformedPayload,
)
from odoo.addons.finance_integration_governance.core.location import Location
from odoo.addons.finance_integration_governance.core.location_errors import nothing_left
from odoo.addons.finance_integration_governance.core.totals import ControlTotals

from .pain import Options
from .pain_check import check
from .pain_schema import can_validate, validate
from .payment import Payment
from .payment_text import CHARACTERS
from .pgp import sealed

PATTERN = "{message}_{key}.xml"
_PLACE = re.compile(r"\{(\w+)\}")


def message_settings(version, versions):
    """What is the same wherever a message goes."""
    return (
        Setting("version", "Version of the message", kind="choice", default=version, choices=tuple(versions)),
        Setting(
            "characters",
            "Characters",
            kind="choice",
            default=CHARACTERS[0],
            choices=CHARACTERS,
            help="sepa: what every bank takes; latin: with accents, where the bank has agreed.",
        ),
        Setting("batch_booking", "One booking for a group", kind="boolean", default=True, required=False),
        Setting("uetr", "Send the UETR", kind="boolean", default=True, required=False),
        Setting(
            "initiator",
            "Number of the sender",
            required=False,
            help="By which the bank knows who sends the file, where it gave one.",
        ),
    )


def place_settings():
    """Where files are put."""
    return (
        Setting(
            "location",
            "Location",
            help="Folder (file:///...), SFTP server (sftp://user@host/folder) or object store (s3://bucket/folder).",
        ),
        Setting("names", "File names", default=PATTERN, help="{message}: the name in the file; {key}: its own key."),
        Setting(
            "taken",
            "The bank takes files away",
            kind="boolean",
            default=False,
            required=False,
            help="Then what lies in the folder proves nothing, and the totals of a run cannot be read back.",
        ),
        Setting(
            "pgp_recipient",
            "PGP key of the bank",
            required=False,
            secret=True,
            help="Its public key, by reference: with it files are encrypted, and cannot be read back.",
        ),
        Setting("pgp_signer", "PGP key that signs", required=False, secret=True, help="Secret key without passphrase."),
        Setting("credentials", "Password or private key", required=False, secret=True),
        Setting("hostkey", "Host key", required=False, help="Fingerprint (SHA256:...) or public key of the server."),
    )


class _Batch:
    """The payments of one batch, as they come; `following`: the first of the next one, None at the end."""

    def __init__(self, first, rest):
        self.name, self._first, self._rest, self.following = first.batch, first, rest, None

    def __iter__(self):
        yield self._first
        for payment in self._rest:
            if payment.batch != self.name:
                self.following = payment
                return
            yield payment


class PaymentMessages(Destination):
    """What makes payloads of payments: one for each batch, valid against the official XSD.

    `message` is the class of the message. Where the XSDs are not there, as where evidence is worked out again, the same
    bytes are made; they are not sent without.
    """

    carries = (Payment,)
    message: ClassVar[type] = None
    kind: ClassVar[str] = ""
    content_type: ClassVar[str] = "application/xml"

    @cached_property
    def _message(self):
        options = Options(self.characters, bool(self.batch_booking), self.initiator or None, bool(self.uetr))
        if self.version not in self.message.versions or self.characters not in CHARACTERS:
            raise ConfigurationError(f"{self.label} knows no {self.version} in {self.characters}", setting="version")
        return self.message(self.version, options)

    def serialize(self, objects):
        seen, objects = set(), iter(objects)
        first = next(objects, None)
        while first is not None:
            batch = _Batch(first, objects)
            if batch.name in seen:
                raise DataError(f"the payments of {batch.name} do not stand together", code="payment_batch")
            seen.add(batch.name)
            written = self._message.write(map(self._ours, batch))
            if can_validate():
                with written.open() as stream:
                    validate(stream, self.version)
            yield Payload(f"{written.name}.xml", written.open, self.content_type, None, written.keys, written.totals)
            first = batch.following

    def _ours(self, payment):
        if payment.kind != self.kind:
            raise DataError(f"{payment.key} is a {payment.kind}, and {self.label} takes none", code="payment_kind")
        return payment

    def _must_be_whole(self, payload):
        """Nothing leaves that is not valid, or does not hold just the payments that it is said to hold."""
        with payload.open() as stream:
            validate(stream, self.version)
        with payload.open() as stream:
            checked = check(stream)
        if checked.findings or checked.totals.differences(payload.totals):
            raise MalformedPayload(
                f"{payload.name} does not hold what it should: {[finding.code for finding in checked.findings]}",
                code="other_items",
            )


class PaymentFiles(PaymentMessages):
    """One payload is one file. Its name carries the payload's own key, so the file of an attempt can be found again."""

    proves_absence: ClassVar[bool] = False

    def __init__(self, **values):
        super().__init__(**values)
        if "{key}" not in self.names or set(_PLACE.findall(self.names)) - {"key", "message"}:
            raise ConfigurationError("file names hold {key}, {message} and nothing else in braces", setting="names")
        if self.pgp_signer and not self.pgp_recipient:
            raise ConfigurationError("files are signed where they are encrypted, too", setting="pgp_recipient")
        # A folder that somebody empties proves nothing, and what only the bank can read cannot be counted.
        self.proves = not self.taken and not self.pgp_recipient

    def send(self, payload, idempotency_key):
        message, location = payload.name.removesuffix(".xml"), self._location()
        name = self._name(message, idempotency_key)
        with nothing_left():
            self._must_be_whole(payload)
            self._must_be_first(location.names(), message, name)
            content = self._sealed(payload)
        location.put(name, content)
        return Receipt("accepted", name)

    def _sealed(self, payload):
        return sealed(payload.open, self.pgp_recipient, self.pgp_signer) if self.pgp_recipient else payload.open

    def _must_be_first(self, names, message, name):
        others = [other for other in names if other != name and self._like(message).fullmatch(other)]
        if others:
            text = f"{message} lies there already as {others[0]}: it was handed over under another key"
            raise DuplicateConflict(text, code="payment_twice")

    def confirm(self, references):
        """What the files of these keys or names hold, counted anew; nothing where they are not there."""
        location, totals = self._location(), ControlTotals()
        for name in location.names() if references else ():
            if (
                not name.startswith(".")
                and not name.endswith(".pgp")
                and any(_names(name, reference) for reference in references)
            ):
                with location.open(name) as stream:
                    totals += check(stream).totals
        return totals

    def probe(self):
        return self._location().probe("*")

    def _name(self, message, key):
        name = self.names.replace("{message}", message).replace("{key}", key)
        return f"{name}.pgp" if self.pgp_recipient else name

    def _like(self, message):
        """The names that a file of this message may have, whatever its key."""
        told = {"message": re.escape(message), "key": "[0-9A-Za-z-]+"}
        parts = _PLACE.split(self.names)
        like = "".join(told[part] if at % 2 else re.escape(part) for at, part in enumerate(parts))
        return re.compile(rf"{like}(?:\.pgp)?")

    def _location(self):
        told = {"credentials": self.credentials, "hostkey": self.hostkey}
        return Location(self.location, **told, roots=self.roots, allowed_hosts=self.allowed_hosts)


def _names(name, reference):
    """Whether the file is the one of this name or key; a key is a word of its own in the name."""
    return name == reference or re.search(rf"(?<![0-9A-Za-z-]){re.escape(reference)}(?![0-9A-Za-z-])", name)
