"""Calls of NextGenPSD2 1.3: each with an identification of its own, signed where the connection has a seal."""

import datetime as dt
import uuid
from email.utils import format_datetime
from functools import cached_property

from .psd2_signature import Seal


class Psd2Calls:
    """For connectors with the settings `base_url` and `seal`.

    `refusal`: gives the error that the bank's own message names, None for that of the status.
    """

    refusal = staticmethod(lambda _answer, _retry_after: None)

    @cached_property
    def _http(self):
        return self.http(self.base_url.rstrip("/"), refusal=self.refusal)

    @cached_property
    def _seal(self):
        return Seal(self.seal) if self.seal else None

    def _moment(self):
        return dt.datetime.now(dt.UTC)

    def _request(self, method, path, body=None, headers=None, **options):
        headers = {"X-Request-ID": str(uuid.uuid4()), **(headers or {})}
        if body:
            headers.setdefault("Content-Type", "application/json")
        if self._seal:
            headers["Date"] = format_datetime(self._moment(), usegmt=True)
            headers |= self._seal.headers(headers, body)
        return self._http.request(method, path, body=body, headers=headers, **options)


def messages(answer):
    """What the bank says in `tppMessages` (chapter 14.11), where it says something."""
    if answer.body.lstrip()[:1] != b"{":
        return []
    told = answer.json().get("tppMessages")
    return [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []
