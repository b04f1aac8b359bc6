from typing import NamedTuple

from odoo import api, models
from odoo.tools import SQL

from ...core.canonical import canonical, digest
from ..triggers import BODY, FUNCTION, asking

TAIL, SLICE = 5000, 10_000  # seals that each interval looks at: the newest, and a slice that wanders over all others
RECENT = 500  # rows of the large tables that each interval looks at, newest first; the nightly check looks at all
NAMED = 20  # subjects that an exception names


class Finding(NamedTuple):
    """Something that is not as the suite left it; `seen` tells one tampering of a row from the next."""

    code: str
    where: str
    subject: str
    seen: str = ""


class FinAuditWatch(models.AbstractModel):
    """Looks for what the database's owner could do and the suite never does, and names it.

    Each interval: triggers, the newest seals and a slice of the others, flows, approvals, what is live, and the newest
    runs, exceptions and payloads. Each night: everything.
    """

    _name = "fin.audit.watch"
    _description = "Watch over the Evidence"

    @api.model
    def _cron_seal(self):
        """The sealing interval: seal, look, anchor."""
        self.env["fin.audit.seal"]._seal()
        self._tell(self._look())
        self.env["fin.audit.anchor"]._keep_up()

    @api.model
    def _cron_verify(self):
        """By night: the whole chain, every anchor, every row; the result is kept."""
        self.env["fin.audit.check"]._check("nightly")

    @api.model
    def _look(self, everything=False):
        """What does not agree with the sealed log, as findings."""
        limit = None if everything else RECENT
        found = [*self._triggers(), *self._documents(everything)]
        for table, key, rows in (
            ("fin.flow", "code", None),
            ("fin.approval", "name", None),
            ("fin.run", "name", limit),
            ("fin.exception", "name", limit),
        ):
            found += self._states(table, key, rows)
        found += [*self._versions(everything), *self._decisions(), *self._payloads(limit), *self._outcomes(limit)]
        if not everything:
            found += self._chain()
        return found

    # The database itself

    def _triggers(self):
        """Every trigger that the models ask for is there, enabled, and refuses as it was written."""
        wanted, there = self._asked_for(), self._standing()
        for (table, name), has_condition in sorted(wanted.items()):
            if (table, name) not in there:
                yield Finding("audit_trigger", table, f"{name} is missing")
            elif there[table, name] != ("O", FUNCTION, BODY, has_condition):
                yield Finding("audit_trigger", table, f"{name} is disabled or altered")

    def _asked_for(self):
        with asking() as wanted:
            for name in sorted(self.env.registry):
                if name.startswith("fin.") and not self.env[name]._abstract:
                    self.env[name].init()
        return wanted

    def _standing(self):
        rows = self.env.execute_query(
            SQL(
                """SELECT c.relname, t.tgname, t.tgenabled, p.proname, p.prosrc, t.tgqual IS NOT NULL
                FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
                WHERE NOT t.tgisinternal AND c.relname LIKE %s AND c.relnamespace = current_schema::regnamespace""",
                r"fin\_%",
            )
        )
        return {(table, name): (enabled, *rest) for table, name, enabled, *rest in rows}

    def _chain(self):
        """The newest seals, and the slice whose turn it is: all of them in turn, also where nothing new happens."""
        seals = self.env["fin.audit.seal"]
        end, _head = seals._head()
        [[turn]] = self.env.execute_query(SQL("SELECT extract(epoch FROM now())::bigint / 60"))
        begin = turn % (end // SLICE + 1) * SLICE
        ranges = ((begin, begin + SLICE), (max(0, end - TAIL), None))
        wrong = next(filter(None, (seals._verify(after, until=until) for after, until in ranges)), None)
        if wrong:
            yield Finding("audit_chain", "fin_audit_event", f"position {wrong[0]}: {wrong[1]}")

    # Rows beside what the log says about them

    def _states(self, model, key, limit):
        """State machines stand where their last logged move has left them."""
        first = self.env[model]._lifecycle.first
        newest = SQL("ORDER BY id DESC LIMIT %s", limit) if limit else SQL()
        column = SQL.identifier(key)
        rows = self.env.execute_query(
            SQL(
                """SELECT r.key, r.state, %s FROM (SELECT %s AS key, state FROM %s %s) r WHERE r.state <> %s""",
                self._last_state(model, SQL("r.key")),
                column,
                SQL.identifier(self.env[model]._table),
                newest,
                first,
            )
        )
        for subject, state, logged in rows:
            if state != logged:
                yield Finding("audit_state", model, subject, f"{state} instead of {logged or first}")

    def _last_state(self, model, key):
        """Where the last logged move of a subject led to, by the text that is sealed."""
        return SQL(
            """(SELECT e.content::json->'facts'->'state'->>1 FROM fin_audit_event e
            WHERE e.subject_model = %s AND e.subject_key = %s AND e.facts LIKE %s ORDER BY e.id DESC LIMIT 1)""",
            model,
            key,
            '%"state":[%',
        )

    def _versions(self, everything):
        """What is live is what was proposed and moved there, under its own digest."""
        versions = self.env["fin.version"].search([] if everything else [("state", "in", ("approved", "live"))])
        for version in versions:
            subject = version._subject_key()
            [[logged]] = self.env.execute_query(SQL("SELECT %s", self._last_state(version._name, subject)))
            state = logged or version._lifecycle.first
            if version.state != state:
                yield Finding("audit_state", version._name, subject, f"{version.state} instead of {state}")
            if not self._proposed(version, subject):
                yield Finding("audit_version", version._name, subject, version.document_id.digest)

    def _proposed(self, version, subject):
        rows = self.env.execute_query(
            SQL(
                """SELECT content::json->'facts'->>'digest' FROM fin_audit_event
                WHERE code = 'fin.version.propose' AND subject_model = 'fin.version' AND subject_key = %s
                ORDER BY id DESC LIMIT 1""",
                subject,
            )
        )
        return bool(rows) and rows[0][0] == version.digest == version.document_id.digest

    def _documents(self, everything):
        """Documents have their digest: of what is live each time, of all by night."""
        which = SQL() if everything else SQL("JOIN fin_version v ON v.document_id = d.id AND v.state = 'live'")
        rows = self.env.execute_query(
            SQL(
                """SELECT d.digest FROM fin_document d %s
                WHERE encode(sha256(convert_to(d.text, 'UTF8')), 'hex') <> d.digest""",
                which,
            )
        )
        for (text_digest,) in rows:
            yield Finding("audit_document", "fin.document", text_digest)

    def _decisions(self):
        """A yes or a no was given by the person whom the log knows, to the digest that the log knows."""
        rows = self.env.execute_query(
            SQL(
                """SELECT a.name, a.person_id, a.digest, a.state FROM fin_approval a
                WHERE a.state IN ('approved', 'rejected') AND NOT EXISTS (
                    SELECT 1 FROM fin_audit_event e
                    WHERE e.subject_model = 'fin.approval' AND e.subject_key = a.name
                        AND e.code = CASE a.state WHEN 'approved' THEN 'fin.approval.approve'
                            ELSE 'fin.approval.reject' END
                        AND e.content::json->'facts'->>'digest' = a.digest
                        AND split_part(e.content::json->>'actor', '#', -1) = a.person_id::text)
                UNION ALL
                SELECT e.subject_key, NULL, NULL, 'deleted' FROM fin_audit_event e
                WHERE e.code = 'fin.approval.request' AND NOT EXISTS (
                    SELECT 1 FROM fin_approval a WHERE a.name = e.subject_key)"""
            )
        )
        for name, *seen in rows:
            yield Finding("audit_approval", "fin.approval", name, canonical(seen))

    def _payloads(self, limit):
        """Payloads have the digest and the size with which they were logged as they came."""
        newest = SQL("ORDER BY id DESC LIMIT %s", limit) if limit else SQL()
        rows = self.env.execute_query(
            SQL(
                """SELECT p.uid, p.digest, p.size FROM (SELECT * FROM fin_payload %s) p
                JOIN fin_run r ON r.id = p.run_id WHERE NOT EXISTS (
                    SELECT 1 FROM fin_audit_event e
                    WHERE e.subject_model = 'fin.run' AND e.subject_key = r.name AND e.code = 'fin.run.payload'
                        AND e.content::json->'facts'->>'payload' = p.uid
                        AND e.content::json->'facts'->>'digest' = p.digest
                        AND e.content::json->'facts'->>'size' = p.size::text)""",
                newest,
            )
        )
        for uid, *seen in rows:
            yield Finding("audit_payload", "fin.payload", uid, canonical(seen))

    def _outcomes(self, limit):
        """What became of a finished run's items is what its last stage left in the log, item by item."""
        newest = SQL("ORDER BY id DESC LIMIT %s", limit and limit // 10) if limit else SQL()
        runs = self.env.execute_query(
            SQL(
                """SELECT r.id, e.content::json->'facts'->>'items' FROM
                    (SELECT id, name FROM fin_run WHERE state = 'done' %s) r
                JOIN LATERAL (SELECT content FROM fin_audit_event WHERE subject_model = 'fin.run'
                    AND subject_key = r.name AND code = 'fin.run.stage' ORDER BY id DESC LIMIT 1) e ON TRUE""",
                newest,
            )
        )
        for run_id, logged in runs:
            run = self.env["fin.run"].browse(run_id)
            now = run._items_digest()
            if logged and logged != now:
                yield Finding("audit_items", "fin.run", run.name, now)

    # Telling

    @api.model
    def _tell(self, findings):
        """One exception and one event for what was found of one kind in one place, and not told before."""
        kinds = {}
        for finding in findings:
            kinds.setdefault((finding.code, finding.where), []).append(finding)
        return [self._tell_kind(code, where, found) for (code, where), found in sorted(kinds.items())]

    def _tell_kind(self, code, where, found):
        subjects = sorted({one.subject for one in found})
        named = "; ".join(subjects[:NAMED])
        facts = {"where": where, "count": len(found), "subjects": named, "seen": _seen(found)}
        exceptions, company = self.env["fin.exception"], self.env.ref("base.main_company")
        if self._is_known(code, exceptions._fingerprint_apart(company, code, facts)):
            return exceptions
        self.env["fin.audit.event"]._append("fin.audit.found", self._name, where, None, {"code": code, **facts})
        text = f"{where}: {len(found)} not as the suite left it ({named})"
        return exceptions._raise_apart(company, code, text, owner=self._auditor(), family="unexpected", **facts)

    def _is_known(self, code, fingerprint):
        """Told already: still open, or, where rows stay as they were found, decided on by an auditor."""
        states = ("open", "in_progress") if code == "audit_trigger" else ("open", "in_progress", "resolved")
        told = [("fingerprint", "=", fingerprint), ("state", "in", states)]
        return bool(self.env["fin.exception"].search_count(told, limit=1))

    def _auditor(self):
        """Who owns what is found: the longest-serving auditor, else an administrator of the suite."""
        for group in ("group_auditor", "group_administrator"):
            people = self.env.ref(f"finance_integration_governance.{group}").all_user_ids.filtered("active")
            if people:
                return people.sorted("id")[:1]
        return self.env["res.users"]


def _seen(found):
    return digest(canonical(sorted([one.subject, one.seen] for one in found)))
