import json

from odoo import models

from ..exception.fin_exception import OPEN
from ..screen import in_words
from .fin_tower_question import Answer, Row

SHOWN = 8
_DIMENSIONS = ("member", "field", "crosswalk")  # facts that name a dimension; none of them is anybody's data


class FinTowerValidation(models.AbstractModel):
    _name = "fin.tower.validation"
    _inherit = "fin.tower.question"
    _description = "Question: validation"
    _sequence = 40
    _model = "fin.exception"

    def _title(self):
        return self.env._("Which journals or dimensions failed validation?")

    def _answer(self):
        domain = [("family", "=", "data"), ("state", "in", OPEN), ("flow_id", "!=", False), *self._no_tests()]
        found = self.env["fin.exception"].search(domain)
        if not found:
            return self._nothing_wrong()
        named = found.grouped(self._where)
        rows = [self._row(name, same) for name, same in sorted(named.items(), key=lambda one: -len(one[1]))]
        first = "; ".join(row.label for row in rows[:3])
        return Answer(
            "bad" if any(row.state == "bad" for row in rows) else "attention",
            self.env._("%(count)s open causes: %(first)s.", count=len(found), first=first),
            len(found),
            domain,
            rows[:SHOWN],
        )

    def _no_tests(self):
        """A test of a control has validated nothing."""
        # sudo: that something is a test everybody may know
        tests = self.env["fin.drill"].sudo().search([("state", "=", "detected")]).exception_id
        return [("id", "not in", tests.ids)] if tests else []

    def _nothing_wrong(self):
        if not self.env["fin.run"].search_count([("state", "=", "done")], limit=1):
            return Answer("unknown", self.env._("Nothing was validated yet."))
        return Answer("good", self.env._("None: 0 causes are open."))

    def _where(self, exception):
        """The journals of the flow where it has some, else the flow; and the dimension, where one is named."""
        # sudo: the name of a member or a crosswalk is nobody's data
        told = exception.sudo()._named_dimension()
        # sudo: whoever sees the exception may know which flow and journals it is about
        seen = exception.sudo()
        place = ", ".join(seen.flow_id.journal_ids.mapped("code")) or seen.flow_id.name or seen.company_id.name
        return f"{place} › {told}" if told else place

    def _row(self, name, same):
        codes = ", ".join(sorted({in_words(code) for code in same.mapped("code")}))
        state = "bad" if any(one.is_overdue for one in same) else "attention"
        return Row(state, name, codes, len(same), [("id", "in", same.ids)])


class FinException(models.Model):
    _inherit = "fin.exception"

    def _named_dimension(self):
        """The member, field or crosswalk that the cause names, in words; empty where it names none."""
        facts = json.loads(self.facts or "{}")
        return next((in_words(facts[name]) for name in _DIMENSIONS if isinstance(facts.get(name), str)), "")
