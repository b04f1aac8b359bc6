"""Replay: rejected items are read again from the stored bytes and go through all stages in a run of their own."""

import json

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...core.canonical import canonical
from ...core.preview import Difference, compare
from ..writer import as_writer


class FinRemedy(models.Model):
    _inherit = "fin.remedy"

    @api.model
    def _ask_replay(self, exceptions, reason, configuration="live", ids=None, correction=None, **vals):
        """One replay of what these cases of one flow have rejected, of these items where ids are given."""
        flow = exceptions.flow_id
        flow.ensure_one()
        flow._need("group_operator")
        found = self.env["fin.item"]._to_replay(exceptions, ids)
        self._check_replay(flow, found)
        version = flow.live_version_id if configuration == "live" else self.env["fin.version"]
        vals = {
            "exception_ids": [fields.Command.set(exceptions.ids)],
            "configuration": configuration,
            "version_id": version.id,
            "correction": canonical(correction) if correction else False,
            "needs_yes": bool(correction) or len(found) > self._alone(flow),
            **vals,
        }
        difference = self._difference(flow, found, version, correction)
        vals["difference_id"] = self.env["fin.document"]._keep("replay", canonical(difference)).id
        return self._ask("correct" if correction else "replay", flow, found, reason, **vals)

    def _alone(self, flow):
        # sudo: everybody obeys the policy
        return flow.sudo().company_id._fin_policy()["desk"].get("replay_alone", 1)

    def _check_replay(self, flow, ids):
        if flow.live_version_id and flow._document()["flow"]["direction"] != "inbound":
            raise UserError(
                self.env._(
                    "What leaves Odoo is collected anew: start a run of the flow, and what was refused goes again."
                )
            )
        items = self.env["fin.item"].browse(ids)
        if items.filtered("purge_id") or items.payload_id.filtered("purge_id"):
            raise UserError(
                self.env._("The content of some of these items was purged: there is nothing to read again.")
            )
        if len(set(items.run_id.mapped("is_fallback"))) > 1:
            raise UserError(self.env._("Some of these came by hand: choose items of one channel."))

    # What it would post

    def _difference(self, flow, ids, version, correction=None):
        """What stands there now beside what the replay would make of it, in a dry run; as a mapping."""
        before = self.env["fin.run"]._fates_where(SQL("i.id = ANY(%s)", list(ids)))
        after, stopped = {}, []
        for one, part in self._parts(ids, version):
            told = one._dry_replay(part, correction)
            after |= told["fates"]
            stopped += filter(None, (told["stopped"],))
        found = compare(before, after) if not stopped else Difference()
        versions = sorted({one.digest for one, _part in self._parts(ids, version)})
        return {**found.document(), "versions": versions, "live": flow.live_version_id.digest, "stopped": stopped}

    def _parts(self, ids, version=None):
        """(version, ids of the items that are replayed on it): the one that is named, else the one of their run."""
        rows = self.env.execute_query(
            SQL(
                """SELECT COALESCE(%s, r.version_id), array_agg(i.id ORDER BY i.id)
                FROM fin_item i JOIN fin_run r ON r.id = i.run_id WHERE i.id = ANY(%s) GROUP BY 1 ORDER BY 1""",
                version.id if version else None,
                list(ids),
            )
        )
        return [(self.env["fin.version"].browse(version_id), part) for version_id, part in rows]

    # Doing

    def _begin_replay(self):
        """One run for each version; they begin with the stored bytes and ask the source for nothing."""
        for version, _part in self._parts(self._chosen_ids(), self.version_id):
            run = self.env["fin.run"]._queue_replay(self, version)
            as_writer(self.exception_ids).write({"run_ids": [fields.Command.link(run.id)]})
            self.env["fin.engine"]._wake(run.lane)

    def _begin_correct(self):
        self._begin_replay()

    def _chosen_ids(self):
        rows = self.env.execute_query(SQL("SELECT id FROM fin_item WHERE remedy_id = %s ORDER BY id", self.id))
        return [item_id for (item_id,) in rows]

    def _told_correction(self):
        return json.loads(self.correction) if self.correction else {}

    def _run_is_over(self):
        """With its last run the replay is done."""
        runs = self.run_ids.filtered(lambda run: run.state not in ("done", "cancelled"))
        if self.state == "agreed" and not runs:
            self._transition("finish")


class FinVersion(models.Model):
    _inherit = "fin.version"

    def _dry_replay(self, ids, correction=None):
        """What would become of these items under this version, in a transaction that is rolled back."""
        with self._dry_env() as env:
            version = env["fin.version"].browse(self.id)
            run = env["fin.run"]._dry_run(version)
            is_by_hand = env["fin.item"].browse(ids[:1]).run_id.is_fallback
            remedy = as_writer(env["fin.remedy"]).create(
                {
                    "name": "PREVIEW",
                    "kind": "replay",
                    "company_id": run.company_id.id,
                    "flow_id": run.flow_id.id,
                    "reason": "preview",
                    "requested_by": env.uid,
                    "correction": canonical(correction) if correction else False,
                }
            )
            as_writer(run).write({"remedy_id": remedy.id, "is_fallback": is_by_hand})
            env.flush_all()
            env.cr.execute(SQL("UPDATE fin_item SET remedy_id = %s WHERE id = ANY(%s)", remedy.id, list(ids)))
            env.invalidate_all()
            return run._dry_replayed()
