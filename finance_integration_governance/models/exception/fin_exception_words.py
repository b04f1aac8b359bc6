"""A broken contract in words that a person at the desk reads: which field, and what is wrong with it."""

import json
import re

from odoo import models

from ..screen import in_words, shown, table

BREACH = "contract_violation"
# How the engine's log tells of a breach; it keeps its own words.
_TOLD = re.compile(
    r"(?P<member>\S+) breaks the contract \((?P<how>.*)\) "
    r"in row (?P<row>\d+) and (?P<more>\d+) more of (?P<name>.*)",
    re.DOTALL,
)


class FinException(models.Model):
    _inherit = "fin.exception"

    def _in_plain_words(self, text):
        """The words of the log, where they are for developers, as somebody in finance says it."""
        found = _TOLD.fullmatch(text or "") if self.code == BREACH else None
        return self._words_of_breach(**found.groupdict()) if found else text

    def _words_of_breach(self, member, how, row, more, name):
        said = {"field": in_words(member), "wrong": self._wrong(how), "row": row, "file": name, "more": more}
        if more == "0":
            return self.env._("%(field)s %(wrong)s: row %(row)s of %(file)s", **said)
        return self.env._("%(field)s %(wrong)s: row %(row)s of %(file)s and %(more)s more", **said)

    def _wrong(self, how):
        """What is wrong with a field, by the rule that it breaks."""
        words = {
            "missing": self.env._("is missing"),
            "type": self.env._("is of another kind than agreed"),
            "length": self.env._("is too long"),
            "pattern": self.env._("is not written as agreed"),
            "digits": self.env._("has more digits than agreed"),
            "control": self.env._("holds signs that cannot be printed"),
            "lookup: gap": self.env._("maps to nothing"),
            "lookup: ambiguous": self.env._("maps more than once"),
        }
        rule = how.partition(": ")[2] if how not in words else how
        return words.get(how) or words.get(rule) or self.env._("cannot be read (%s)", how)

    def _plain_facts(self, text):
        """The facts of the cause as a table, with names for what is named by a code."""
        facts = json.loads(text) if text else None
        if not isinstance(facts, dict) or self.code != BREACH:
            return None
        names = {
            "member": self.env._("Field"),
            "rule": self.env._("What is wrong"),
            "step": self.env._("Step of the field map"),
            "source": self.env._("Column of the file"),
            "waits": self.env._("The rest waits for a decision"),
        }
        plain = {"member": in_words, "rule": self._wrong}
        rows = [
            (names.get(name) or in_words(name), plain.get(name, shown)(value)) for name, value in sorted(facts.items())
        ]
        return table(self.env, rows)
