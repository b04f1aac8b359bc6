from odoo import api, models

OURS = "finance_integration."


class IrConfigParameter(models.Model):
    """A parameter in the name of this suite decides nothing: it is a proposal of the company's policy.

    The row keeps what was asked for, in words that nothing reads as a value.
    """

    _inherit = "ir.config_parameter"

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._fin_asked(vals, vals.get("key") or "") for vals in vals_list])

    def write(self, vals):
        ours = self.filtered(lambda parameter: (vals.get("key") or parameter.key).startswith(OURS))
        for parameter in ours:
            told = self._fin_asked({"value": parameter.value, **vals}, vals.get("key") or parameter.key)
            super(IrConfigParameter, parameter).write(told)
        return super(IrConfigParameter, self - ours).write(vals) if self - ours else True

    def _fin_asked(self, vals, key):
        if not key.startswith(OURS):
            return vals
        # sudo: whoever may write system parameters need hold no role of ours
        policy = self.env["fin.policy"].sudo()._of(self.env.company)
        return {**vals, "value": policy._ask_by_parameter(key, vals.get("value"))}
