"""Runs to planning systems as the engine makes them, up to their end or up to a power cut."""

from unittest.mock import patch

from odoo.addons.finance_integration_governance.core.errors import TransientError
from odoo.addons.finance_integration_governance.core.http import HttpClient
from odoo.addons.finance_integration_governance.core.stages import STAGES

from .common import PlanningCase


class Killed(BaseException):
    """The worker is gone, as a power cut would have it."""


class LoadingCase(PlanningCase):
    def flow_to(self, connector, settings, code, **vals):
        """An approved, active flow of actuals to this connector, on a released database."""
        connection = self.env["fin.connection"].create(
            {
                "name": code,
                "code": f"{code}-test",
                "company_id": self.company.id,
                "connector_id": self.env["fin.connector"].search([("code", "=", connector)]).id,
                "settings": settings,
            }
        )
        people = {"owner": self.operator, "deputy": self.approver}
        told = {"name": code, "code": code, "company_id": self.company.id, "object": "fin.object.actual"}
        roles = [(0, 0, {"role": role, "user_id": user.id}) for role, user in people.items()]
        flow = self.env["fin.flow"].create({**told, "connection_id": connection.id, "role_ids": roles, **vals})
        flow.action_prefill()
        self.approve(flow)
        self.env["fin.database"]._release_by_command("test")
        self.env["fin.audit.seal"]._seal_waiting()
        return flow

    def begun(self, flow):
        run = self.queue(flow)
        run._transition("start", digest=run.version_digest)
        return run

    def engine(self, run, limit=30):
        """As the engine does: a stage from its top until it ends, each time that the run is due."""
        for _time in range(limit):
            if run.state == "queued":
                run._transition("start", digest=run.version_digest)
            if run.state != "running":
                return run
            stage = STAGES[STAGES.index(run.stage)]
            for _kept in getattr(self.env["fin.pipeline.outbound"], f"_{stage}")(run):
                self.env.flush_all()
                if run.state != "running":
                    break
            else:
                following = STAGES[STAGES.index(stage) + 1 :]
                if following:
                    run._reached(following[0])
        raise AssertionError("the run does not come to an end")

    def broken_off(self, run):
        """The error with which the run breaks off; what it had kept stays, as `assertRaises` would not leave it."""
        try:
            self.engine(run)
        except TransientError as error:
            return error
        raise AssertionError("the run went through")

    def kill(self, run, calls):
        """Work until the worker dies right after its call of this number; True where it came so far."""
        exchanged, made = HttpClient._exchanged, []

        def dying(client, call, request):
            answer = exchanged(client, call, request)
            made.append(call)
            if len(made) == calls:
                raise Killed
            return answer

        point = self.env.cr.savepoint()
        with patch.object(HttpClient, "_exchanged", dying):
            try:
                for stage in STAGES:
                    run._reached(stage)
                    for _kept in getattr(self.env["fin.pipeline.outbound"], f"_{stage}")(run):
                        self.env.flush_all()
                        point.close(rollback=False)
                        point = self.env.cr.savepoint()
                        if run.state == "queued":
                            run._transition("start", digest=run.version_digest)
                    self.env.invalidate_all()
                    if stage == "deliver" and not all(item.outcome != "open" for item in run.item_ids):
                        self.engine_until_delivered(run)
            except Killed:
                self.env.invalidate_all(flush=False)
                point.rollback()
                point.close(rollback=False)
                self.env.invalidate_all(flush=False)
                return True
        point.close(rollback=False)
        return False

    def engine_until_delivered(self, run):
        for _time in range(5):
            for _kept in self.env["fin.pipeline.outbound"]._deliver(run):
                self.env.flush_all()
                if run.state == "queued":
                    run._transition("start", digest=run.version_digest)
            if run.load_ids[-1:].state == "loaded":
                return
