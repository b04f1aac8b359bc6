"""Crosswalks at work: what a run looks up, and the proof that all codes with movement map, before anything goes on."""

import datetime as dt
from decimal import Decimal

from markupsafe import Markup
from odoo import api, fields, models
from odoo.tools import SQL

from ...core.canonical import canonical
from ...core.contract import breaches
from ...core.coverage import Movement, prove
from ...core.crosswalk import trace
from ...core.errors import ConfigurationError, DataError, MappingError, printable
from ..exception.fin_exception import OPEN
from ..run.gates import PROCEED, Answer
from ..writer import as_writer

NOT_COVERED = "not_covered"
LOOKUP_GAPS = ("lookup: gap", "lookup: ambiguous")  # what a field map says of a code that its crosswalk does not map


class Coverage:
    question = "Does every code with movement map exactly once?"

    def ask(self, run):
        """The whole load waits where one code does not map, because totals by target would be wrong without it."""
        found = (run._prove_coverage(run._crosswalks_of_items()), run._lookup_gaps())
        reason = "; ".join(filter(None, found))
        return Answer("hold", reason, run._open_ids()) if reason else PROCEED


class FinRun(models.Model):
    _inherit = "fin.run"

    def _crosswalks(self):
        """code -> compiled crosswalk, from the pinned document."""
        return self.version_id._crosswalks()

    def _gates(self):
        """Coverage is asked first, of runs whose version has crosswalks."""
        gates = super()._gates()
        # Out of Odoo it was asked before payloads were made.
        is_asked = self.direction == "inbound" and self._document().get("crosswalks")
        return (Coverage(), *gates) if is_asked else gates

    def _guard_start(self):
        """Nothing begins by a crosswalk that is gone or was changed."""
        super()._guard_start()
        self._crosswalks()

    # What is looked up where

    def _crosswalks_by_kind(self):
        """kind -> compiled crosswalk, without those that something else of this version looks up."""
        elsewhere = self._looked_up_elsewhere()
        return {one.head["kind"]: one for code, one in self._crosswalks().items() if code not in elsewhere}

    def _looked_up_elsewhere(self):
        """Codes of crosswalks that the engine leaves alone, because a field map names them."""
        return set()

    def _crosswalks_of_ledger(self):
        """Those that the object applies while it collects."""
        kinds = self._object()._crosswalk_kinds
        return {kind: one for kind, one in self._crosswalks_by_kind().items() if kind in kinds}

    def _crosswalks_of_items(self):
        """Those that are applied to items, member by member."""
        kinds = self._object()._crosswalk_kinds
        return {kind: one for kind, one in self._crosswalks_by_kind().items() if kind not in kinds}

    def _coded(self):
        """(contract, member, crosswalk) for every member whose codes are mapped item by item."""
        crosswalks = self._crosswalks_of_items()
        connector = self.env["fin.connector"]._class(self._document().connection["connector"])
        return [
            (carried.contract, member, crosswalks[kind])
            for carried in connector.carries
            for member, kind in carried.coded.items()
            if kind in crosswalks
        ]

    # The proof

    def _prove_coverage(self, crosswalks):
        """Prove each of these by kind, keep what was found, and say in words what is missing; None where nothing is."""
        proofs = [prove(one, self._movements(kind, one)) for kind, one in sorted(crosswalks.items())]
        for proof in proofs:
            self._audit("coverage", **proof.document())
        missing = [proof for proof in proofs if not proof.is_whole]
        if not missing:
            self._coverage_is_whole(proofs)
            return None
        for proof in missing:
            self._raise_uncovered(proof)
        return "; ".join(proof.words() for proof in missing)

    def _lookup_gaps(self):
        """Codes that a field map could not look up, in words; None once a person has decided on their rows."""
        found = self.env["fin.exception"].search(
            [("run_ids", "in", self.ids), ("code", "=", "contract_violation"), ("state", "in", OPEN)]
        )
        gaps = found.filtered(lambda exception: exception._fact("rule") in LOOKUP_GAPS)
        return "; ".join(f"{gap.name}: {gap.text}" for gap in gaps) or None

    def _movements(self, kind, crosswalk):
        """What moves on codes of this kind: from the ledger where the object reads it, else from the open items."""
        if kind in self._object()._crosswalk_kinds:
            return self._object()._movements(self, crosswalk)
        return [
            movement
            for contract, member, one in self._coded()
            if one is crosswalk
            for movement in self._movements_of_items(contract, member, crosswalk)
        ]

    def _movements_of_items(self, contract, member, crosswalk):
        """Open items by code, and by the span of days in which the crosswalk does not change."""
        rows = self.env.execute_query(
            SQL(
                """SELECT value, min(day), currency, count(*), sum(amount)::text FROM (
                    SELECT content::json->>%(member)s AS value, COALESCE("on", %(today)s) AS day, currency, amount
                    FROM fin_item WHERE run_id = %(run)s AND outcome = 'open' AND contract = %(contract)s) AS told
                WHERE value IS NOT NULL GROUP BY value, currency, %(span)s""",
                member=member,
                today=self._lookup_day(),
                run=self.id,
                contract=contract,
                span=span_of(crosswalk, SQL("day")),
            )
        )
        return [
            Movement(value, day, count, {currency: Decimal(amount)} if currency and amount is not None else {})
            for value, day, currency, count, amount in rows
        ]

    def _lookup_day(self):
        """For what has no accounting date: the day on which the run began, whenever it is mapped again."""
        return (self.started_at or self.create_date or fields.Datetime.now()).date()

    def _raise_uncovered(self, proof):
        """One open exception per crosswalk, which says what is missing now."""
        exception = self.env["fin.exception"]._raise(
            self, NOT_COVERED, proof.words(), gap=True, count=len(proof.uncovered), crosswalk=proof.crosswalk
        )
        as_writer(exception).write({"text": printable(proof.words(), 2000)})
        exception.message_post(body=_listed(proof))

    def _coverage_is_whole(self, proofs):
        """What was open about these crosswalks is over: the proof says so."""
        crosswalks = {proof.crosswalk for proof in proofs}
        found = self.env["fin.exception"].search(
            [("flow_id", "=", self.flow_id.id), ("code", "=", NOT_COVERED), ("state", "in", OPEN)]
        )
        for exception in found.filtered(lambda e: e._fact("crosswalk") in crosswalks):
            exception._close("resolve", "every code with movement maps exactly once")

    # Applying

    def _crossed(self, items):
        """(item with its mapped codes, what gave them) of each of these `Staged` items; in a gap, a MappingError."""
        coded = {}
        for contract, member, crosswalk in self._coded():
            coded.setdefault(contract, []).append((member, crosswalk))
        today = self._lookup_day()
        return [_crossed(item, coded[item.contract], today) if item.contract in coded else (item, {}) for item in items]

    def _map_codes(self, items):
        """Out of Odoo: map the codes of these items; what breaks its contract by that is rejected."""
        crossed = self._crossed(items)
        kept = [(item.id, canonical(told)) for item, told in crossed if isinstance(told, dict) and told]
        self.env["fin.item"]._store_mapped(self, kept)
        broken = [item for item, told in crossed if isinstance(told, DataError) or self._is_broken(item)]
        if broken:
            error = DataError("a mapped code breaks the contract of the other side", code="contract_violation")
            self._reject_ids([item.id for item in broken], error)

    def _is_broken(self, item):
        """Whether the mapped item breaks its contract; a ConfigurationError where it would become another item."""
        [one] = self._canonical([item])
        if one.key != item.key:
            raise ConfigurationError("this object has to map while it collects: its keys hold mapped codes")
        return bool(breaches(one))

    # Before anything leaves

    def _is_covered(self, crosswalks):
        """Ask for the proof before anything is collected or made of these; where it fails, the whole run waits."""
        if not crosswalks:
            return True
        gate, reason = Coverage(), self._prove_coverage(crosswalks)
        self._keep_answer(gate, Answer("hold", reason) if reason else PROCEED)
        if reason:
            self._transition("hold", reason=reason)
        return not reason

    def _release(self):
        """Out of Odoo: held before anything was collected, it begins anew; on another configuration, as another run."""
        if self._is_outdated():
            return self._begin_anew()
        result = super()._release()
        if self.direction == "outbound" and not self._has_items():
            self._reached("extract")
        return result

    def action_requeue(self):
        self.flow_id._need("group_operator")
        return self._begin_anew() if self._is_outdated() else super().action_requeue()

    def _begin_anew(self):
        """Collect it again in a run of the live version; of this one nothing has left."""
        self._transition("cancel", reason="it was collected by a configuration that is not live any more")
        run = self._queue(self.flow_id, "release", **self._parameters())
        return self.env["fin.engine"]._wake(run.lane)

    def _is_outdated(self):
        """What another version collected and nobody was told of must not leave under the live one's name."""
        is_changed = self.version_digest != self.flow_id.live_version_id.digest
        return self.direction == "outbound" and is_changed and not self.attempt_ids and self._has_items()


def _listed(proof):
    """The gaps for people, a line for each. How much has moved says the proof, to who may see amounts."""
    return Markup("<br/>").join(
        f"{one.value} {one.label or ''}: {one.count} × {one.days()}" for one in proof.uncovered[:50]
    )


def _crossed(item, coded, today):
    """From the codes as they came: an item that is mapped again shows its mapped ones."""
    before, told = item.mapped.get("crosswalk", {}), {}
    for member, crosswalk in coded:
        value = before.get(member, {}).get("from", item.content.get(member))
        if value is None:
            continue
        found = crosswalk.match(value, item.on or today)
        if len(found) != 1:
            return item, _gap(crosswalk)
        told[member] = {**trace(crosswalk, found[0]), "from": value, "value": found[0].target}
    content = item.content | {member: one["value"] for member, one in told.items()}
    return item._replace(content=content), {"crosswalk": told} if told else {}


def _gap(crosswalk):
    """The same cause as that of the proof, however many codes are missing."""
    code = crosswalk.head["code"]
    return MappingError(f"the crosswalk {code} does not map it exactly once", code=NOT_COVERED, crosswalk=code)


class FinObject(models.AbstractModel):
    _inherit = "fin.object"

    # Kinds of crosswalks that the object applies itself while it collects, because it adds up by target.
    _crosswalk_kinds = ()

    def _movements(self, run, crosswalk):
        """`Movement`s of the codes that this crosswalk would map, for a kind that the object applies itself."""
        raise NotImplementedError

    @api.model
    def _ledger_movements(self, crosswalk, company, domain):
        """Journal items by account, and by the span of days in which the crosswalk does not change.

        As this user may read them: record rules and field access hold.
        """
        lines = self.env["account.move.line"].with_company(company)
        accounts = self.env["account.account"].with_company(company)
        accounts.check_access("read")
        query = lines._search(domain)
        account = query.join(lines._table, "account_id", accounts._table, "id", "account_id")
        date, balance = (lines._field_to_sql(lines._table, name, query) for name in ("date", "balance"))
        rows = self.env.execute_query(
            SQL(
                """SELECT COALESCE(normalize(%s, NFC), ''), max(%s), %s, min(%s), count(*), sum(%s)::text
                FROM %s WHERE %s GROUP BY 1, 3""",
                accounts._field_to_sql(account, "code", query),
                accounts._field_to_sql(account, "name", query),
                span_of(crosswalk, date),
                date,
                balance,
                query.from_clause,
                query.where_clause,
            )
        )
        currency = company.currency_id.name
        return [
            (span, Movement(code, day, count, {currency: Decimal(total)}, name))
            for code, name, span, day, count, total in rows
        ]


def span_of(crosswalk, date):
    """SQL: which span between two cuts a day lies in; within one, the crosswalk says the same."""
    cuts = [cut.isoformat() for cut in crosswalk.cuts] or [dt.date.min.isoformat()]
    return SQL("width_bucket(%s, %s::date[])", date, cuts)
