from odoo import models

from .fin_tower_question import Answer, Row


class FinTowerGoverned(models.AbstractModel):
    _name = "fin.tower.governed"
    _inherit = "fin.tower.question"
    _description = "Question: governed share"
    _sequence = 90
    _model = "fin.governed.row"
    _groups = ("group_viewer",)
    _is_slow = True  # it looks at every entry of a year

    def _title(self):
        return self.env._("How much of what machines post is governed?")

    def _answer(self):
        shares = self.env["fin.governed.share"].search([("company_id", "in", self.env.companies.ids)])
        rest = [("uncovered", ">", 0), ("period", ">=", shares._since())]
        count, postings = sum(shares.mapped("uncovered")), sum(shares.mapped("postings"))
        if not postings:
            return Answer("unknown", self.env._("No machine has posted anything within twelve months."))
        kinds = self.env["fin.governed.row"].search_count(rest)
        share = min(one.share_value for one in shares if one.postings)
        text = self.env._(
            "%(share)s %% of the value or more; %(count)s of %(all)s postings came by %(kinds)s ways without an "
            "approved flow.",
            share=share,
            count=count,
            all=postings,
            kinds=kinds,
        )
        return Answer("attention" if count else "good", text, kinds, rest, self._by_company(shares, rest))

    def _by_company(self, shares, rest):
        return [
            Row(
                "attention" if one.uncovered else "good",
                one.company_id.name,
                f"{one.share_value} %",
                self.env["fin.governed.row"].search_count([*rest, ("company_id", "=", one.company_id.id)]),
                [*rest, ("company_id", "=", one.company_id.id)],
            )
            for one in shares
            if one.postings
        ]
