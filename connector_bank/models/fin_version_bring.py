"""What is in a file that somebody brings, by account and statement, as the engine would see it."""

import io
import itertools
import json

from odoo import api, models
from odoo.tools import SQL

from odoo.addons.finance_integration_governance.core.connector import Payload
from odoo.addons.finance_integration_governance.core.errors import IntegrationError
from odoo.addons.finance_integration_governance.core.file_source import FileSource

from ..core import CONNECTORS
from ..core.statement import BankReport, BankStatement
from .fin_item_bank import OBJECT

STATEMENTS = (BankStatement.contract, BankReport.contract)
MOST = 20_000  # objects that are looked at beforehand; the run itself knows no such limit


class FinFlow(models.Model):
    _inherit = "fin.flow"

    @api.model
    def _banks(self):
        """The live flows of bank statements that this person sees in the companies at hand."""
        mine = [("object", "=", OBJECT), ("state", "=", "active"), ("company_id", "in", self.env.companies.ids)]
        return self.search(mine).filtered("live_version_id")

    def _accounts(self):
        """The account numbers that the live version books, as Odoo spells them."""
        return {journal.get("account") for journal in self._document().get("journals", [])} - {None}

    def _accounts_by(self, channel, file):
        """(label, accounts, how many objects, trouble) of what an approved channel of this flow reads in a file."""
        label = self.env["fin.connector"]._class(channel["connector"]).label
        try:
            # sudo: the reader is built from what was approved
            connector = self.env["fin.connection"].sudo()._build(channel, self.company_id)
        except IntegrationError as error:
            return label, [], 0, error.text
        return label, *self.env["fin.connector"]._accounts_in(connector, file)


class FinConnector(models.Model):
    _inherit = "fin.connector"

    @api.model
    def _accounts_in(self, connector, file):
        """(accounts, how many objects, trouble) of what this connector reads in a file, (name, bytes)."""
        name, content = file
        accounts, count = {}, 0
        try:
            told = connector.parse(Payload(name, lambda: io.BytesIO(content)))
            for one in itertools.islice(told, MOST + 1):
                count += hasattr(one, "contract")
                if getattr(one, "contract", None) in STATEMENTS:
                    accounts[one.account] = True
        except IntegrationError as error:
            return list(accounts), count, error.text
        return list(accounts), count, None

    @api.model
    def _formats_of(self, file):
        """(label, code, accounts) of each format that reads the file and needs no profile to do so."""
        for cls in CONNECTORS:
            asked = [one for one in cls.settings if one.required and one.default is None and one.name != "location"]
            if issubclass(cls, FileSource) and not asked:
                accounts, _count, trouble = self._accounts_in(cls(location="file:///none"), file)
                if accounts and not trouble:
                    yield cls.label, cls.code, accounts


class FinRun(models.Model):
    _inherit = "fin.run"

    def _statements_told(self):
        """A mapping for each statement of a run that has read its files: what it says, and what becomes of it."""
        held = self.env["fin.item"]._blocked(self)
        parts = self._entries_told(held)
        rows = self.env.execute_query(
            SQL(
                """SELECT i.key, i.scope, i.content, i.outcome, i.mapped_values::json->>'journal', e.text,
                    i.id = ANY(%s) FROM fin_item i LEFT JOIN fin_exception e ON e.id = i.exception_id
                WHERE i.run_id = %s AND i.contract = ANY(%s) ORDER BY i.row""",
                held,
                self.id,
                list(STATEMENTS),
            )
        )
        return [
            self._told_of(json.loads(content), outcome, journal, why, is_held, parts.get((scope, key)))
            for key, scope, content, outcome, journal, why, is_held in rows
        ]

    def _entries_told(self, held):
        """(account, statement) -> what becomes of its entries, counted, with why some wait."""
        rows = self.env.execute_query(
            SQL(
                """SELECT i.scope, i.parent_key, count(*),
                    count(*) FILTER (WHERE i.outcome = 'open' AND NOT i.id = ANY(%(held)s)),
                    count(*) FILTER (WHERE i.outcome IN ('duplicate', 'unchanged', 'superseded')),
                    count(*) FILTER (WHERE i.outcome = 'open' AND i.id = ANY(%(held)s)),
                    count(*) FILTER (WHERE i.outcome = 'rejected'), count(*) FILTER (WHERE i.outcome = 'skipped'),
                    min(i."on"), max(i."on"), array_remove(array_agg(DISTINCT e.text), NULL)
                FROM fin_item i LEFT JOIN fin_exception e ON e.id = i.exception_id
                WHERE i.run_id = %(run)s AND NOT i.contract = ANY(%(statements)s) GROUP BY i.scope, i.parent_key""",
                held=held,
                run=self.id,
                statements=list(STATEMENTS),
            )
        )
        names = ("entries", "fresh", "known", "held", "rejected", "aside", "date_from", "date_to", "why")
        return {(scope, key): dict(zip(names, told, strict=True)) for scope, key, *told in rows}

    def _told_of(self, content, outcome, journal, why, is_held, part):
        """One statement in the words that the screen has for it."""
        opening, closing = content.get("opening") or {}, content.get("closing") or {}
        nothing = {"entries": 0, "fresh": 0, "known": 0, "held": 0, "rejected": 0, "aside": 0}
        part = part or {**nothing, "date_from": None, "date_to": None, "why": []}
        return {
            **part,
            "account": content["account"],
            "name": content["statement"],
            "journal": journal,
            "currency": closing.get("currency") or opening.get("currency") or content.get("currency_of_account"),
            "opening": opening.get("amount"),
            "closing": closing.get("amount"),
            "date_from": content.get("from_on") or opening.get("on") or part["date_from"],
            "date_to": content.get("to_on") or closing.get("on") or part["date_to"],
            "is_known": outcome in ("duplicate", "unchanged", "superseded"),
            "is_aside": outcome == "skipped",
            "is_held": is_held,
            "why": list(dict.fromkeys(filter(None, [why, *part["why"]]))),
        }
