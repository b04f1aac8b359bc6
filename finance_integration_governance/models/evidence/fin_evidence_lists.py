import datetime as dt
import json

from odoo import api, models
from odoo.tools import SQL

from ...core.document import differences
from ..screen import shown

REGISTER = (
    "version", "flow", "number", "live_from", "live_to", "digest", "name", "purpose", "company", "companies",
    "connection", "connector", "environment", "direction", "object", "owner", "deputy", "technical", "steward",
    "schedule", "tz", "lane", "tolerances", "service", "further",
)  # fmt: skip
VERSIONS = (
    "version", "flow", "number", "digest", "state", "proposed_by", "proposed_at", "reason", "applied_at",
    "emergency_until", "approvals", "approved_by", "approved_at",
)  # fmt: skip
APPROVALS = (
    "approval", "purpose", "subject", "digest", "flow", "state", "requested_by", "requested_at", "decided_by",
    "decided_at", "is_other_person", "sealed_at_position",
)  # fmt: skip
CHANGES = ("version", "before", "path", "old", "new", "approved_by", "approved_at")
SLOTS = ("flow", "due_at", "state", "is_missed", "runs")
EXCEPTIONS = (
    "exception", "flow", "code", "text", "family", "is_blocking", "owner", "opened_at", "due_at", "state", "closed_at",
    "reason", "runs", "items", "decided_by", "decided_at",
)  # fmt: skip
EVENTS = ("position", "head", "at", "code", "actor", "subject_model", "subject", "facts", "digest")
ROLES = ("owner", "deputy", "technical", "steward")
BEGINS = ("fin.version.apply", "fin.version.apply_emergency")
ENDS = ("fin.version.supersede", "fin.version.expire")
RERUNS = ("requeue", "release", "repin", "split", "postpone", "cancel", "fail", "hold")


class FinEvidenceBuilder(models.AbstractModel):
    """What a pack says about people, versions and decisions."""

    _inherit = "fin.evidence.builder"

    @api.model
    def _lists(self, scope):
        return [
            *super()._lists(scope),
            ("register", REGISTER, self._entries(scope), None),
            ("versions", VERSIONS, map(self._version, scope.versions + scope.policies), None),
            ("approvals", APPROVALS, map(self._approval, self._approvals(scope)), None),
            ("changes", CHANGES, self._changes(scope), None),
            ("slots", SLOTS, self._slots(scope), None),
            ("exceptions", EXCEPTIONS, self._exceptions(scope), None),
            ("reruns", EVENTS, self._events(scope, [f"fin.run.{verb}" for verb in RERUNS], scope.runs), None),
            ("log", EVENTS, self._log(scope), None),
        ]

    # The register, as it stood on each day

    @api.model
    def _spans(self, versions):
        """version id -> [(from, to or None)], as the log tells when each was live."""
        keys = {version._subject_key(): version.id for version in versions}
        spans = {version_id: [] for version_id in keys.values()}
        rows = self.env.execute_query(
            SQL(
                """SELECT subject_key, code, at FROM fin_audit_event
                WHERE subject_model = 'fin.version' AND code = ANY(%s) AND subject_key = ANY(%s) ORDER BY id""",
                [*BEGINS, *ENDS],
                list(keys),
            )
        )
        for key, code, at in rows:
            span = spans[keys[key]]
            if code in BEGINS:
                span.append((at, None))
            elif span and span[-1][1] is None:
                span[-1] = (span[-1][0], at)
        return spans

    def _entries(self, scope):
        """One row for each time that a version was live within the period: the flow's entry as of those days."""
        spans = self._spans(scope.versions)
        for version in scope.versions:
            for begin, end in spans[version.id]:
                if begin < scope.until and (end is None or end >= scope.since):
                    yield {**self._entry(version), "live_from": _aware(begin), "live_to": _aware(end)}

    def _entry(self, version):
        content = dict(version._read_document().content)
        flow, connection = content.pop("flow"), content.pop("connection")
        people = content.pop("people", [])
        named = {role: "; ".join(_person(row) for row in people if row["role"] == role) for role in ROLES}
        own = {name: shown(content.pop(name, None)) for name in ("companies", "schedule", "tolerances")}
        plain = {name: content.pop(name, None) for name in ("company", "object", "tz", "lane", "service")}
        return {
            "version": version._subject_key(),
            "number": version.number,
            "flow": flow["code"],
            "digest": version.digest,
            "name": flow.get("name"),
            "purpose": flow.get("purpose"),
            "direction": flow.get("direction"),
            "connection": connection["code"],
            "connector": connection["connector"],
            "environment": connection.get("environment"),
            "further": {name: value for name, value in content.items() if value not in (None, [], {}, "")},
            **named,
            **own,
            **plain,
        }

    def _version(self, version):
        granted = version.approval_ids.filtered(lambda approval: approval.state == "approved").sorted("id")
        return {
            "version": version._subject_key(),
            "flow": version.flow_id.code,
            "number": version.number,
            "digest": version.digest,
            "state": version.state,
            "proposed_by": version.proposed_by.login,
            "proposed_at": _aware(version.create_date),
            "reason": version.reason,
            "applied_at": _aware(version.applied_at),
            "emergency_until": _aware(version.emergency_until),
            "approvals": ", ".join(version.approval_ids.sorted("id").mapped("name")),
            "approved_by": ", ".join(granted.mapped("person_id.login")),
            "approved_at": _aware(granted[-1:].decided_at),
        }

    def _approvals(self, scope):
        """What was asked or decided about these flows in the period, and whatever concerns the versions listed."""
        of_flows = [("flow_id", "in", scope.flows.ids)]
        approvals = self.env["fin.approval"].search(
            ["&", *of_flows, "|", "&", *scope.within("create_date"), "&", *scope.within("decided_at")]
        )
        return (approvals | (scope.versions + scope.policies).approval_ids).sorted("name")

    def _approval(self, approval):
        person, asked = approval.person_id, approval.requested_by
        return {
            "approval": approval.name,
            "purpose": approval.purpose,
            "subject": f"{approval.subject_model} {approval.subject_key}",
            "digest": approval.digest,
            "flow": approval.flow_id.code,
            "state": approval.state,
            "requested_by": asked.login,
            "requested_at": _aware(approval.create_date),
            "decided_by": person.login,
            "decided_at": _aware(approval.decided_at),
            "is_other_person": _yes(person.partner_id != asked.partner_id) if person else None,
            "sealed_at_position": self._sealed_at(approval),
        }

    def _sealed_at(self, approval):
        """The place of the decision in the chain; nothing where no sealed event knows of it."""
        rows = self.env.execute_query(
            SQL(
                """SELECT s.position FROM fin_audit_event e JOIN fin_audit_seal s ON s.event_id = e.id
                WHERE e.code = ANY(%s) AND e.subject_model = 'fin.approval' AND e.subject_key = %s
                ORDER BY s.position DESC LIMIT 1""",
                ["fin.approval.approve", "fin.approval.reject"],
                approval.name,
            )
        )
        return rows[0][0] if rows else None

    def _changes(self, scope):
        """What each version changed against the one that was live before it, setting by setting."""
        for version in scope.versions + scope.policies:
            before, told = version._before(), self._version(version)
            old = before._read_document().content if before else {}
            for path, was, now in differences(old, version._read_document().content):
                yield {
                    "version": told["version"],
                    "before": before._subject_key() if before else None,
                    "path": path,
                    "old": None if was is None else shown(was),
                    "new": None if now is None else shown(now),
                    "approved_by": told["approved_by"],
                    "approved_at": told["approved_at"],
                }

    def _slots(self, scope):
        slots = self.env["fin.slot"].search(
            [("flow_id", "in", scope.flows.ids), *scope.within("due_at")], order="flow_id, due_at"
        )
        for slot in slots:
            yield {
                "flow": slot.flow_id.code,
                "due_at": _aware(slot.due_at),
                "state": slot.state,
                "is_missed": _yes(slot.state in ("late", "missed", "skipped")),
                "runs": ", ".join(slot.run_ids.mapped("name")),
            }

    def _exceptions(self, scope):
        """Opened or closed in the period, or raised by one of the runs, with who decided on them."""
        exceptions = self.env["fin.exception"]
        of_flows = [("flow_id", "in", scope.flows.ids)]
        found = exceptions.search(
            ["&", *of_flows, "|", "&", *scope.within("create_date"), "&", *scope.within("closed_at")]
        ) | exceptions.search([*of_flows, ("run_ids", "in", scope.runs.ids)])
        drafts = found.filtered(lambda e: e.run_ids and all(e.run_ids.mapped("is_draft")))
        return map(self._exception, (found - drafts).sorted("name"))

    def _exception(self, exception):
        decided = self.env["fin.approval"].search(
            [("subject_model", "=", exception._name), ("subject_key", "=", exception._subject_key())], order="id"
        )[-1:]
        return {
            "exception": exception.name,
            "flow": exception.flow_id.code,
            "code": exception.code,
            "text": exception.text,
            "family": exception.family,
            "is_blocking": _yes(exception.is_blocking),
            "owner": exception.user_id.login,
            "opened_at": _aware(exception.create_date),
            "due_at": _aware(exception.due_at),
            "state": exception.state,
            "closed_at": _aware(exception.closed_at),
            "reason": exception.reason,
            "runs": ", ".join(exception.run_ids.sorted("id").mapped("name")),
            "items": exception.item_count,
            "decided_by": decided.person_id.login,
            "decided_at": _aware(decided.decided_at),
        }

    # The log

    def _events(self, scope, codes, records):
        """The sealed and waiting events of these codes about these records."""
        keys = [record._subject_key() for record in records]
        return self._told_events(SQL("e.code = ANY(%s) AND e.subject_key = ANY(%s)", codes, keys))

    def _log(self, scope):
        """Every event of the period about the flows and whatever belongs to them."""
        about = [scope.flows, scope.versions, scope.policies, scope.runs, self._approvals(scope)]
        keys = [record._subject_key() for records in about for record in records]
        return self._told_events(
            SQL(
                "e.at >= %s AND e.at < %s AND e.subject_key = ANY(%s) AND e.company_ref IS NOT DISTINCT FROM %s",
                scope.since,
                scope.until,
                keys,
                scope.record.company_id.id,
            )
        )

    def _told_events(self, which):
        query = SQL(
            """SELECT s.position, s.head, e.content, e.digest FROM fin_audit_event e
            LEFT JOIN fin_audit_seal s ON s.event_id = e.id WHERE %s ORDER BY e.id""",
            which,
        )
        for position, head, content, digest in self._streamed(query):
            told = json.loads(content)
            yield {
                "position": position,
                "head": head,
                "at": told["at"],
                "code": told["code"],
                "actor": told["actor"],
                "subject_model": told["subject"][0],
                "subject": told["subject"][1],
                "facts": told["facts"],
                "digest": digest,
            }


def _person(row):
    until = f" until {row['to']}" if row.get("to") else ""
    since = f" from {row['from']}" if row.get("from") else ""
    return f"{row['login']}{since}{until}"


def _aware(moment):
    return moment.replace(tzinfo=dt.UTC) if moment else None


def _yes(value):
    """A truth as a list tells it: that something is not so is told, too."""
    return "yes" if value else "no"
