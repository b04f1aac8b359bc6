import datetime as dt

from odoo import fields, models
from odoo.exceptions import UserError

from ..writer import as_writer


class FinCheckpoint(models.Model):
    """What a checkpoint does when it is signed: part of its definition, and so of what both have signed."""

    _inherit = "fin.checkpoint"

    def _after_sign(self):
        super()._after_sign()
        self.env["fin.event"]._happened(f"checkpoint:{self.code}", self, self.company_id)
        self.env["fin.run"]._let_go("checkpoint", self.code)
        action = self._says().get("action")
        if action:
            done = getattr(self, f"_do_{action['kind']}")(action)
            self._audit("act", kind=action["kind"], done=done)
            self.message_post(body=done)

    def _do_run(self, action):
        flow = self._flow_of(action)
        run = self.env["fin.run"]._queue(flow, "event")
        self.env["fin.engine"]._wake(run.lane)
        return self.env._("%(run)s of %(flow)s was started.", run=run.name, flow=flow.name)

    def _flow_of(self, action):
        # sudo: the flow that was approved with the policy, whoever signs
        flow = self.env["fin.flow"].sudo().search([("code", "=", action["flow"])], limit=1).with_env(self.env)
        if flow.state != "active":
            raise UserError(self.env._("The flow %s, which this starts, is not active.", action["flow"]))
        return flow

    def _do_evaluate(self, _action):
        others = self.period_id.checkpoint_ids - self
        others._evaluate()
        return self.env._("%s other checkpoints were looked at.", len(others))

    def _do_lock(self, action):
        """The lock date moves on to the period's end, never back."""
        company = self.company_id.sudo()  # sudo: what the approved policy says a signed checkpoint does
        day, name = self.period_id.date_to, action["lock"]
        if not company[name] or company[name] < day:
            company.write({name: day})
        return self.env._("%(lock)s of Odoo is %(day)s.", lock=company._fields[name].string, day=company[name])

    def _do_unlock(self, action):
        """The books are open again from the period's first day; a lock date before it stays."""
        company = self.company_id.sudo()  # sudo: as above
        day, name = self.period_id.date_from - dt.timedelta(days=1), action["lock"]
        if company[name] and company[name] > day:
            company.write({name: day})
        return self.env._("%(lock)s of Odoo is %(day)s.", lock=company._fields[name].string, day=company[name])

    def _do_pack(self, _action):
        # sudo: the pack that was approved with the policy, whoever signs
        flows = self.env["fin.flow"].sudo().search([("company_id", "=", self.company_id.id)])
        flows = flows.filtered("live_version_id")
        if not flows:
            return self.env._("There is no flow to make an evidence pack of.")
        pack = self.env["fin.evidence.pack"]._make(flows, self.period_id.date_from, self.period_id.date_to, self)
        return self.env._("The evidence pack %s is being built; its readers are told when it is there.", pack.name)


class FinEvidencePack(models.Model):
    _inherit = "fin.evidence.pack"

    checkpoint_id = fields.Many2one("fin.checkpoint", readonly=True, ondelete="restrict", index="btree_not_null")

    def _make(self, flows, date_from, date_to, checkpoint):
        """A pack that nobody asks for by hand: the close calendar does, for the checkpoint's owner."""
        pack = as_writer(self).create(
            {
                "name": self.env["ir.sequence"].sudo().next_by_code(self._name),  # sudo: sequences are the system's
                "company_id": checkpoint.company_id.id,
                "flow_ids": [fields.Command.set(flows.ids)],
                "date_from": date_from,
                "date_to": date_to,
                "asked_by": checkpoint.owner_id.id,
                "purpose": checkpoint.display_name,
                "checkpoint_id": checkpoint.id,
            }
        )
        pack._audit("ask", **pack._told(), checkpoint=checkpoint._subject_key())
        self._wake()
        return pack

    def _after_finish(self):
        """It is sent as a link: what it holds leaves through the controller that writes down who took it."""
        if not self.checkpoint_id:
            return
        company = self.checkpoint_id.company_id
        people = (self.checkpoint_id.owner_id | company.fin_controller_id).partner_id
        subject = self.env._("Evidence pack of %s", self.checkpoint_id.display_name)
        body = self.env._("%(pack)s is ready. Digest of its manifest: %(digest)s", pack=self.name, digest=self.digest)
        # sudo: the mail is the suite's own
        self.checkpoint_id.sudo().message_notify(
            partner_ids=people.ids, subject=subject, body=body, email_from=company.fin_mail_sender or None
        )
