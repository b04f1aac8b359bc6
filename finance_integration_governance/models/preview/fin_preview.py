"""Impact preview: a candidate version run dry over facts that were received before, beside the version that is live.

The same stages as in a run, in a transaction of its own that is never committed. Outside systems are not called: what
was received is read from the store, and nothing is fetched, settled, serialized or sent.
"""

import json
from contextlib import contextmanager
from decimal import Decimal

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...core.canonical import canonical
from ...core.errors import IntegrationError
from ...core.preview import ACCEPTED, Difference, Fate, compare
from ..writer import as_writer

LAST = 31  # days that count as the last period
MOST = 20_000  # items of the chosen runs together
_DRY = "fin.dry"  # set in the cache of the one cursor that is rolled back


class FinVersion(models.Model):
    _inherit = "fin.version"

    preview_document_id = fields.Many2one("fin.document", readonly=True, ondelete="restrict", string="Impact Preview")
    preview_at = fields.Datetime(readonly=True)

    def _runs_to_preview(self):
        """The finished runs of the last period, newest first, as many as fit."""
        since = fields.Datetime.subtract(fields.Datetime.now(), days=LAST)
        runs = self.env["fin.run"].search(
            [("flow_id", "=", self.flow_id.id), ("create_date", ">=", since), ("payload_ids", "!=", False)]
        )
        kept = runs.browse()
        for run in runs:
            if sum(kept.mapped("received")) + run.received <= MOST:
                kept |= run
        return kept

    def _preview(self, runs=None):
        """Run this version and the live one dry, keep what differs as a document, and return it as a mapping."""
        self.ensure_one()
        self._may_preview()
        runs = self._runs_to_preview() if runs is None else runs
        if runs.flow_id - self.flow_id:
            raise UserError(self.env._("These are runs of another flow."))
        if sum(runs.mapped("received")) > MOST:
            raise UserError(self.env._("These runs have more than %s items: choose fewer.", MOST))
        live = self._compared_with()
        told = {
            "version": self.digest,
            "compared": live.digest or None,
            "runs": sorted(runs.mapped("name")),
            **self._differences(live, runs),
        }
        self._keep_preview(told)
        return told

    def _may_preview(self):
        self.check_access("read")
        user = self.env.user
        groups = ("group_operator", "group_approver")
        if not self.flow_id or not any(user.has_group(f"finance_integration_governance.{group}") for group in groups):
            raise UserError(self.env._("An operator or an approver asks for a preview, of a flow's version."))

    def _compared_with(self):
        live = self.flow_id.live_version_id
        return self._before() if live == self else live

    def _differences(self, live, runs):
        nothing = {"fates": {}, "stopped": None, "uncovered": None}
        before, after = (one._dry(runs) if one else nothing for one in (live, self))
        # Where one side gets no result at all, there is nothing to compare: that itself is the impact.
        is_told = not any(one["stopped"] or (one["uncovered"] and not one["fates"]) for one in (before, after))
        found = compare(before["fates"], after["fates"]) if is_told else Difference()
        notes = {name: after[name] for name in ("stopped", "uncovered")}
        notes |= {f"{name}_live": before[name] for name in ("stopped", "uncovered")}
        return {**found.document(), "is_compared": is_told, **{name: note for name, note in notes.items() if note}}

    def _keep_preview(self, told):
        document = self.env["fin.document"]._keep("preview", canonical(told))
        as_writer(self).write({"preview_document_id": document.id, "preview_at": fields.Datetime.now()})
        self._audit("preview", digest=self.digest, preview=document.digest, counts=told["counts"])

    # Dry

    def _dry(self, runs):
        """What becomes of the facts of these runs under this version: {fates, stopped, uncovered}."""
        with self._dry_env() as env:
            version, given = env["fin.version"].browse(self.id), env["fin.run"].browse(runs.ids)
            run = env["fin.run"]._dry_run(version)
            try:
                uncovered = run._dry_stages(given)
            except (IntegrationError, UserError) as error:
                return {"fates": {}, "stopped": str(error), "uncovered": None}
            return {"fates": run._fates(), "stopped": None, "uncovered": uncovered}

    @contextmanager
    def _dry_env(self):
        """An environment whose transaction ends in a rollback, whatever happens in it."""
        self.env.flush_all()
        with self.env.registry.cursor() as cr:
            try:
                cr.cache[_DRY] = True
                yield api.Environment(cr, SUPERUSER_ID, {"lang": "en_US"}, su=True)
            finally:
                cr.rollback()


class FinRun(models.Model):
    _inherit = "fin.run"

    @api.model
    def _dry_run(self, version):
        """A run that nobody will ever see: it stays queued, has no number, and goes with the transaction."""
        document = version._read_document()
        return as_writer(self).create(
            {
                "name": "PREVIEW",
                "flow_id": version.flow_id.id,
                "direction": document["flow"]["direction"],
                "company_id": self._owner(document).id,
                "lane": document["lane"],
                "trigger": "hand",
                "concurrency_key": "preview",
                "version_id": version.id,
                "version_digest": version.digest,
                "started_at": fields.Datetime.now(),
            }
        )

    def _dry_stages(self, given):
        """The stages of the pipeline that lie before anything has an effect; returns what does not map, or None."""
        pipeline = self.env[f"fin.pipeline.{self.direction}"]
        if self.direction == "inbound":
            self._give_again(given)
            stages = ("validate", "map")
        else:
            uncovered = self._prove_coverage(self._crosswalks_of_ledger())
            if uncovered:
                return uncovered
            stages = ("extract", "validate")
        for stage in stages:
            for _kept in getattr(pipeline, f"_{stage}")(self):
                self.env.flush_all()
        uncovered = self._prove_coverage(self._crosswalks_of_items())
        if self.direction == "outbound" and self._coded():
            for items in self.env["fin.item"]._batches(self, 5000):
                self._map_codes(items)
        return uncovered

    def _give_again(self, given):
        """The payloads of these runs as if they had just come, and nothing of them known yet."""
        # Two runs may have had the same file; it is given once.
        for payload in {(one.name, one.digest): one for one in given.payload_ids}.values():
            vals = {name: payload[name] for name in ("name", "digest", "size", "content_type")}
            as_writer(self.env["fin.payload"]).create({**vals, "run_id": self.id, "flow_id": self.flow_id.id})
        self.env.cr.execute(
            SQL("UPDATE fin_binding SET live = FALSE WHERE live AND run_id = ANY(%s)", (given | given.child_ids).ids)
        )

    def _fates(self):
        """What became of each item, by where it came from: the place in its payload, or its key."""
        return self._fates_where(SQL("i.run_id = %s", self.id))

    def _fates_where(self, which):
        """The same of the items that this names."""
        rows = self.env.execute_query(
            SQL(
                """SELECT p.digest, i.row, i.key, i.outcome, i.reason, i.content, i.mapped_values, i.currency,
                    i.amount::text, e.code
                FROM fin_item i LEFT JOIN fin_payload p ON p.id = i.payload_id
                LEFT JOIN fin_exception e ON e.id = i.exception_id
                WHERE %s""",
                which,
            )
        )
        return dict(self._fate(*row) for row in rows)

    def _fate(self, payload, row, key, outcome, reason, content, mapped, currency, amount, cause):
        is_accepted = outcome in ("open", "unchanged") and not cause and (mapped or self.direction == "outbound")
        verdict = ACCEPTED if is_accepted else "held" if outcome == "open" else outcome
        told, place = json.loads(content), json.loads(mapped or "{}")
        crossed = place.pop("crosswalk", {})
        mapped_codes = [one["value"] for _member, one in sorted(crossed.items()) if "value" in one]
        accounts = [place.get("account"), *mapped_codes, told.get("account"), place.get("journal")]
        fate = Fate(
            key=key,
            verdict=verdict,
            reason=cause or reason or "",
            place=canonical(place) if self.direction == "inbound" else content,
            account=next((str(account) for account in accounts if account), ""),
            currency=currency or "",
            amount=Decimal(amount) if amount is not None else None,
        )
        return (payload or "", row if payload else key), fate


class IrSequence(models.Model):
    _inherit = "ir.sequence"

    def _next_do(self):
        """A dry run takes no number: the next real one follows the last."""
        if self.env.cr.cache.get(_DRY):
            return self.get_next_char(0)
        return super()._next_do()


class FinApproval(models.Model):
    _inherit = "fin.approval"

    def _told(self):
        """Which preview the person could see stands beside the yes."""
        # sudo: who may decide on the version may know the digest of its preview
        preview = self.version_id.sudo().preview_document_id
        return super()._told() | ({"preview": preview.digest} if preview else {})
