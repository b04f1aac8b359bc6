from odoo import api, fields, models
from odoo.tools import SQL, ormcache

_TOUCHED = "fin.close.touch"
_MOVES = frozenset({"state", "date", "journal_id"})
_LINES = frozenset({"account_id", "balance", "debit", "credit", "amount_currency", "date", "partner_id"})


class FinCloseTouch(models.Model):
    """Books of a company that were written from a day on: a plain insert, so that whoever posts waits for nobody."""

    _name = "fin.close.touch"
    _description = "Touched Books"
    _inherit = ["fin.evidence.mixin"]
    _log_access = False
    _rec_name = "on"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    on = fields.Date(required=True, readonly=True)

    @api.model
    def _note(self, places):
        """(company id, day) pairs whose books this transaction writes; nothing where nobody has signed anything."""
        data = self.env.cr.precommit.data
        for company_id, day in places:
            if not day or company_id not in self._watched():
                continue
            if _TOUCHED not in data:
                data[_TOUCHED] = {}
                self.env.cr.precommit.add(self._keep)
            data[_TOUCHED][company_id] = min(day, data[_TOUCHED].get(company_id, day))

    def _keep(self):
        """The earliest day of each company: whatever rests on a later day moved with it."""
        rows = sorted(self.env.cr.precommit.data.pop(_TOUCHED, {}).items())
        self.env.cr.execute_values('INSERT INTO fin_close_touch (company_id, "on") VALUES %s', rows)
        self.env["fin.engine"]._wake("batch")

    @api.model
    @ormcache()
    def _watched(self):
        """Companies of which anything was signed; remembered, so that nobody's posting asks twice."""
        # sudo: the same answer for everybody
        groups = self.env["fin.checkpoint"].sudo()._read_group([("signed_at", "!=", False)], ["company_id"])
        return frozenset(company.id for (company,) in groups)

    @api.model
    def _take(self):
        """Look again at what is tied or signed on books that were written since."""
        rows = self.env.execute_query(
            SQL(
                """WITH taken AS (
                    DELETE FROM fin_close_touch WHERE id IN (SELECT id FROM fin_close_touch FOR UPDATE SKIP LOCKED)
                    RETURNING company_id, "on")
                SELECT company_id, min("on") FROM taken GROUP BY company_id"""
            )
        )
        for company_id, day in rows:
            states = ("state", "in", ("tied", "signed"))
            self.env["fin.checkpoint"].search(
                [("company_id", "=", company_id), ("date_to", ">=", day), states]
            )._evaluate()


def _places(moves):
    """(company, day) of each; nothing is read where nobody watches."""
    if not moves.env["fin.close.touch"]._watched():
        return set()
    return {(move.company_id.id, move.date) for move in moves}


class AccountMove(models.Model):
    _inherit = "account.move"

    @api.model_create_multi
    def create(self, vals_list):
        moves = super().create(vals_list)
        self.env["fin.close.touch"]._note(_places(moves))
        return moves

    def write(self, vals):
        if not _MOVES & vals.keys():
            return super().write(vals)
        before = _places(self)
        done = super().write(vals)
        self.env["fin.close.touch"]._note(before | _places(self))
        return done

    def unlink(self):
        before = _places(self)
        done = super().unlink()
        self.env["fin.close.touch"]._note(before)
        return done


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def write(self, vals):
        done = super().write(vals)
        if _LINES & vals.keys():
            self.env["fin.close.touch"]._note(_places(self.move_id))
        return done

    def unlink(self):
        before = _places(self.move_id)
        done = super().unlink()
        self.env["fin.close.touch"]._note(before)
        return done


class AccountPartialReconcile(models.Model):
    """What is reconciled, or not any more, moves no balance but what is left over."""

    _inherit = "account.partial.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        made = super().create(vals_list)
        self.env["fin.close.touch"]._note(_places(made.debit_move_id.move_id | made.credit_move_id.move_id))
        return made

    def unlink(self):
        before = _places(self.debit_move_id.move_id | self.credit_move_id.move_id)
        done = super().unlink()
        self.env["fin.close.touch"]._note(before)
        return done
