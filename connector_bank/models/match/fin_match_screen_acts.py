"""What people do at the matching screen."""

from decimal import Decimal

from odoo import api, models
from odoo.exceptions import UserError

from ...core.match import Open, Proposal, Reason

BY_HAND = (Reason("by_hand", ()),)


class FinMatchScreen(models.AbstractModel):
    _inherit = "fin.match.screen"

    def _open(self, line_id):
        """(line, as core sees it) of a line that waits."""
        self._need()
        line = self._line(line_id)
        if line.is_reconciled:
            raise UserError(self.env._("%s is matched already.", line.display_name))
        [told] = self.env["fin.match.search"]._lines(line.company_id, line)
        return line, told

    @api.model
    def apply(self, line_id, parts, kind="", rest="keep", partner_id=False, account=""):
        """Settle these documents: `parts` are (journal item, amount as text). `rest`: keep or write_off.

        Reasons are those of the proposal with the same parts; of anything else, that a person has chosen it.
        """
        line, told = self._open(line_id)
        matching, [told] = self.env["fin.match.search"]._matching(line.company_id, line)
        wanted = tuple(sorted((item, Decimal(amount)) for item, amount in parts))
        same = [
            one for one in matching.propose(told) if _parts(one) == wanted and (one.account or "") == (account or "")
        ]
        proposal = same[0] if same and (parts or account or same[0].partner == partner_id) else None
        if proposal is None:
            proposal = self._by_hand(line, told, wanted, kind, partner_id, account)
        if not parts and not account and not partner_id:
            raise UserError(self.env._("Nothing was chosen."))
        self._apply_with(line, told, proposal, rest)
        return self._after(line)

    def _apply_with(self, line, told, proposal, rest):
        apply = self.env["fin.match.apply"]
        if proposal.parts and rest == "keep":
            proposal = _without_rest(proposal)
        apply._apply(line, told, proposal, user_id=self.env.uid)
        if proposal.kind == "more" and rest == "write_off" and apply._may_differ(line, proposal.rest):
            self.book(line.id, "write_off")

    def _by_hand(self, line, told, wanted, kind, partner_id, account):
        """What a person put together: items for as much as the line has left, the rest as it was asked."""
        items = {item.id: item for item in self.env["account.move.line"].browse([item for item, _amount in wanted])}
        money = self.env["fin.match.search"]._money
        opens = []
        for item_id, amount in wanted:
            item = items[item_id]
            partner = item.partner_id.commercial_partner_id
            residual = money(item.amount_residual_currency, item.currency_id)
            name = (item.move_id.name or "",)
            currency = item.currency_id.name
            opens.append(
                (Open(item_id, item.move_id.id, partner.id, partner.name or "", residual, currency, name), amount)
            )
        rest = told.amount - sum(amount for _one, amount in opens)
        kinds = {0: "account" if account else "on_account", 1: "one"}
        partner = opens[0][0].partner if opens else partner_id or None
        named = kind if kind in ("partial", "less", "more") else kinds.get(len(opens), "many")
        return Proposal(named, tuple(opens), rest, 0, "", BY_HAND, partner=partner, account=account or "")

    @api.model
    def book(self, line_id, to, partner_id=False):
        """Book what is left of the line: `write_off` within the approved limit, or `on_account` of a partner."""
        line, told = self._open(line_id)
        apply = self.env["fin.match.apply"]
        if to == "on_account":
            partner = partner_id or line.partner_id.commercial_partner_id.id
            if not partner:
                raise UserError(self.env._("Choose a partner first."))
            proposal = Proposal("on_account", (), told.amount, 0, "", BY_HAND, partner=partner)
            apply._apply(line, told, proposal, user_id=self.env.uid)
        else:
            other = apply._difference(line, told.amount)
            self._book(line, told, [other])
        return self._after(line)

    def _book(self, line, told, others):
        apply = self.env["fin.match.apply"]
        content = apply._content([], others, BY_HAND)
        account = apply._account_of(others)
        line._fin_settle([], others)
        proposal = Proposal("account", (), told.amount, 0, "", BY_HAND, account=account)
        return apply._keep(line, told, "applied", content, proposal, account, user_id=self.env.uid)

    @api.model
    def together(self, line_ids, item_id):
        """Several lines pay one document: each settles what it has left of it."""
        for line_id in line_ids:
            line, told = self._open(line_id)
            item = self.env["account.move.line"].browse(item_id)
            open_now = self.env["fin.match.search"]._money(item.amount_residual_currency, item.currency_id)
            amount = told.amount if abs(told.amount) < abs(open_now) else open_now
            kind = "partial" if amount == told.amount != open_now else "one" if amount == told.amount else "more"
            self.apply(line.id, [[item_id, str(amount)]], kind)
            item.invalidate_recordset()
        return {"count": len(line_ids)}

    @api.model
    def undo(self, line_id):
        """Give a matched line its suspense item back."""
        self._need()
        line = self._line(line_id)
        self.env["fin.match.apply"]._undo(line)
        return self._after(line)

    @api.model
    def undo_last(self):
        """Undo what this person did last and nobody has undone since."""
        self._need()
        acts = self.env["fin.match"].search([("user_id", "=", self.env.uid), ("act", "!=", "proposed")], limit=200)
        seen = set()
        for act in acts:
            if act.line_id.id not in seen and act.act == "applied" and act.line_id.exists():
                return {**self.undo(act.line_id.id), "id": act.line_id.id}
            seen.add(act.line_id.id)
        raise UserError(self.env._("There is nothing of yours to undo."))

    def _after(self, line):
        line.invalidate_recordset()
        return {"is_done": line.is_reconciled, "line": self._shown(line)}


def _parts(proposal):
    return tuple(sorted((one.id, amount) for one, amount in proposal.parts))


def _without_rest(proposal):
    """What is less than a document settles a part of it; what is more leaves the rest on the line."""
    if proposal.kind == "less":
        [(one, _amount)] = proposal.parts
        settled = one.amount + proposal.rest
        return Proposal("partial", ((one, settled),), Decimal(), proposal.score, proposal.by, proposal.reasons,
            partner=proposal.partner)  # fmt: skip
    if proposal.rest and proposal.kind in ("many", "one"):
        return Proposal("more", proposal.parts, proposal.rest, proposal.score, proposal.by, proposal.reasons,
            partner=proposal.partner)  # fmt: skip
    return proposal
