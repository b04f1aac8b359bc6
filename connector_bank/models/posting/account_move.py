from odoo import models

from .bulk import bulk_of, one_of_each

# What a statement line writes on its entry as soon as it is there, and Odoo with it.
_LINK = {"statement_line_id", "narration", "name"}
_LINKED = [*_LINK, "is_manually_modified"]


class AccountMove(models.Model):
    """The entries of a chunk of statement lines."""

    _inherit = "account.move"

    def _get_next_sequence_format(self):
        """How the names of a journal go on: the same for all entries of a day."""
        bulk = bulk_of(self.env)
        if bulk is None or not self._counts_on():
            return super()._get_next_sequence_format()
        key = self.journal_id.id, self.date
        if key not in bulk.formats:
            bulk.formats[key] = super()._get_next_sequence_format()
        written, values = bulk.formats[key]
        return written, dict(values)  # the caller takes the number out

    def _counts_on(self):
        """A journal of self-billing names by partner, one with payments by their kind: there each asks for itself."""
        return self.move_type == "entry" and not self.origin_payment_id and not self.journal_id.is_self_billing

    def write(self, vals):
        bulk = bulk_of(self.env)
        if bulk is not None and bulk.told is not None:
            return self._fin_tell_later(bulk, vals)
        if bulk is not None and vals.keys() == _LINK and not self.name:
            return self._fin_link(bulk, vals)
        return super().write(vals)

    def _fin_link(self, bulk, vals):
        """A line and its entry find each other; written with the chunk, and told to others in one go."""
        self._get_sequence_cache().clear()
        for name, value in {**vals, "is_manually_modified": True}.items():
            field = self._fields[name]
            field._update_cache(self, field.convert_to_cache(value, self), dirty=True)
        bulk.linked += self.ids
        return True

    def _fin_linked(self, bulk):
        """Whatever is computed from the links is computed anew."""
        self.browse(bulk.linked).modified(_LINKED)
        bulk.linked = []

    def _fin_tell_later(self, bulk, vals):
        """Gather the entries that are to say the same."""
        if vals:
            bulk.told.setdefault(tuple(sorted(vals.items())), []).extend(self.ids)
        return True

    def _check_company(self, fnames=None):
        return super(AccountMove, one_of_each(self))._check_company(fnames)
