"""Taking back what has left: the target is given again what it held before, announced and read back as ever."""

import json

from odoo import models
from odoo.tools import SQL

from ...core.canonical import plain
from ...core.canonical import told as spelled
from ...core.totals import hash_of, signed
from ...core.uid import uuids7


class PipelineCompensate(models.AbstractModel):
    """The way out once more, with what the target held before in the place of what stands in Odoo now."""

    _name = "fin.pipeline.compensate"
    _description = "Compensation Pipeline"
    _inherit = "fin.pipeline.outbound"

    def _extract(self, run):
        """Collect what the target held before the chosen items; of what it did not hold, nothing in figures."""
        if not run._has_items():
            run._collect_compensation()
        yield

    def _map(self, run):
        """What went out before was mapped when it went out."""
        yield


class FinEngine(models.AbstractModel):
    _inherit = "fin.engine"

    def _pipeline(self, run):
        if run._is_rollback() and run.direction == "outbound":
            return self.env["fin.pipeline.compensate"]
        return super()._pipeline(run)


class FinRun(models.Model):
    _inherit = "fin.run"

    def _before_these(self):
        """(item, its content, content that the target got of its key before or None) of each chosen item that holds."""
        return self.env.execute_query(
            SQL(
                """SELECT o.id, o.content, (
                    SELECT i.content FROM fin_binding p JOIN fin_item i ON i.id = p.item_id
                    WHERE (p.object, p.scope, p.key) = (b.object, b.scope, b.key) AND p.id < b.id
                    ORDER BY p.id DESC LIMIT 1)
                FROM fin_item o JOIN fin_binding b ON b.item_id = o.id AND b.live
                WHERE o.remedy_id = %s AND o.outcome = 'delivered' ORDER BY o.id""",
                self.remedy_id.id,
            )
        )

    def _collect_compensation(self):
        business, uids, rows = self._object(), uuids7(), []
        for origin, content, before in self._before_these():
            told = json.loads(before) if before else business._nothing(json.loads(content))
            [one] = self._canonical([_Told(self.env["fin.item"].browse(origin).contract, told)])
            text, told_digest = spelled(one)
            figure = plain(one.amount) if one.amount is not None else None
            place = (next(uids), self.id, origin, len(rows) + 1)
            rows.append((*place, text, told_digest, one.key, signed(hash_of(one.key)), figure))
        self.env.cr.execute_values(
            """INSERT INTO fin_item (uid, run_id, company_id, row, contract, object, scope, key, alt_key, key_hash,
                digest, content, amount, currency, "on", mapped_values, outcome, origin_id)
            SELECT v.uid, v.run, o.company_id, v.row, o.contract, o.object, o.scope, v.key, v.key, v.hash, v.digest,
                v.content, v.amount::numeric, o.currency, o."on", o.mapped_values, 'open', o.id
            FROM (VALUES %s) AS v(uid, run, origin, row, content, digest, key, hash, amount)
            JOIN fin_item o ON o.id = v.origin""",
            rows,
        )
        self.env["fin.item"].invalidate_model()


class _Told:
    """What `_canonical` asks of an item."""

    def __init__(self, contract, content):
        self.contract, self.content = contract, content


class FinObject(models.AbstractModel):
    _inherit = "fin.object"

    def _nothing(self, content):
        """Out of Odoo: what the target is told of a key that it did not hold before, as a mapping."""
        raise NotImplementedError
