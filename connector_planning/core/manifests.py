"""The manifest of each dataset, company and period: which edition is the last one, and whether its signature holds.

    trial_balance_be_2026-01.manifest.json
        edition, status (published or suspended, with the reason), checkpoint, signature, published_at, written_at
        files: what the control file of each of the edition's files says (name, sha256, totals)

It is written after the files that it names and replaced in one step, so whoever begins with it reads the last edition
whole, or learns that it no longer stands. The datasets themselves never change.
"""

import datetime as dt
import hashlib
import io
from functools import partial

from odoo.addons.finance_integration_governance.core import strict_json
from odoo.addons.finance_integration_governance.core.canonical import canonical
from odoo.addons.finance_integration_governance.core.connector import Payload, Receipt
from odoo.addons.finance_integration_governance.core.errors import DuplicateConflict
from odoo.addons.finance_integration_governance.core.location_errors import nothing_left
from odoo.addons.finance_integration_governance.core.totals import ControlTotals

from .dataset import PUBLISHED, DatasetManifest

MANIFEST = ".manifest.json"
CONTROL = ".control.json"
_LARGEST = 1 << 20
_MEMBERS = ("dataset", "company", "period")


def payload_of(manifest, stem):
    """What a run says of one dataset; what only the location knows is added when it is written."""
    content = canonical(manifest).encode()
    totals = ControlTotals.of([(manifest.key, None, None)])
    return Payload(
        stem + MANIFEST, partial(io.BytesIO, content), "application/json", keys=(manifest.key,), totals=totals
    )


class Manifests:
    """The manifests of one location."""

    def __init__(self, location):
        self._location = location

    def write(self, payload, idempotency_key):
        """Replace the manifest; rejected where a file of the edition is not there as it was published."""
        with nothing_left(), payload.open() as stream:
            told = strict_json.loads(stream.read(_LARGEST))
            names = self._location.names()
            before = self._before(payload.name, told, names)
            edition = f"{payload.name.removesuffix(MANIFEST)}_{told['edition']}."
            controls = [name for name in names if name.startswith(edition) and name.endswith(CONTROL)]
            files = [read_json(self._location, name) for name in controls]
            if told["status"] == PUBLISHED and not (files and all(self._is_whole(one, names) for one in files)):
                return Receipt("accepted", idempotency_key, dict.fromkeys(payload.keys, "its files are not there"))
        if before.get("key") != idempotency_key:
            content = canonical({**told, **_moments(told, before), "files": files, "key": idempotency_key}).encode()
            self._location.replace(payload.name, partial(io.BytesIO, content))
        return Receipt("accepted", idempotency_key)

    def _before(self, name, told, names):
        """What the manifest says until now; DuplicateConflict where it is another dataset's."""
        before = read_json(self._location, name) if name in names else {}
        if before and any(before.get(member) != told[member] for member in _MEMBERS):
            raise DuplicateConflict(f"{name} is the manifest of another dataset")
        return before

    def _is_whole(self, control, names):
        if control["file"] not in names:
            return False
        with self._location.open(control["file"]) as stream:
            return sha256(stream) == control["sha256"]

    def totals(self, references):
        """One for each manifest that was written last with one of these idempotency keys."""
        totals = ControlTotals()
        for name in self._location.names() if references else ():
            if name.endswith(MANIFEST):
                told = read_json(self._location, name)
                if told["key"] in references:
                    totals.add(DatasetManifest.key_of(*(told[member] for member in _MEMBERS)))
        return totals


def _moments(told, before):
    """An edition was published when its manifest named it first; a mark comes later."""
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    first = before.get("published_at") if before.get("edition") == told["edition"] else None
    return {"written_at": now, "published_at": first or (now if told["status"] == PUBLISHED else None)}


def read_json(location, name):
    with location.open(name) as stream:
        return strict_json.loads(stream.read(_LARGEST))


def sha256(stream):
    sha = hashlib.sha256()
    while block := stream.read(1 << 16):
        sha.update(block)
    return sha.hexdigest()
