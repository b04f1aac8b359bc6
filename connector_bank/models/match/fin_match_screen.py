"""What the matching screen asks: lines, proposals with reasons, documents by a search."""

from decimal import Decimal

from odoo import api, models
from odoo.fields import Domain

from ...core.match import AUTOMATIC
from ...core.match_exact import doubts

PAGE = 80
FOUND = 20


class FinMatchScreen(models.AbstractModel):
    _name = "fin.match.screen"
    _description = "Matching screen"

    def _need(self):
        self.env["fin.approval"]._need_group("group_operator")
        self.env["account.bank.statement.line"].check_access("write")

    @api.model
    def lines(self, journal_id=False, text="", offset=0):
        """Lines that wait, the oldest first, with how many there are, and the journals that have some."""
        self._need()
        lines = self.env["account.bank.statement.line"]
        base = Domain([("is_reconciled", "=", False), ("state", "=", "posted"), ("journal_id.type", "=", "bank")])
        base &= Domain("company_id", "in", self.env.companies.ids)
        counted = lines._read_group(base, ["journal_id"], ["__count"])
        domain = base & (Domain("journal_id", "=", journal_id) if journal_id else Domain.TRUE) & self._like(text)
        found = lines.search(domain, order="internal_index", limit=PAGE, offset=offset)
        return {
            "lines": [self._shown(line) for line in found],
            "total": lines.search_count(domain),
            "journals": [{"id": one.id, "name": one.display_name, "count": count} for one, count in counted],
            "aside": self.env["fin.match.aside"]._who(),
        }

    def _like(self, text):
        if not (text or "").strip():
            return Domain.TRUE
        names = ("payment_ref", "partner_name", "account_number", "partner_id.name")
        found = Domain.OR([Domain(name, "ilike", text.strip()) for name in names])
        amount = _number(text)
        return found if amount is None else found | Domain("amount", "in", (amount, -amount))

    def _shown(self, line):
        left = self.env["fin.match.search"]._left(line)
        return {
            "id": line.id,
            "date": str(line.date),
            "text": line.payment_ref or "",
            "name": line.partner_name or line.partner_id.display_name or "",
            "account": line.account_number or "",
            "amount": line.amount,
            "left": float(left),
            "is_part": bool(line._seek_for_lines()[2]),
            "currency_id": line.currency_id.id,
            "journal": line.journal_id.display_name,
        }

    @api.model
    def proposals(self, line_id):
        """The line with its proposals, best first, and the presets for it."""
        self._need()
        line = self._line(line_id)
        matching, [told] = self.env["fin.match.search"]._matching(line.company_id, line)
        rules, _digest = self.env["fin.policy"]._matching_of(line.company_id)
        kinds = {rule["kind"]: rule["name"] for rule in rules if rule["kind"] in AUTOMATIC}
        found = [
            self._proposal(matching, told, one, doubts(matching, told, one, kinds)) for one in matching.propose(told)
        ]
        return {
            "line": self._shown(line),
            "proposals": found,
            "presets": [{"id": one.id, "name": one.name} for one in self._presets(line)],
            "details": self._details(line),
            "done": [self._told(one) for one in self._done(line)],
        }

    def _line(self, line_id):
        line = self.env["account.bank.statement.line"].browse(line_id).exists()
        line.check_access("write")
        return line

    def _proposal(self, matching, told, one, against):
        words = self.env["fin.match.words"]
        return {
            "kind": one.kind,
            "parts": [self._part(open_, amount) for open_, amount in one.parts],
            "rest": str(one.rest),
            "partner_id": one.partner,
            "partner": matching.world.partners.get(one.partner) or "",
            "account": one.account,
            "score": round(one.score),
            "reasons": words._of_reasons([(reason.code, reason.facts) for reason in one.reasons]),
            "doubts": words._of_reasons([(reason.code, reason.facts) for reason in against]),
        }

    def _part(self, open_, amount):
        return {
            "item": open_.id,
            "name": next(iter((*open_.numbers, *open_.theirs)), ""),
            "partner": open_.partner_name,
            "amount": str(amount),
            "open": str(open_.amount),
            "currency": open_.currency,
            "due": str(open_.due or ""),
        }

    def _details(self, line):
        told = line.transaction_details if isinstance(line.transaction_details, dict) else {}
        names = ("structured_reference", "end_to_end", "value_on", "bank_code", "original_amount", "original_currency")
        return [[name.replace("_", " "), str(told[name])] for name in names if told.get(name)]

    def _told(self, match):
        acts = dict(match._fields["act"]._description_selection(self.env))
        who = match.user_id.display_name or match.rule or match.run_id.name
        return " · ".join(filter(None, (acts[match.act], str(match.on), who, match.text)))

    def _done(self, line):
        return self.env["fin.match"].search([("line_id", "=", line.id), ("act", "!=", "proposed")], limit=5)

    @api.model
    def search(self, line_id, text):
        """Open documents by number, partner or amount, on the side of the line, for a choice by hand."""
        self._need()
        line = self._line(line_id)
        items = self.env["account.move.line"]
        domain = Domain(line._get_default_amls_matching_domain()) & Domain("company_id", "=", line.company_id.id)
        domain &= Domain("account_id", "not in", line.journal_id.suspense_account_id.ids)
        names = ("move_id.name", "move_id.ref", "move_id.payment_reference", "partner_id.name")
        wanted = Domain.OR([Domain(name, "ilike", text.strip()) for name in names])
        amount = _number(text)
        if amount is not None:
            wanted |= Domain("amount_residual_currency", "in", (amount, -amount))
        found = items.search(domain & wanted, order="date_maturity, id", limit=FOUND)
        return [
            {
                "item": one.id,
                "name": one.move_id.name or "",
                "partner": one.partner_id.display_name or "",
                "open": str(self.env["fin.match.search"]._money(one.amount_residual_currency, one.currency_id)),
                "currency": one.currency_id.name,
                "due": str(one.date_maturity or one.date or ""),
            }
            for one in found
        ]

    @api.model
    def partners(self, text):
        self._need()
        found = self.env["res.partner"].search([("name", "ilike", text), ("parent_id", "=", False)], limit=FOUND)
        return [{"id": one.id, "name": one.display_name} for one in found]


def _number(text):
    """A sum as people type it, or None."""
    spelled = (text or "").strip().replace(" ", "")
    if "," in spelled and "." in spelled:
        spelled = spelled.replace("." if spelled.rfind(",") > spelled.rfind(".") else ",", "")
    spelled = spelled.replace(",", ".").lstrip("+-")
    return float(Decimal(spelled)) if spelled.replace(".", "", 1).isdigit() else None
