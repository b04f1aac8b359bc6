from odoo import models

SUSPENDED, LATE = "checkpoint_suspended", "checkpoint_late"


class FinCheckpoint(models.Model):
    """Who is told what of a checkpoint: its owner by an exception with a due date, those that stand on it by a note."""

    _inherit = "fin.checkpoint"

    def _tell_suspended(self, changed):
        text = self.env._(
            "%(checkpoint)s was signed, and its figures have moved since (%(changed)s). %(owner)s looks at what moved "
            "and signs again, or has it put right.",
            checkpoint=self.display_name,
            changed=changed or "-",
            owner=self.owner_id.name,
        )
        key = self._subject_key()
        exceptions = self.env["fin.exception"]
        exceptions._raise_apart(self.company_id, SUSPENDED, text, owner=self.owner_id, family="data", checkpoint=key)
        for other in self._dependents():
            words = self.env._(
                "%(this)s rests on %(that)s, whose signature is suspended.", this=other.name, that=self.name
            )
            other.message_post(body=words)
            other._tell_owner(words)

    def _tell_late(self):
        missing = self._missing()
        waits = self.env._("It waits for: %s.", ", ".join(missing.mapped("name"))) if missing else ""
        text = self.env._(
            "%(checkpoint)s was due at %(due)s UTC and is not signed (%(told)s). %(waits)s",
            checkpoint=self.display_name,
            due=f"{self.due_at:%Y-%m-%d %H:%M}",
            told=self.told or self.env._("nobody has looked at it yet"),
            waits=waits,
        )
        key = self._subject_key()
        exceptions = self.env["fin.exception"]
        exceptions._raise_apart(self.company_id, LATE, text, owner=self.owner_id, family="data", checkpoint=key)

    def _close_exceptions(self, reason):
        for code in (SUSPENDED, LATE):
            self.env["fin.exception"]._close_apart(self.company_id, code, reason, checkpoint=self._subject_key())

    def _tell_owner(self, summary):
        self._remind(self.owner_id, summary)

    def _remind_second(self):
        """Whoever is named; else every approver finds it among what waits for their yes."""
        if self.second_id:
            self._remind(self.second_id, self.env._("%s waits for your signature", self.display_name))

    def _remind(self, person, summary):
        # sudo: a reminder is the suite's own, whoever caused it
        self.sudo().activity_schedule(
            "mail.mail_activity_data_todo", date_deadline=self.due_at.date(), summary=summary, user_id=person.id
        )
