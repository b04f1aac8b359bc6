import base64
import tempfile

from odoo import http
from odoo.http import request
from werkzeug.wsgi import wrap_file

from odoo.addons.finance_integration_governance.controllers.download import download, told

from ..core.item_query import ItemQuery

WAYS = {"type": "http", "methods": ["GET"], "readonly": False}


class JournalItemsController(http.Controller):
    """Journal items as CSV, one company at a time: docs/journal-items.md."""

    @http.route("/finance_integration/journal_items.csv", auth="user", **WAYS)
    def in_the_web_client(self, **asked):
        return self._extract(asked)

    @http.route("/finance_integration/api/journal_items.csv", auth="bearer", save_session=False, **WAYS)
    def with_a_key(self, **asked):
        return self._extract(asked)

    def _extract(self, asked):
        """A file of its own, so that the digest is in the log before the first byte leaves, and nothing breaks off."""
        with told():
            query = ItemQuery.read(asked)
        file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the response
        company, count, digest = request.env["account.move.line"]._fin_extract(query, file)
        size = file.tell()
        file.seek(0)
        name = f"journal-items-{company.fin_code}.csv"
        kind = "text/csv;charset=utf-8"
        if query.gzip:
            name, kind = f"{name}.gz", "application/gzip"
        response = download(wrap_file(request.httprequest.environ, file, 1 << 16), name, kind, size)
        # RFC 9530: whoever fetches holds the file against it; the same digest is in the log.
        response.headers["Repr-Digest"] = f"sha-256=:{base64.b64encode(digest).decode()}:"
        response.headers["X-Row-Count"] = count
        return response
