from odoo import api, models

_MODULE = "finance_integration_governance"
# name: (interval in minutes, code). What runs otherwise is not what was installed.
JOBS = {
    "ir_cron_realtime": (1, 'model._cron_advance("realtime")'),
    "ir_cron_batch": (1, 'model._cron_advance("batch")'),
    "ir_cron_bulk": (1, 'model._cron_advance("bulk")'),
    "ir_cron_seal": (1, "model._cron_seal()"),
    "ir_cron_trace": (1, "model._cron_write()"),
    "ir_cron_digest": (30, "model._cron_send()"),
    "ir_cron_evidence": (60, "model._cron_build()"),
    "ir_cron_register": (1440, "model._cron_watch()"),
    "ir_cron_verify": (1440, "model._cron_verify()"),
    "ir_cron_purge": (1440, "model._cron_purge()"),
    "ir_cron_duplicates": (1440, "model._cron_scan()"),
}
_MINUTES = {"minutes": 1, "hours": 60, "days": 1440, "weeks": 10080, "months": 43200}


class IrCron(models.Model):
    """The scheduled actions on which everything else rests: one that is switched off or altered is told at once."""

    _inherit = "ir.cron"

    def write(self, vals):
        done = super().write(vals)
        if vals.keys() & {"active", "interval_number", "interval_type", "code", "state", "model_id", "user_id"}:
            self._fin_watch()
        return done

    @api.model
    def _fin_watch(self):
        """One exception for each of the engine's scheduled actions that is not as it was installed."""
        # sudo: it looks at scheduled actions and tells, whoever caused the look
        env, causes = self.env(su=True), {}
        for name in JOBS:
            wrong = self._fin_altered(name, env.ref(f"{_MODULE}.{name}", raise_if_not_found=False))
            if wrong:
                text = self.env._("The scheduled action %(name)s is %(wrong)s.", name=name, wrong=wrong)
                causes[text] = {"job": name, "wrong": wrong}
        env["fin.exception"]._watched_apart(env.ref("base.main_company"), "cron_changed", causes)

    def _fin_altered(self, name, cron):
        """In words what is not as it was installed, or nothing."""
        if not cron:
            return self.env._("deleted")
        if not cron.active:
            return self.env._("switched off")
        minutes, code = JOBS[name]
        if cron.code != code or cron.state != "code":
            return self.env._("running something else")
        if cron.interval_number * _MINUTES[cron.interval_type] > minutes:
            return self.env._("running too seldom")
        return ""
