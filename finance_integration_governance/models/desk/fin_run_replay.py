"""How a replay goes through the stages: by the same pipeline, with stored bytes in the place of the source."""

import dataclasses

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...core.connector import Payload
from ...core.contract import Finding
from ...core.errors import ConfigurationError, IntegrationError
from ...core.field_map import RawRow
from ...core.reading import member_of
from ..writer import as_writer

READ_IN_PART = [("chosen", "Read in part"), ("corrected", "Read, with a correction")]


class FinRun(models.Model):
    _inherit = "fin.run"

    trigger = fields.Selection(selection_add=[("replay", "Replay")], ondelete={"replay": "cascade"})
    remedy_id = fields.Many2one(
        "fin.remedy",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
        groups="finance_integration_governance.group_viewer",
    )

    @api.model
    def _queue_replay(self, remedy, version):
        """A run of its own concurrency, so that it waits for nothing that is held; it pins its version now."""
        return self._queue(
            remedy.flow_id,
            "replay",
            remedy_id=remedy.id,
            version_id=version.id,
            version_digest=version.digest,
            started_at=fields.Datetime.now(),
            requested_by=remedy.requested_by.id,
            is_fallback=remedy.item_ids[:1].run_id.is_fallback,
            connection=False,  # it asks nobody outside
            concurrency_key=f"{remedy.name}-v{version.number}",
        )

    @api.model
    def _queue(self, flow, trigger, slot=None, **vals):
        """What is held of a replay belongs to the same remedy."""
        parent = self.browse(vals.get("parent_id") or [])
        # sudo: runs are queued on behalf of whoever may
        remedy = parent.sudo().remedy_id
        if remedy:
            vals = {"remedy_id": remedy.id, "version_id": parent.version_id.id, **vals}
        return super()._queue(flow, trigger, slot=slot, **vals)

    def _to_obey(self, flow, vals):
        if not vals.get("remedy_id"):
            return super()._to_obey(flow, vals)
        return self.env["fin.version"].browse(vals["version_id"])._read_document()

    def _guard_version(self):
        super()._guard_version()
        if self.remedy_id and not self.remedy_id._is_agreed():
            raise ConfigurationError("the sealed log holds no second person's yes to this", code="not_agreed")

    # What is read again

    def _sources(self):
        """The payloads that the chosen items came in."""
        rows = self.env.execute_query(
            SQL(
                """SELECT min(p.id) FROM fin_item i JOIN fin_payload p ON p.id = i.payload_id
                JOIN fin_run r ON r.id = i.run_id WHERE i.remedy_id = %s AND (%s OR r.version_id = %s)
                GROUP BY p.name, p.digest ORDER BY 1""",
                self.remedy_id.id,
                self._is_on_one_version(),
                self.version_id.id,
            )
        )
        return self.env["fin.payload"].browse(payload_id for (payload_id,) in rows)

    def _is_on_one_version(self):
        """Whether everything goes by the version that the remedy names, whatever it came by; so does every dry run."""
        return bool(self.remedy_id.version_id) or not self.remedy_id.configuration

    def _chosen_rows(self, payload):
        rows = self.env.execute_query(
            SQL(
                """SELECT i.row FROM fin_item i JOIN fin_payload p ON p.id = i.payload_id
                JOIN fin_run r ON r.id = i.run_id
                WHERE i.remedy_id = %s AND (%s OR r.version_id = %s) AND p.name = %s AND p.digest = %s""",
                self.remedy_id.id,
                self._is_on_one_version(),
                self.version_id.id,
                payload.name,
                payload.digest,
            )
        )
        return {row for (row,) in rows}

    def _keep_again(self, source):
        """A copy of the payload in this run, without its cursor: what is asked for next does not change by this."""
        return self.env["fin.payload"]._keep(self, Payload(source.name, source._open, source.content_type))

    def _report_finding(self, payload, finding):
        """What a reader says of the whole file, or of documents that are not read again, was decided on before."""
        if self.remedy_id and not (finding.document and self._ids_of(payload, finding.document)):
            return None
        return super()._report_finding(payload, finding)

    def _after_finish(self):
        super()._after_finish()
        if self.remedy_id:
            self.remedy_id._run_is_over()

    def _after_cancel(self):
        """What was not replayed waits for somebody again."""
        super()._after_cancel()
        remedy = self.remedy_id
        if remedy and remedy.state == "agreed":
            remedy._transition("stop", reason="its run was cancelled")
            self.env["fin.item"]._let_go(remedy)

    # Dry

    def _dry_replayed(self):
        """{fates, stopped} of the replay that this dry run is."""
        pipeline = self.env["fin.pipeline.replay"]
        try:
            for stage in ("extract", "validate", "map"):
                for _kept in getattr(pipeline, f"_{stage}")(self):
                    self.env.flush_all()
        except (IntegrationError, UserError) as error:
            return {"fates": {}, "stopped": str(error)}
        return {"fates": self._fates(), "stopped": None}


class FinEngine(models.AbstractModel):
    _inherit = "fin.engine"

    def _pipeline(self, run):
        return self.env["fin.pipeline.replay"] if run.remedy_id else super()._pipeline(run)


class PipelineReplay(models.AbstractModel):
    """Into Odoo once more: stored bytes, the chosen rows of them, and then every stage as ever."""

    _name = "fin.pipeline.replay"
    _description = "Replay Pipeline"
    _inherit = "fin.pipeline.inbound"

    def _extract(self, run):
        """Keep the payloads again as this run's own; the source is asked for nothing."""
        for source in run._sources():
            run._keep_again(source)
            yield

    def _read(self, run, connector, payload):
        remedy = run.remedy_id
        rows = run._chosen_rows(payload)  # now: while items are stored, the connection to the database is busy
        corrected = _Corrected(connector, rows, remedy._told_correction()) if remedy.correction else connector
        yield from super()._read(run, corrected, payload)
        self.env["fin.item"]._link_origins(run, payload)


class _Corrected:
    """A reader whose one row says what two persons have agreed on."""

    def __init__(self, connector, rows, changes):
        self.connector, self.rows, self.changes = connector, rows, changes

    def parse(self, payload):
        number = 0
        for one in self.connector.parse(payload):
            if isinstance(one, Finding):
                yield one
                continue
            number += 1
            yield self._changed(one, number) if number in self.rows else one

    def _changed(self, one, number):
        if isinstance(one, RawRow):
            return self.connector.field_map.one({**one.row, **self.changes}, number)
        values = {name: member_of(type(one), name, told) for name, told in self.changes.items()}
        changed = dataclasses.replace(one, **values)
        trouble = tuple(breach for breach in one.trouble if breach.member not in values)
        if trouble:  # what was not corrected is as broken as before
            object.__setattr__(changed, "trouble", trouble)
        return changed


class FinPayload(models.Model):
    _inherit = "fin.payload"

    reading = fields.Selection(selection_add=READ_IN_PART, ondelete={"chosen": "cascade", "corrected": "cascade"})

    def _was_read(self, totals):
        super()._was_read(totals)
        remedy = self.run_id.remedy_id
        if remedy:
            as_writer(self).write({"reading": "corrected" if remedy.correction else "chosen"})
