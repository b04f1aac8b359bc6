"""A mail that brings statements: who sent it, what the receiving server says of it, and what hangs on it."""

import hashlib
import re
from dataclasses import dataclass
from email.utils import getaddresses

_ADDRESS = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;]+")
_DOMAIN = re.compile(r"@[^@\s,;]+\.[^@\s,;]+")


@dataclass(frozen=True)
class IncomingMail:
    """`sender` is None where the mail names none or several. `files`: (name, bytes) as they came over the wire."""

    message_id: str
    sender: str | None
    digest: str
    results: tuple
    files: tuple
    is_automatic: bool

    @classmethod
    def of(cls, message):
        """What a parsed `email.message.EmailMessage` tells; nothing in it is opened."""
        found = [address.lower() for _name, address in getaddresses(_all(message, "From")) if address]
        return cls(
            " ".join(str(message.get("Message-Id") or "").split()),
            found[0] if len(found) == 1 and _ADDRESS.fullmatch(found[0]) else None,
            hashlib.sha256(message.as_bytes()).hexdigest(),
            tuple(" ".join(told.split()) for told in _all(message, "Authentication-Results")),
            tuple(_files(message)),
            _is_automatic(message),
        )

    def passed(self, server):
        """Whether that server, and no other, says that signature or policy of the sender's domain were met."""
        told = [one for one in self.results if one.split(";")[0].split()[:1] == [server]]
        return any(re.search(r"\b(dkim|dmarc)\s*=\s*pass\b", one, re.I) for one in told)


def _all(message, name):
    return [str(value) for value in message.get_all(name, [])]


def _files(message):
    """Attachments; a picture inside the text of the mail is none."""
    for part in message.walk():
        name = part.get_filename()
        if part.is_multipart() or not (name or part.get_content_disposition() == "attachment"):
            continue
        if part.get_content_maintype() == "image" and part.get_content_disposition() != "attachment":
            continue
        content = part.get_payload(decode=True)
        if content is not None:
            yield name or "attachment", content


def _is_automatic(message):
    """Whether an answer to it would answer a machine."""
    told = str(message.get("Auto-Submitted") or "no").split(";")[0].strip().lower()
    bulk = str(message.get("Precedence") or "").strip().lower() in ("bulk", "list", "junk", "auto_reply")
    return told != "no" or bulk or str(message.get("Return-Path") or "").strip() == "<>"


def senders_in(text):
    """(addresses and @domains, words that are neither) of a list between commas, semicolons or lines."""
    words = [word.lower() for word in re.split(r"[\s,;]+", text or "") if word]
    fits = [word for word in words if _ADDRESS.fullmatch(word) or _DOMAIN.fullmatch(word)]
    return sorted(set(fits)), [word for word in words if word not in fits]


def is_listed(sender, senders):
    """Whether the address, or its very domain, is on the list."""
    return bool(sender) and (sender in senders or sender[sender.rindex("@") :] in senders)
