import hashlib
from decimal import Decimal

from odoo import api, fields, models
from odoo.addons.base.models.res_bank import sanitize_account_number
from odoo.exceptions import UserError
from odoo.fields import Command

from odoo.addons.finance_integration_governance.core.errors import DataError
from odoo.addons.finance_integration_governance.models.screen import act_window

from ..core.archive import files_in
from ..models.fin_version_bring import MOST

MOST_FILES, LARGEST = 100, 64 << 20


class FinStatementBring(models.TransientModel):
    """Files with bank statements that a person brings: told what is in them first, then handed to the engine.

    What is shown decides nothing. On handing over everything is read anew, in the rights of whoever asks.
    """

    _name = "fin.statement.bring"
    _description = "Bring Statements"

    journal_id = fields.Many2one("account.journal", readonly=True, ondelete="cascade")
    attachment_ids = fields.Many2many("ir.attachment", string="Files", bypass_search_access=True)
    file_ids = fields.One2many("fin.statement.bring.file", "bring_id", readonly=True)
    statement_ids = fields.One2many("fin.statement.bring.statement", "bring_id", readonly=True)
    is_read = fields.Boolean(readonly=True)
    can_bring = fields.Boolean(compute="_compute_can_bring")
    reason = fields.Char("Remark", help="It stays in the log with the files.")

    @api.depends("file_ids.state")
    def _compute_can_bring(self):
        for bring in self:
            bring.can_bring = any(file.state == "ready" for file in bring.file_ids)

    # Looking

    def action_look(self):
        """Tell what is in the files; nothing is kept."""
        self.ensure_one()
        self._need()
        self.file_ids.unlink()
        told = [self._look_at(file) for file in self._files()]
        self.write({"is_read": True, "file_ids": [Command.create(one) for one in told]})
        return self._again()

    def action_other_files(self):
        """Back to choosing."""
        self.ensure_one()
        self.file_ids.unlink()
        self.is_read = False
        return self._again()

    def _again(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Bring Statements"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }

    def _need(self):
        self.env["fin.approval"]._need_group("group_operator")

    def _files(self):
        """(name, bytes, trouble) of each file, those of archives one by one."""
        found = [file for attachment in self.attachment_ids.sorted("id") for file in self._unpacked(attachment)]
        if not found:
            raise UserError(self.env._("Choose one or several files first."))
        if len(found) > MOST_FILES:
            raise UserError(
                self.env._(
                    "These are %(count)s files: bring at most %(most)s at a time.", count=len(found), most=MOST_FILES
                )
            )
        return found

    def _unpacked(self, attachment):
        attachment.check_access("read")
        if attachment.file_size > LARGEST:
            most = LARGEST >> 20
            return [(attachment.name, b"", self.env._("it is larger than %s MiB: put it into the flow's folder", most))]
        content = attachment.raw or b""
        if not content:
            return [(attachment.name, b"", self.env._("the file is empty"))]
        try:
            return [(*file, None) for file in files_in(attachment.name, content)]
        except DataError as error:
            return [(attachment.name, b"", error.text)]

    def _look_at(self, file):
        """The row of one file, with those of its statements."""
        name, content, trouble = file
        told = {"name": name, "digest": hashlib.sha256(content).hexdigest(), "size": len(content)}
        if trouble:
            return {**told, "state": "refused", "text": trouble}
        flow, is_fallback, more = self._reader(name, content)
        if not flow:
            return {**told, **more}
        told |= {"flow_id": flow.id, "is_fallback": is_fallback}
        before = self._came_before(flow, told["digest"])
        if before:
            text = self.env._("it came with %(run)s on %(day)s", run=before.run_id.name, day=before.received_at.date())
            return {**told, "state": "known", "text": text}
        if more["count"] > MOST:
            text = self.env._("more than %s entries: they are looked at when it is brought", MOST)
            return {**told, "state": "ready", "text": text}
        return {**told, **self._foreseen(flow, is_fallback, (name, content))}

    def _reader(self, name, content):
        """(flow, by its fallback, counted) of the live flow that fits the file best, or (None, None, row)."""
        found, troubles = [], []
        for flow in self._flows():
            for is_fallback, channel in flow._readers().items():
                label, accounts, count, trouble = flow._accounts_by(channel, (name, content))
                fitting = {sanitize_account_number(one) for one in accounts} & flow._accounts()
                if trouble:
                    troubles.append((bool(accounts), f"{label}: {trouble}"))
                elif fitting:
                    found.append((len(fitting), not is_fallback, flow, is_fallback, {"count": count}))
        if found:
            best = max(found, key=lambda one: one[:2])
            return best[2], best[3], best[4]
        return None, None, self._unread((name, content), troubles)

    def _flows(self):
        """The flow of the journal first, then the others."""
        flows = self.env["fin.flow"]._banks()
        # sudo: which flow keeps a journal says no more than the journal's own form
        return flows.sorted(lambda flow: flow != self.journal_id.sudo().fin_flow_id)

    def _unread(self, file, troubles):
        """Why nothing takes the file: it cannot be read, or no approved flow keeps its account."""
        known = next(self.env["fin.connector"]._formats_of(file), None)
        if known:
            return self._homeless(*known)
        # A reader that came as far as an account knows best what is wrong.
        best = max(troubles, default=None, key=lambda one: one[0])
        nothing = self.env._("no format that the suite reads as a bank statement, nor the profile of a live flow")
        return {"state": "refused", "text": best[1] if best and best[0] else nothing}

    def _homeless(self, label, code, accounts):
        """A statement that no live flow of this person takes in: none keeps the account, or not from such files."""
        numbers = {sanitize_account_number(one) for one in accounts}
        keeps = next((flow for flow in self._flows() if numbers & flow._accounts()), None)
        names = {"format": label, "accounts": ", ".join(accounts[:5]), "flow": keeps and keeps.name}
        if keeps:
            text = self.env._("%(format)s of %(accounts)s: %(flow)s does not take such files from people", **names)
            return {"state": "refused", "text": text, "flow_id": keeps.id}
        text = self.env._("%(format)s of %(accounts)s: no live flow of yours keeps this account", **names)
        return {"state": "homeless", "text": text, "format_code": code, "account": accounts[0]}

    def _came_before(self, flow, digest):
        """The payload of this flow with the same bytes, that a real run has read."""
        same = [("flow_id", "=", flow.id), ("digest", "=", digest), ("reading", "=", "read")]
        return self.env["fin.payload"].search([*same, ("run_id.is_draft", "=", False)], limit=1)

    def _foreseen(self, flow, is_fallback, file):
        # sudo: whoever may bring files to a flow may know what becomes of them; nothing is kept
        told, trouble = flow.sudo().live_version_id._foresee(file, is_fallback, lambda run: run._statements_told())
        if trouble:
            return {"state": "refused", "text": trouble}
        is_new = any(one["fresh"] or one["held"] or one["rejected"] or not one["is_known"] for one in told)
        rows = [Command.create({**self._row(flow, one), "bring_id": self.id}) for one in told]
        text = "" if is_new else self.env._("everything in it is there already")
        return {"state": "ready" if is_new else "known", "text": text, "statement_ids": rows}

    def _row(self, flow, told):
        """A statement as the dialog shows it."""
        journals = self.env["account.journal"].search(
            [("code", "=", told["journal"]), ("fin_flow_id", "=", flow.id)], limit=1
        )
        currency = self.env["res.currency"].search([("name", "=", told["currency"])], limit=1)
        names = ("account", "name", "date_from", "date_to", "entries", "fresh", "known", "held", "rejected", "aside")
        return {
            **{name: told[name] for name in names},
            "journal_id": journals.id,
            "currency_id": currency.id,
            "opening": _amount(told["opening"]),
            "closing": _amount(told["closing"]),
            "has_balances": told["opening"] is not None and told["closing"] is not None,
            "state": self._state_of(told),
            "text": "\n".join(told["why"]),
        }

    def _state_of(self, told):
        if told["is_aside"]:
            return "aside"
        if told["is_held"] or told["held"] or told["rejected"]:
            return "held"
        return "new" if told["fresh"] or not told["is_known"] else "known"

    # Handing over

    def action_bring(self):
        """Hand the files that are new to their flows: one run for each flow and reader."""
        self.ensure_one()
        self._need()
        shown = {file.digest for file in self.file_ids if file.state == "ready"}
        by_flow = {}
        for file in self._files():
            told = self._look_at(file)
            if told["state"] == "ready" and told["digest"] in shown:
                by_flow.setdefault((told["flow_id"], told["is_fallback"]), []).append(file[:2])
        if not by_flow:
            raise UserError(self.env._("There is nothing in these files that a live flow could take in."))
        runs = self.env["fin.run"]
        for (flow_id, is_fallback), files in by_flow.items():
            flow = self.env["fin.flow"].browse(flow_id)
            runs |= runs._upload(flow, files, is_fallback, self.reason)
        self.attachment_ids.unlink()  # the bytes stand in the payloads, and nowhere else
        self.unlink()
        return self._open(runs)

    def _open(self, runs):
        if len(runs) == 1:
            return runs._open()
        return act_window(self.env, "fin_run_action", [("id", "in", runs.ids)])


def _amount(text):
    return float(Decimal(text)) if text is not None else False
