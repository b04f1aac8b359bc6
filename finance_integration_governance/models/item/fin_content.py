"""What purging does to payloads and items: contents go, digests and sums stay.

The database itself lets a content go in one way only: emptied, and together with the certificate that says why. Every
other change of it is refused by triggers, as before.
"""

import time
from decimal import Decimal

from odoo import api, fields, models
from odoo.tools import SQL

from ...core.errors import ConfigurationError
from ...core.totals import ControlTotals
from ..triggers import refuse_rewriting
from ..writer import as_writer
from .fin_item import Unchecked

GRACE = 3600  # seconds: a younger file may belong to a payload that another transaction is just keeping
SWEPT_AT_ONCE = 1000
MASKED = "{}"


class FinPayload(models.Model):
    _inherit = "fin.payload"

    purge_id = fields.Many2one("fin.purge", "Purged", readonly=True, ondelete="restrict", index="btree_not_null")
    is_swept = fields.Boolean(readonly=True, help="The bytes of a purged payload are gone from the store, too.")

    _purged_idx = models.Index("(id) WHERE purge_id IS NOT NULL AND is_swept IS NOT TRUE")

    def init(self):
        super().init()
        refuse_rewriting(self.env.cr, self._table, ["purge_id"], "OLD.purge_id IS NOT NULL")
        # A file name may hold a name or an account: it goes with a purge, for the identifier.
        named = "NEW.name <> 'purged ' || OLD.uid OR NEW.purge_id IS NULL"
        refuse_rewriting(self.env.cr, self._table, ["name"], named)

    def _open(self):
        if self.purge_id:
            raise ConfigurationError(f"the content of the payload was purged ({self.purge_id.name})", payload=self.uid)
        return super()._open()

    def _drop_content(self, certificate):
        as_writer(self).write({"purge_id": certificate.id})

    @api.model
    def _sweep(self):
        """Remove the bytes of purged payloads from the store, unless somebody else still needs the same bytes."""
        waiting = self.search([("purge_id", "!=", False), ("is_swept", "=", False)], limit=SWEPT_AT_ONCE)
        kept = set(self.search([("digest", "in", waiting.mapped("digest")), ("purge_id", "=", False)]).mapped("digest"))
        gone = waiting.filtered(lambda payload: payload.digest in kept or payload._unlink_bytes())
        as_writer(gone).write({"is_swept": True})
        return len(gone)

    def _unlink_bytes(self):
        """Whether the file is gone now; a fresh one is left for the next time."""
        path = self._path(self.digest)
        if path.exists() and path.stat().st_mtime > time.time() - GRACE:
            return False
        path.unlink(missing_ok=True)
        return True

    @api.autovacuum
    def _gc_purged(self):
        # Runs in a neutralised database as well, where every other cron is off.
        self.sudo()._sweep()  # sudo: nobody writes payloads by hand

    def _register_hook(self):
        """A neutralised copy got the files of the original: they go when it is first opened."""
        super()._register_hook()
        if self.env["fin.database"]._is_neutralised():
            self._sweep()


class FinItem(models.Model):
    _inherit = "fin.item"

    purge_id = Unchecked("fin.purge", "Purged", readonly=True)

    def init(self):
        super().init()
        refuse_rewriting(self.env.cr, self._table, ["purge_id"], "OLD.purge_id IS NOT NULL")
        emptied = f"NEW.content <> '{MASKED}' OR NEW.purge_id IS NULL"
        refuse_rewriting(self.env.cr, self._table, ["content"], emptied)

    @api.model
    def _drop_content(self, ids, certificate):
        self.env.cr.execute(
            SQL(
                """UPDATE fin_item SET content = %s, mapped_values = NULL, purge_id = %s
                WHERE id = ANY(%s) AND purge_id IS NULL""",
                MASKED,
                certificate.id,
                list(ids),
            )
        )
        self.invalidate_model(["content", "mapped_values", "purge_id"])

    @api.model
    def _totals_of(self, ids):
        rows = self.env.execute_query(
            SQL("SELECT key, amount::text, currency FROM fin_item WHERE id = ANY(%s) ORDER BY id", list(ids))
        )
        return ControlTotals.of((key, amount and Decimal(amount), currency) for key, amount, currency in rows)
