"""Presets of Odoo as buttons of the matching screen, with the taxes that they split off."""

import re
from decimal import Decimal

from odoo import Command, api, models
from odoo.exceptions import UserError


class FinMatchScreen(models.AbstractModel):
    _inherit = "fin.match.screen"

    def _presets(self, line):
        """Presets of Odoo for this journal."""
        presets = self.env["account.reconcile.model"].search([("company_id", "=", line.company_id.id)])
        return presets.filtered(
            lambda one: one.line_ids.account_id and line.journal_id in (one.match_journal_ids or line.journal_id)
        )

    @api.model
    def preset(self, line_id, preset_id):
        """Book what is left by a preset of Odoo."""
        line, told = self._open(line_id)
        preset = self._presets(line).filtered(lambda one: one.id == preset_id)
        if not preset:
            raise UserError(self.env._("This preset is not for this journal."))
        self._book(line, told, self._by_preset(line, told, preset))
        return self._after(line)

    def _by_preset(self, line, told, preset):
        left, others = told.amount, []
        for one in preset.line_ids.filtered("account_id"):
            amount = _amount_of(one, left, told)
            if amount:
                left -= amount
                booked = {
                    "account_id": one.account_id.id,
                    "amount": amount,
                    "partner_id": one.partner_id.id or line.partner_id.id,
                    "name": one.label or line.payment_ref,
                    "reconcile_model_id": preset.id,
                    "analytic_distribution": one.analytic_distribution or False,
                }
                others += self._with_taxes(line, booked, one.tax_ids) if one.tax_ids else [booked]
        if not others:
            raise UserError(self.env._("The preset finds nothing to book here."))
        return others

    def _with_taxes(self, line, booked, taxes):
        """What is booked, and the taxes that lie in it, by Odoo's own computation; together it is the same amount."""
        base = self._taxed(line, booked, taxes)
        told = taxes._prepare_tax_lines([base], line.company_id)
        [(_base, without)] = told["base_lines_to_update"]
        split = [_tax_of(booked, vals) for vals in told["tax_lines_to_add"]]
        tags = {"tax_ids": [Command.set(taxes.ids)], "tax_tag_ids": without["tax_tag_ids"]}
        return [booked | tags | {"amount": booked["amount"] - sum(one["amount"] for one in split)}, *split]

    def _taxed(self, line, booked, taxes):
        """Odoo's base line of an amount that includes its taxes."""
        signed = -float(booked["amount"])  # as it stands against the bank line
        base = taxes._prepare_base_line_for_taxes_computation(
            None,
            tax_ids=taxes,
            price_unit=signed,
            quantity=1.0,
            currency_id=line.currency_id,
            partner_id=self.env["res.partner"].browse(booked["partner_id"]),
            account_id=self.env["account.account"].browse(booked["account_id"]),
            analytic_distribution=booked["analytic_distribution"],
            special_mode="total_included",
            is_refund=(signed > 0) == (taxes[:1].type_tax_use == "sale"),
        )
        taxes._add_tax_details_in_base_line(base, line.company_id)
        taxes._round_base_lines_tax_details([base], line.company_id)
        taxes._add_accounting_data_in_base_lines_tax_details([base], line.company_id, include_caba_tags=True)
        return base


def _tax_of(booked, vals):
    """One tax as it is booked beside its base; its amount has the sign of the bank line."""
    kept = {name: value for name, value in vals.items() if name not in ("balance", "amount_currency", "currency_id")}
    return booked | kept | {"amount": -_rounded(Decimal(repr(vals["amount_currency"])), booked["amount"])}


def _rounded(amount, like):
    """With as many digits as the other amount of this currency."""
    return amount.quantize(Decimal(1).scaleb(like.as_tuple().exponent))


def _amount_of(one, left, told):
    """What a line of a preset takes, with the sign of the bank line; what is left at most is no rule of Odoo's."""
    if one.amount_type == "percentage":
        amount = left * Decimal(str(one.amount)) / 100
    elif one.amount_type == "percentage_st_line":
        amount = told.amount * Decimal(str(one.amount)) / 100
    elif one.amount_type == "fixed":
        amount = Decimal(str(one.amount))  # positive is a credit, whichever way the line goes
    else:
        found = re.search(one.amount_string or "$^", told.text)
        spelled = (found.group(1) if found and found.groups() else "").replace(".", "").replace(",", ".")
        amount = Decimal(spelled) if spelled.replace(".", "", 1).isdigit() else Decimal()
        amount = -amount if told.amount < 0 else amount
    return _rounded(amount, told.amount)
