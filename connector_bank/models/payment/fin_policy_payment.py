"""What a company asks of payments: how many people from which amount, until when, what is looked at."""

import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .fin_payment_batch import OF_KIND

SCHEMES = tuple(scheme for schemes in OF_KIND.values() for scheme in schemes)
CUT_OFFS = {"sepa": 15.0, "instant": 0.0, "foreign": 12.0, "core": 12.0, "b2b": 12.0}
SEVERITY = [("forbid", "Forbids the payment"), ("warn", "Wants a reason"), ("off", "Is not looked at")]
CHOSEN = {"duplicate": "forbid", "name": "warn", "account": "warn", "cash": "forbid"}
SIX_EYES, DAYS = 10000.0, 90


class FinPolicy(models.Model):
    _inherit = "fin.policy"

    payment_six_eyes = fields.Float("Six eyes from", default=SIX_EYES, digits=(16, 2), tracking=True)
    payment_eight_eyes = fields.Float("Eight eyes from", digits=(16, 2), tracking=True, help="0: never.")
    payment_duplicate_days = fields.Integer("Looked back for duplicates (days)", default=DAYS, tracking=True)
    payment_duplicate = fields.Selection(SEVERITY, "Paid before", required=True, default="forbid", tracking=True)
    payment_name = fields.Selection(SEVERITY, "Holder is not the partner", required=True, default="warn", tracking=True)
    payment_account = fields.Selection(SEVERITY, "Account changed", required=True, default="warn", tracking=True)
    payment_cash = fields.Selection(SEVERITY, "Cash is not there", required=True, default="forbid", tracking=True)
    payment_cutoff_sepa = fields.Float("Cut-off SEPA", default=CUT_OFFS["sepa"], tracking=True)
    payment_cutoff_instant = fields.Float("Cut-off instant", default=CUT_OFFS["instant"], tracking=True)
    payment_cutoff_foreign = fields.Float("Cut-off foreign", default=CUT_OFFS["foreign"], tracking=True)
    payment_cutoff_core = fields.Float("Cut-off direct debit core", default=CUT_OFFS["core"], tracking=True)
    payment_cutoff_b2b = fields.Float("Cut-off direct debit B2B", default=CUT_OFFS["b2b"], tracking=True)
    payment_schemes = fields.Char(
        "Schemes by account", tracking=True, help="Such as GIRO: sepa, instant; USD: foreign. Others: sepa and core."
    )
    payment_block_list = fields.Text(
        "Block list", tracking=True, help="One a line: account number, name or VAT number; then the reason."
    )

    @api.constrains("payment_six_eyes", "payment_eight_eyes", "payment_duplicate_days")
    def _check_payment_bands(self):
        for policy in self:
            six, eight = policy.payment_six_eyes, policy.payment_eight_eyes
            if six < 0 or eight < 0 or (eight and eight < six) or policy.payment_duplicate_days < 0:
                raise ValidationError(self.env._("Bands rise with the amount, and nobody looks back less than 0 days."))

    @api.constrains(*(f"payment_cutoff_{scheme}" for scheme in SCHEMES))
    def _check_payment_cutoffs(self):
        for policy in self:
            if not all(0 <= policy[f"payment_cutoff_{scheme}"] < 24 for scheme in SCHEMES):
                raise ValidationError(self.env._("A cut-off is a time of day."))

    @api.constrains("payment_schemes")
    def _check_payment_schemes(self):
        for policy in self:
            try:
                read_schemes(policy.payment_schemes)
            except ValueError as wrong:
                raise ValidationError(
                    self.env._("%s: accounts are told as GIRO: sepa, instant; USD: foreign.", wrong)
                ) from None

    @api.constrains("payment_block_list")
    def _check_payment_block_list(self):
        for policy in self:
            try:
                read_block_list(policy.payment_block_list)
            except ValueError as wrong:
                raise ValidationError(
                    self.env._("Each line names an account, name or VAT number, then ; and why: %s", wrong)
                ) from None

    def _payment_part(self):
        cutoffs = {scheme: clock(self[f"payment_cutoff_{scheme}"]) for scheme in SCHEMES}
        return {
            "bands": bands(self.payment_six_eyes, self.payment_eight_eyes),
            "duplicate_days": self.payment_duplicate_days,
            "severity": {name: self[f"payment_{name}"] for name in CHOSEN},
            "cutoffs": {scheme: time for scheme, time in cutoffs.items() if time},
            "schemes": read_schemes(self.payment_schemes),
            "blocked": read_block_list(self.payment_block_list),
        }

    def _compose(self):
        part = self._payment_part()
        return super()._compose() | ({"payment": part} if part != self._strict()["payment"] else {})

    @api.model
    def _strict(self):
        return super()._strict() | {
            "payment": {
                "bands": bands(SIX_EYES, 0),
                "duplicate_days": DAYS,
                "severity": dict(CHOSEN),
                "cutoffs": {scheme: clock(time) for scheme, time in CUT_OFFS.items() if time},
                "schemes": {},
                "blocked": [],
            }
        }


def bands(six, eight):
    """[[from this amount, so many other people]], rising; amounts as text."""
    return [["0", 1], [f"{six:.2f}", 2], *([[f"{eight:.2f}", 3]] if eight else [])]


def clock(hours):
    """A float of hours as a time of day, empty for none."""
    minutes = round(hours * 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}" if minutes else ""


def read_schemes(text):
    """`GIRO: sepa, instant; USD: foreign` as a mapping. ValueError for anything else."""
    told = {}
    for part in filter(None, map(str.strip, (text or "").split(";"))):
        journal, _colon, names = part.partition(":")
        schemes = [name.strip() for name in names.split(",")]
        if not journal.strip() or not set(schemes) <= set(SCHEMES):
            raise ValueError(part)
        told[journal.strip()] = schemes
    return told


def read_block_list(text):
    """[[what is blocked, why]] of a list with one a line. ValueError for a line without a reason."""
    found = []
    for line in filter(None, map(str.strip, (text or "").splitlines())):
        what, _sign, why = (
            re.sub(r"[,\t]", ";", line, count=1).partition(";") if ";" not in line else line.partition(";")
        )
        if len(what.strip()) < 3 or not why.strip():
            raise ValueError(line)
        found.append([what.strip().strip('"'), why.strip().strip('"')])
    return found
