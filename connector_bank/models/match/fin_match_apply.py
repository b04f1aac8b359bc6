"""One way to apply a proposal, whoever does it: a person at the screen, or a run by an approved rule."""

from decimal import Decimal

from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.finance_integration_governance.core.canonical import plain

from ...core.match_learn import key_of, payer_of
from .fin_match import key_digest


class FinMatchApply(models.AbstractModel):
    _name = "fin.match.apply"
    _description = "Applying a match"

    @api.model
    def _apply(self, line, told, proposal, plan=None, **by):
        """Settle, book, and keep who or which rule did it. `told` is the line as core saw it."""
        parts = [(self.env["account.move.line"].browse(one.id), amount) for one, amount in proposal.parts]
        others = self._others(line, told, proposal)
        kept = self._content(parts, others, proposal.reasons)
        line._fin_settle(parts, others, plan)
        account = self._account_of(others) if proposal.kind == "account" else None
        return self._keep(line, told, "applied", kept, proposal, account, **by)

    def _keep(self, line, told, act, content, proposal, account=None, **by):
        rows = {
            "line": line,
            "act": act,
            "told": content,
            "kind": proposal.kind,
            "score": round(proposal.score),
            "line_key": key_digest(key_of(told)),
            "payer_key": key_digest(payer_of(told)),
            "partner_id": proposal.partner,
            "account": account,
            **by,
        }
        return self.env["fin.match"]._keep([rows])

    def _content(self, parts, others, reasons):
        return {
            "parts": [
                {"name": item.move_id.name, "amount": plain(amount), "currency": item.currency_id.name}
                for item, amount in parts
            ],
            "others": [{"account": self._account_of([one]), "amount": plain(one["amount"])} for one in others],
            "reasons": [[one.code, [str(fact) for fact in one.facts]] for one in reasons],
        }

    def _account_of(self, others):
        account = self.env["account.account"].browse([one["account_id"] for one in others[:1]])
        return account.code

    def _others(self, line, told, proposal):
        """What is booked besides the open items: an account, the partner's account, a difference within the limit."""
        if proposal.kind == "account":
            account = self._account(line.company_id, proposal.account)
            return [{"account_id": account.id, "amount": proposal.rest, "partner_id": proposal.partner}]
        if proposal.kind == "on_account":
            return [self._on_account(line, proposal.partner, proposal.rest)]
        if proposal.rest and proposal.kind in ("less", "many"):
            return [self._difference(line, proposal.rest)]
        return []

    def _account(self, company, code):
        found = self.env["account.account"].with_company(company).search(
            [("code", "=", code), ("company_ids", "in", company.id)], limit=1
        )  # fmt: skip
        if not found:
            raise UserError(self.env._("There is no account %s any more.", code))
        return found

    def _on_account(self, line, partner_id, amount):
        partner = self.env["res.partner"].with_company(line.company_id).browse(partner_id)
        is_received = amount > 0
        is_supplier = partner.supplier_rank > partner.customer_rank
        account = partner.property_account_payable_id if is_supplier else partner.property_account_receivable_id
        if not partner or not account:
            raise UserError(self.env._("Choose a partner with an account first."))
        name = self.env._("On account, received") if is_received else self.env._("On account, paid")
        return {"account_id": account.id, "amount": amount, "partner_id": partner.id, "name": name}

    def _difference(self, line, amount):
        """Where an approved rule lets a difference of this size go; UserError beyond it."""
        rule = self._rule_for_differences(line)
        if rule is None:
            raise UserError(self.env._("No approved rule lets a difference be written off."))
        if abs(amount) > Decimal(rule["most"]):
            raise UserError(
                self.env._(
                    "%(amount)s is more than may be written off (%(most)s).", amount=abs(amount), most=rule["most"]
                )
            )
        account = self._account(line.company_id, rule["account"])
        return {"account_id": account.id, "amount": amount, "name": rule["name"]}

    def _may_differ(self, line, amount):
        rule = self._rule_for_differences(line)
        return rule is not None and abs(amount) <= Decimal(rule["most"])

    def _rule_for_differences(self, line):
        """The approved rule for the line's journal, which goes before the one for all journals."""
        rules, _digest = self.env["fin.policy"]._matching_of(line.company_id)
        fitting = [
            rule
            for rule in rules
            if rule["kind"] == "write_off" and rule.get("journal") in (None, line.journal_id.code)
        ]
        return next(iter(sorted(fitting, key=lambda rule: rule.get("journal") is None)), None)

    @api.model
    def _undo(self, line):
        line._fin_unsettle()
        told = self.env["fin.match.search"]._lines(line.company_id, line)[0]
        row = {"line": line, "act": "undone", "told": {"reasons": []}, "user_id": self.env.uid}
        keys = {"line_key": key_digest(key_of(told)), "payer_key": key_digest(payer_of(told))}
        return self.env["fin.match"]._keep([row | keys])
