from odoo import api, models
from odoo.exceptions import UserError

from .writer import as_writer, refuse_strangers


class FinLifecycleMixin(models.AbstractModel):
    """A record whose `state` follows a table. `_transition` is the only writer of `state`.

    A model sets `_lifecycle` and the field `state`; a method `_guard_<verb>` raises where a move is not allowed, and
    `_after_<verb>` does what belongs to the move.
    """

    _name = "fin.lifecycle.mixin"
    _description = "Lifecycle"
    _lifecycle = None

    @api.model_create_multi
    def create(self, vals_list):
        # Whatever `default_state` or an import says, life begins at the beginning.
        return super().create([{**vals, "state": self._lifecycle.first} for vals in vals_list])

    def write(self, vals):
        if "state" in vals:
            refuse_strangers(self, "state")
        return super().write(vals)

    def _transition(self, verb, reason=None, **facts):
        """Move each record along `verb`: guard, write, audit event. UserError where the state does not allow it."""
        for record in self:
            target = record._target(verb)
            getattr(record, f"_guard_{verb}", lambda: None)()
            before = record.state
            as_writer(record).write({"state": target})
            record._audit(verb, reason=reason, state=[before, target], **facts)
            getattr(record, f"_after_{verb}", lambda: None)()

    def _target(self, verb):
        target = self._lifecycle.target(verb, self.state)
        if not target:
            label = self._lifecycle.labels[self.state]
            raise UserError(
                self.env._(
                    "%(record)s is %(state)s: it cannot %(verb)s.", record=self.display_name, state=label, verb=verb
                )
            )
        return target

    def _subject_key(self):
        """How the audit log names this record: never a database id."""
        return self.display_name

    def _audit(self, verb, **facts):
        self.ensure_one()
        company = self.company_id if "company_id" in self._fields else self.env["res.company"]
        self.env["fin.audit.event"]._append(f"{self._name}.{verb}", self._name, self._subject_key(), company, facts)
