from odoo import models


class FinSlot(models.Model):
    _inherit = "fin.slot"

    def _start(self, document):
        """Without a consent nobody is asked: the flow does not fail in a loop, its exception says what to do."""
        if self.flow_id._lacks_consent():
            self.flow_id._tell_consent_missing()
            return self._pass_over("skip", self.env._("There is no valid consent of the bank: renew it."))
        return super()._start(document)
