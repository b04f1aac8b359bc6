"""Anaplan's Integration API v2: lists that are whole, states in words, and what its answers mean.

Ids are texts. A list without members leaves its key out. Who may not see something is told that it is not there.
"""

import datetime as dt
from urllib.parse import parse_qs, quote, urlsplit

from odoo.addons.finance_integration_governance.core.errors import (
    ConfigurationError,
    MalformedPayload,
    TransientError,
)

from .answers import mapping, rows

PAGE = 5000
BUSY = 120  # seconds; a model that somebody else works in is not free a moment later


class AnaplanApi:
    """Calls within one model of one workspace. `http`: a client of the API host, base path /2/0."""

    def __init__(self, http, workspace, model):
        self.http = http
        self.base = f"/workspaces/{quote(workspace, safe='')}/models/{quote(model, safe='')}"
        self.model = model

    def get(self, path, **options):
        return self._judged(self.http.get(self.base + path, **self._expecting(options)))

    def post(self, path, **options):
        return self._judged(self.http.post(self.base + path, **self._expecting(options)))

    def put(self, path, **options):
        return self._judged(self.http.request("PUT", self.base + path, **self._expecting(options)))

    def delete(self, path):
        return self._judged(self.http.request("DELETE", self.base + path, expect=(404, 409, 423)))

    def _expecting(self, options):
        return {**options, "expect": (404, 409, 423, *options.get("expect", ()))}

    def _judged(self, answer):
        if answer.status in (409, 423):
            raise TransientError("the model is busy", retry_after=BUSY, status=answer.status, sent=True)
        return answer

    def found(self, answer, what):
        """The answer's JSON; ConfigurationError where there is no such thing, or no access to it: nobody can tell."""
        if answer.status == 404:
            text = f"{what} is not there, or this user has no access to it"
            raise ConfigurationError(text, status=404, code="missing_or_no_access")
        return mapping(answer)

    def listed(self, path, name):
        """Every member of a list, over all its pages."""
        members, offset = [], 0
        while offset is not None:
            told = self.found(self.get(path, query={"limit": PAGE, "offset": offset}), name)
            members += rows(told, name)
            offset, total = _next(told, offset)
        ids = [one["id"] for one in members if "id" in one]
        if len(set(ids)) != len(ids):
            raise TransientError(f"the list of {name} has moved while it was read", code="pages_moved", sent=True)
        if total is not None and total != len(members):
            raise TransientError(f"the list of {name} has {len(members)} of {total} members", sent=True)
        return members

    def id_of(self, path, name, wanted):
        """The member of a list with this id or name."""
        members = self.listed(path, name)
        found = [one for one in members if wanted in (one.get("id"), one.get("name"))]
        if len(found) != 1:
            how = "not there, or this user has no access to it" if not found else "there more than once"
            raise ConfigurationError(f"{wanted} of {name} is {how}", code="missing_or_no_access")
        return found[0]


def _next(told, offset):
    """(offset of the next page or None, how many members there are in all or None)."""
    paging = (told.get("meta") or {}).get("paging") or {}
    total = paging.get("totalSize")
    if not paging.get("next"):
        return None, total
    # The address of the next page is not followed: where we call is not the answer's to say.
    told = parse_qs(urlsplit(str(paging["next"])).query).get("offset", [""])[0]
    if not told.isdigit() or int(told) <= offset:
        raise MalformedPayload("the pages of the answer do not go on")
    return int(told), total


def moment(value):
    """Naive UTC of any of the forms in which times are told: milliseconds, ISO, or with a space and microseconds."""
    if isinstance(value, int) or (isinstance(value, str) and value.isdigit()):
        return dt.datetime.fromtimestamp(int(value) / 1000, dt.UTC).replace(tzinfo=None)
    try:
        read = dt.datetime.fromisoformat(str(value).strip().replace("Z", "+00:00"))
    except ValueError:
        raise MalformedPayload("the answer holds a time that cannot be read") from None
    return read.astimezone(dt.UTC).replace(tzinfo=None) if read.tzinfo else read
