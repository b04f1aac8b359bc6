from odoo import fields, models


class FinExceptionResolve(models.TransientModel):
    """A person's decision on an exception, with the reason that stays in the evidence."""

    _name = "fin.exception.resolve"
    _description = "Decide on an Exception"

    exception_id = fields.Many2one("fin.exception", required=True, ondelete="cascade")
    decision = fields.Selection(
        [
            ("resolve", "The cause is mended: try again"),
            ("reject", "Do not book these items"),
            ("waive", "Book them as they are (asks a second person)"),
        ],
        required=True,
        default="resolve",
    )
    reason = fields.Text(required=True)
    until = fields.Datetime(
        "Holds until", help="What is not booked by then waits for a person again; a week, if empty."
    )

    def action_decide(self):
        self.ensure_one()
        exception = self.exception_id
        exception._need_decider()
        getattr(self, f"_{self.decision}")(exception)
        return {"type": "ir.actions.act_window_close"}

    def _resolve(self, exception):
        runs = exception._held_runs()
        exception._close("resolve", self.reason)
        for run in runs:
            run._release()

    def _reject(self, exception):
        runs = exception._held_runs() | exception._runs_of_refused_payloads()
        exception._reject_items(self.reason)
        exception._close("resolve", self.reason)
        for run in runs:
            run._release()

    def _waive(self, exception):
        exception._request_waiver(self.reason, self.until)
