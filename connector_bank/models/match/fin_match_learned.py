"""What people did before, and what of it was approved."""

from decimal import Decimal

from odoo import api, fields, models
from odoo.tools import SQL

from ...core.match import Learned
from ...core.match_learn import ENOUGH, Deed, key_of, learn, payer_of, worth_a_rule
from .fin_match import key_digest

DAYS = 400  # how long what people did is remembered


class FinMatchLearned(models.AbstractModel):
    _name = "fin.match.learned"
    _description = "What was learned of matches"

    @api.model
    def _known(self, company, told):
        """(rules in force, key -> Learned, disputed keys) for these lines."""
        rules, _digest = self.env["fin.policy"]._matching_of(company)
        deeds = self._deeds(company, {key for line in told for key in (key_of(line), payer_of(line))})
        learned, disputed = learn(deeds)
        for rule in rules:
            if rule["kind"] == "learned":
                one = self._approved(company, rule)
                learned.update(dict.fromkeys(self._keys(rule, told), one) if one else {})
        return rules, learned, disputed

    def _keys(self, rule, told):
        """The keys of lines that the rule is about; a rule about a partner holds whatever the words are."""
        key = (rule["side"], rule["who"], rule.get("words") or ("*" if rule.get("partner") else ""))
        journals = {line.journal for line in told if key in (key_of(line), payer_of(line))}
        return [key] if journals and rule.get("journal") in (None, *journals) else []

    def _approved(self, company, rule):
        partner = self.env["fin.match.rule"]._partner_of(rule.get("partner"), company)
        if rule.get("partner") and not partner:
            return None  # whoever it named is gone, or no longer the only one
        most = Decimal(rule.get("most", "0"))
        return Learned(
            partner.id or None, rule.get("account", ""), 0, rule["name"], Decimal(rule.get("least", "0")), most
        )

    def _deeds(self, company, keys):
        """What people have done with lines of these keys, without what was undone."""
        if not keys:
            return []
        spelled = {key_digest(key): key for key in keys}
        since = fields.Date.subtract(fields.Date.context_today(self), days=DAYS)
        rows = self.env.execute_query(
            SQL(
                """SELECT line_key, payer_key, partner_id, account, amount::text FROM fin_match d
                WHERE company_id = %s AND act = 'applied' AND run_id IS NULL AND at >= %s
                    AND (line_key = ANY(%s) OR payer_key = ANY(%s))
                    AND NOT EXISTS (SELECT 1 FROM fin_match u
                        WHERE u.line_id = d.line_id AND u.act = 'undone' AND u.id > d.id)""",
                company.id,
                since,
                list(spelled),
                list(spelled),
            )
        )
        found = []
        for line_key, payer_key, partner, account, amount in rows:
            key = spelled.get(line_key if account else payer_key)
            if key:
                found.append(Deed(key, None if account else partner, account or "", Decimal(amount)))
        return found

    # Rules worth asking for

    @api.model
    def action_suggest(self):
        """Make rules of what people did often and always alike; they wait for the approval of the policy."""
        self.env["fin.approval"]._need_group("group_administrator")
        made = self.env["fin.match.rule"]
        for company in self.env.companies:
            made |= self._suggest(company)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Matching Rules"),
            "res_model": "fin.match.rule",
            "views": [(False, "list"), (False, "form")],
            "domain": [("company_id", "in", self.env.companies.ids)],
            "context": {"search_default_new": bool(made)},
        }

    def _suggest(self, company):
        lines = self._matched_often(company)
        told = self.env["fin.match.search"]._lines(company, lines)
        by_key = {}
        for line in told:
            for key in (key_of(line), payer_of(line)):
                by_key.setdefault(key, line)
        learned, _disputed = learn(self._deeds(company, set(by_key)))
        known = self.env["fin.match.rule"].search([("company_id", "=", company.id), ("kind", "=", "learned")])
        there = {(rule.side, rule.who, rule.words or ("*" if rule.partner_id else "")) for rule in known}
        wanted = [(key, one) for key, one in worth_a_rule(learned).items() if key not in there]
        return known.create([self._rule_of(company, key, one) for key, one in wanted])

    def _rule_of(self, company, key, one):
        side, who, wording = key
        account = self.env["account.account"].with_company(company).search(
            [("code", "=", one.account), ("company_ids", "in", company.id)], limit=1
        )  # fmt: skip
        return {
            # Named by what it is about and not by whom: the name stands in evidence.
            "name": f"{'payer' if wording == '*' else wording.lower() or 'no words'} {side} {key_digest(key)[:6]}",
            "company_id": company.id,
            "kind": "learned",
            "side": side,
            "who": who,
            "words": False if wording == "*" else wording,
            "partner_id": one.partner,
            "account_id": account.id if one.account else False,
            "least": float(one.least),
            "most": float(one.most),
            "seen": one.seen,
        }

    def _matched_often(self, company):
        """One line of each kind that people have matched often enough."""
        rows = self.env.execute_query(
            SQL(
                """SELECT max(line_id) FROM fin_match WHERE company_id = %s AND act = 'applied' AND run_id IS NULL
                AND line_key IS NOT NULL GROUP BY CASE WHEN account IS NULL THEN payer_key ELSE line_key END
                HAVING count(*) >= %s""",
                company.id,
                ENOUGH,
            )
        )
        return self.env["account.bank.statement.line"].browse(line_id for (line_id,) in rows).exists()
