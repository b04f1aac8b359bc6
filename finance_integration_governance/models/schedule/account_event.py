from odoo import api, models

_MOVES = {"posted": "account.move/posted", "draft": "account.move/draft", "cancel": "account.move/cancelled"}


def _happened(records, key):
    for company, part in records.grouped("company_id").items():
        records.env["fin.event"]._happened(key, part, company)


class AccountMove(models.Model):
    _inherit = "account.move"

    def write(self, vals):
        """Posting, resetting to draft and cancelling are each an event; a state that stays is none."""
        moved = self.filtered(lambda move: move.state != vals["state"]) if "state" in vals else self.browse()
        done = super().write(vals)
        if moved and vals["state"] in _MOVES:
            _happened(moved, _MOVES[vals["state"]])
        return done


class AccountPayment(models.Model):
    _inherit = "account.payment"

    def _compute_state(self):
        """Odoo derives the state from many sides; which of them it was does not matter to who waits for it."""
        before = {payment: payment._origin.state for payment in self if payment._origin}
        super()._compute_state()
        _happened(self.filtered(lambda p: p.id and before.get(p) != p.state), "account.payment/state")


class ResPartner(models.Model):
    _inherit = "res.partner"

    @api.model_create_multi
    def create(self, vals_list):
        partners = super().create(vals_list)
        self.env["fin.event"]._happened("res.partner/changed", partners)
        return partners

    def write(self, vals):
        done = super().write(vals)
        if vals and self:
            self.env["fin.event"]._happened("res.partner/changed", self)
        return done


class AccountAccount(models.Model):
    _inherit = "account.account"

    @api.model_create_multi
    def create(self, vals_list):
        accounts = super().create(vals_list)
        self.env["fin.event"]._happened("account.account/changed", accounts)
        return accounts

    def write(self, vals):
        done = super().write(vals)
        if vals and self:
            self.env["fin.event"]._happened("account.account/changed", self)
        return done
