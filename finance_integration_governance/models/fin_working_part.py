from odoo import api, models


class FinWorkingPart(models.AbstractModel):
    """A record whose content enters the document of a working copy: who edits it has edited that.

    A model of this kind says in `_working_copies` which flows or policies it belongs to.
    """

    _name = "fin.working.part"
    _description = "Part of a Working Copy"
    _bystanders = frozenset()  # fields that no version keeps
    _watched = None  # where most fields are somebody else's: those that versions keep

    def _working_copies(self):
        """A list of recordsets of working copies."""
        raise NotImplementedError

    @api.model_create_multi
    def create(self, vals_list):
        parts = super().create(vals_list)
        if any(self._is_kept(vals) for vals in vals_list):
            parts._note_edit(parts._working_copies())
        return parts

    def _is_kept(self, vals):
        """Whether a version keeps one of these values."""
        return bool(set(vals) - self._bystanders if self._watched is None else self._watched & set(vals))

    def write(self, vals):
        if not self._is_kept(vals):
            return super().write(vals)
        before = self._working_copies()
        done = super().write(vals)
        self._note_edit([*before, *self._working_copies()])
        return done

    def unlink(self):
        before = self._working_copies()
        done = super().unlink()
        self._note_edit(before)
        return done

    def _note_edit(self, copies):
        for records in copies:
            records._edited()
