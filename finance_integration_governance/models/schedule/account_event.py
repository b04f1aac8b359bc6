from odoo import api, models

_MOVES = {"posted": "account.move/posted", "draft": "account.move/draft", "cancel": "account.move/cancelled"}
_PAYMENT = "account.payment/state"


def _moving(records, vals):
    """Those whose state a write is about to change."""
    return records.filtered(lambda record: record.state != vals["state"]) if "state" in vals else records.browse()


def _happened(records, key):
    for company, part in records.grouped("company_id").items():
        records.env["fin.event"]._happened(key, part, company)


class AccountMove(models.Model):
    _inherit = "account.move"

    def write(self, vals):
        """Posting, resetting to draft and cancelling are each an event; a state that stays is none."""
        moved = _moving(self, vals)
        done = super().write(vals)
        if moved and vals["state"] in _MOVES:
            _happened(moved, _MOVES[vals["state"]])
        return done


class AccountPayment(models.Model):
    _inherit = "account.payment"

    def write(self, vals):
        moved = _moving(self, vals)
        done = super().write(vals)
        _happened(moved, _PAYMENT)
        return done

    def _compute_state(self):
        """What Odoo derives from a reconciliation or a statement is no write."""
        if not self.env["fin.trigger"]._waiting_for(_PAYMENT, False):
            return super()._compute_state()  # the old state would be a query for nobody
        before = {payment: payment._origin.state for payment in self if payment._origin}
        super()._compute_state()
        return _happened(self.filtered(lambda payment: payment.id and before.get(payment) != payment.state), _PAYMENT)


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
