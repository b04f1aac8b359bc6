"""Actuals to a planning system over REST: upload under an idempotency key, then ask back what it holds."""

import io
from functools import cached_property, partial
from itertools import islice
from urllib.parse import quote

from odoo.addons.finance_integration_governance.core.canonical import canonical
from odoo.addons.finance_integration_governance.core.connector import Destination, Payload, Receipt, Setting
from odoo.addons.finance_integration_governance.core.errors import (
    ConfigurationError,
    MalformedPayload,
    TransientError,
    printable,
)
from odoo.addons.finance_integration_governance.core.reading import read
from odoo.addons.finance_integration_governance.core.totals import ControlTotals

from .actual import Actual

LARGEST_CHUNK = 10_000


class PlanningApi(Destination):
    """Upload actuals in chunks; each chunk is loaded whole under its key, rows that are refused are named."""

    code = "planning.api"
    label = "Planning: actuals over REST"
    carries = (Actual,)
    reads_back = True
    settings = (
        Setting("base_url", "Address", help="Such as https://planning.example.com"),
        Setting("token", "Token", secret=True),
        Setting("chunk", "Cells per request", kind="integer", default=1000),
    )

    @cached_property
    def _http(self):
        return self.http(self.base_url, token=self.token)

    def serialize(self, objects):
        for number, cells in enumerate(_chunks(objects, self._chunk()), 1):
            content = canonical({"cells": cells, "reason": self.note or None}).encode()
            yield Payload(
                f"actuals-{number:05d}.json",
                partial(io.BytesIO, content),
                "application/json",
                keys=tuple(cell.key for cell in cells),
                totals=ControlTotals.of((cell.key, cell.amount, cell.currency) for cell in cells),
            )

    def _chunk(self):
        size = int(self.chunk)
        if not 0 < size <= LARGEST_CHUNK:
            raise ConfigurationError(f"cells per request: from 1 to {LARGEST_CHUNK}", setting="chunk")
        return size

    def send(self, payload, idempotency_key):
        with payload.open() as stream:
            body = stream.read()
        headers = {"Content-Type": payload.content_type}
        answer = self._http.post("/v1/imports", body=body, headers=headers, idempotency_key=idempotency_key).json()
        rejects = _rejects(payload, answer)
        state = "refused" if rejects and len(rejects) == len(payload.keys) else "accepted"
        return Receipt(state, _text(answer, "reference"), rejects)

    def confirm(self, references):
        imports = {found for reference in references for found in self._imports(reference)}
        cells = (cell for found in sorted(imports) for cell in self._cells(found))
        return ControlTotals.of((cell.key, cell.amount, cell.currency) for cell in cells)

    def held(self):
        answer = self._http.get("/v1/cells").json()
        return (read(Actual, cell) for cell in _rows(answer, "cells"))

    def _imports(self, reference):
        """The imports made under an idempotency key; else the reference itself is taken for an import's."""
        found = self._http.get("/v1/imports", query={"key": reference}).json()
        return [_text(entry, "reference") for entry in _rows(found, "imports")] or [reference]

    def _cells(self, reference):
        """What the other side holds of an import now, page by page; nothing where it does not know the import.

        A cell that comes on two pages says that the pages have moved while they were read: it is read anew, later.
        """
        path, turned, keys = f"/v1/imports/{quote(reference, safe='')}/cells", [""], set()
        while turned[-1] is not None:
            answer = self._http.get(path, query={"after": turned[-1]} if turned[-1] else None, expect=(404,))
            if answer.status == 404:
                return
            page = answer.json()
            for cell in (read(Actual, row) for row in _rows(page, "cells")):
                if cell.key in keys:
                    raise TransientError("the cells have moved while they were read", code="pages_moved", sent=True)
                keys.add(cell.key)
                yield cell
            turned.append(_next(page, turned))

    def probe(self):
        held = self._http.get("/v1/totals").json()
        return f"{self._http.endpoint.host} answered, accepts the token and holds {_count(held)} cells."


def _chunks(objects, size):
    objects = iter(objects)
    while cells := tuple(islice(objects, size)):
        yield cells


def _rejects(payload, answer):
    """Key -> reason, from the places of refused rows in the request."""
    keys = {str(row): key for row, key in enumerate(payload.keys)}
    refused = _rows(answer, "rejected")
    rejects = {keys.get(str(row.get("row"))): printable(row.get("reason", "refused"), 200) for row in refused}
    if None in rejects:
        raise MalformedPayload("the answer refuses a row that was not sent")
    return rejects


def _rows(answer, name):
    rows = answer.get(name, []) if isinstance(answer, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise MalformedPayload(f"the answer has no list of {name}")
    return rows


def _count(held):
    count = held.get("count") if isinstance(held, dict) else None
    if not isinstance(count, int):
        raise MalformedPayload("the answer has no count")
    return count


def _text(answer, name):
    value = answer.get(name) if isinstance(answer, dict) else None
    if not isinstance(value, str) or not value:
        raise MalformedPayload(f"the answer has no {name}")
    return value


def _next(page, turned):
    """Where the next page begins, None after the last; pages that go in a circle would keep us for ever."""
    following = page.get("next")
    if following is not None and (not isinstance(following, str) or following in turned):
        raise MalformedPayload("the pages of the answer do not go on")
    return following
