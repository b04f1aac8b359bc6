import datetime as dt
import json
import re
import secrets
import tempfile
from pathlib import Path

from odoo import api, fields, models
from odoo.modules.module import get_manifest
from odoo.tools import SQL, file_path

from ...core import reperform_script
from ...core.canonical import canonical
from ...core.errors import ConfigurationError
from ...core.pack import Pack, amount_of, read_list
from ...core.reperform import pieces
from ...core.sampling import population_digest, sample

KERNEL = "finance_integration_governance"
_DIGEST = re.compile(r"[0-9a-f]{64}")


class FinEvidenceBuilder(models.AbstractModel):
    """Writes the files of one evidence pack, in the engine's rights, from one snapshot of the database.

    What a pack holds is decided by `_lists`; addons add theirs by extending it.
    """

    _name = "fin.evidence.builder"
    _description = "Builder of Evidence Packs"

    @api.model
    def _archive(self, record):
        """Build everything in a folder of its own, keep the archive in the payload store; the record's values."""
        with tempfile.TemporaryDirectory(prefix="fin_evidence_") as folder:
            content = Path(folder) / "content"
            content.mkdir()
            pack = Pack(content, self._head())
            facts = getattr(self, f"_build_{record.kind}")(record, pack)
            digest = pack.close(**self._about(record), **facts)
            archive = Path(folder) / "archive.zip"
            with archive.open("wb") as stream:
                pack.write(stream)
            kept, size = self.env["fin.payload"]._store(lambda: archive.open("rb"))
        sheet = canonical(facts["sheet"]) if "sheet" in facts else False
        return {"digest": digest, "archive_digest": kept, "size": size, "sheet": sheet, **pack.head}

    def _head(self):
        """What every list prints of the log: position and head, in this transaction's snapshot."""
        position, head = self.env["fin.audit.seal"]._head()
        return {"position": position, "head": head}

    def _about(self, record):
        return {
            "pack": record.name,
            "kind": record.kind,
            "uid": record.uid,
            "company": record.company_id.fin_code,
            "asked_by": record.asked_by.login,
            "purpose": record.purpose or None,
            "parameters": self._parameters(record),
            "software": {KERNEL: get_manifest(KERNEL)["version"]},
        }

    def _parameters(self, record):
        """What every list prints of the question."""
        [[now]] = self.env.execute_query(SQL("SELECT transaction_timestamp() AT TIME ZONE 'UTC'"))
        return {
            "flows": ", ".join(sorted(record.flow_ids.mapped("code"))),
            "company": record.company_id.fin_code,
            "from": record.date_from,
            "to": record.date_to,
            "database": self.env.cr.dbname,
            "database_time": now.replace(tzinfo=dt.UTC),
        }

    # An evidence pack

    def _build_flow(self, record, pack):
        scope = Scope(record)
        notes = []
        for name, columns, rows, summed in self._lists(scope):
            pack.add_list(name, columns, rows, self._parameters(record), summed)
        self._add_documents(scope, pack, self._parameters(record))
        self._add_payloads(scope, pack, notes)
        self._add_code(pack)
        verified = self._add_verifier(record, pack)
        sheet = self._sheet(scope, pack, verified)
        notes += self._add_sheet(record, pack, sheet)
        return {"sheet": sheet, "notes": notes}

    @api.model
    def _lists(self, scope):
        """(name, columns, rows, columns of amount and currency or None) of every list of an evidence pack."""
        return []

    def _add_documents(self, scope, pack, parameters):
        """The versions' documents, and whatever documents they name by digest: maps, crosswalks, policies."""
        found, waiting = {}, set(self._digests(scope))
        while waiting:
            documents = self.env["fin.document"].search([("digest", "in", sorted(waiting - set(found)))])
            found.update((document.digest, document) for document in documents)
            named = {one for document in documents for one in _DIGEST.findall(document.text)}
            waiting = named - set(found)
            if not documents:
                break
        ordered = [found[digest] for digest in sorted(found)]
        for document in ordered:
            pack.add_text(f"documents/{document.digest}.json", document.text)
        rows = ({"digest": d.digest, "kind": d.kind, "characters": len(d.text)} for d in ordered)
        pack.add_list("documents", ("digest", "kind", "characters"), rows, parameters)
        lines = (
            {"document": document.digest, "path": path, "sha256": digest}
            for document in ordered
            for path, digest in pieces(json.loads(document.text))
        )
        pack.add_list("document_lines", ("document", "path", "sha256"), lines, parameters)

    def _digests(self, scope):
        return {*(scope.versions | scope.policies).mapped("digest"), *filter(None, scope.runs.mapped("version_digest"))}

    def _add_payloads(self, scope, pack, notes):
        """The bytes as they crossed the wire, each content once; what is gone is told, and its digest stays."""
        if not scope.record.has_payloads:
            return
        for payload in scope.runs.payload_ids:
            try:
                with payload._open() as stream:
                    pack.add_stream(f"payloads/{payload.digest}", stream)
            except ConfigurationError:
                notes.append(f"the bytes of {payload.uid} ({payload.name}) are not kept any more")

    def _add_code(self, pack):
        """The plain Python that reads payloads, with its licence, and the script that re-performs."""
        for addon in self._addons():
            core = Path(file_path(f"{addon}/core"))
            for path in sorted(path for path in core.rglob("*") if path.suffix in (".py", ".json")):
                if not {"tests", "testing"} & set(path.parts):
                    pack.add(f"code/{addon}/core/{path.relative_to(core)}", [path.read_bytes()])
        pack.add("code/LICENSE", [Path(file_path(f"{KERNEL}/LICENSE")).read_bytes()])
        pack.add("reperform.py", [Path(reperform_script.__file__).read_bytes()])

    def _addons(self):
        """The kernel and the addons that have connectors here, all of them beside each other in the code."""
        return sorted({KERNEL, *(addon for addon, _cls in self.env["fin.connector"]._classes().values())})

    def _add_verifier(self, record, pack):
        """Add what the check of the log found; returns it for the control sheet."""
        return dict(pack.head)

    # A population and its sample

    def _build_population(self, record, pack):
        """Every record of one kind, in the order of their identifiers, and those that the seed draws."""
        name, parameters = record.population, {**self._parameters(record), "population": record.population}
        columns, identifier, rows, summed = self._population(Scope(record), name)
        pack.add_list("population", columns, rows, parameters, summed)
        path = pack.folder / "lists" / "population.json"
        population = population_digest(self._identifiers(path, identifier))
        drawn = sample(record.seed, population, self._identifiers(path, identifier), record.sample_size)
        facts = {"seed": record.seed, "population_digest": population, "sample_size": record.sample_size}
        pack.add_list(
            "sample", ("rank", *columns), self._drawn(path, identifier, drawn, summed), {**parameters, **facts}, summed
        )
        return {"sample": {**facts, "identifier": identifier, "drawn": drawn}}

    def _population(self, scope, name):
        """(columns, identifier, rows in its order, columns of amount and currency) of one kind of record."""
        if name == "items":
            return self._items_by_uid(scope)
        columns, rows, summed = next((c, r, s) for listed, c, r, s in self._lists(scope) if listed == name)
        identifier = columns[0]
        return columns, identifier, sorted(rows, key=lambda row: row[identifier]), summed

    def _identifiers(self, path, identifier):
        with read_list(path) as (_about, rows):
            yield from (row[identifier] for row in rows)

    def _drawn(self, path, identifier, drawn, summed):
        """The rows of the sample in the order of their ranks."""
        places = {one: place for place, one in enumerate(drawn, 1)}
        with read_list(path) as (_about, rows):
            found = {row[identifier]: row for row in rows if row[identifier] in places}
        return ({"rank": places[one], **_numbered(found[one], summed)} for one in drawn)

    # Reading in bulk

    @api.model
    def _streamed(self, query, size=5000):
        """The rows of a query, read in portions by a cursor of the server, so that none of it is whole in memory."""
        name = SQL.identifier(f"fin_evidence_{secrets.token_hex(4)}")
        self.env.cr.execute(SQL("DECLARE %s NO SCROLL CURSOR FOR %s", name, query))
        while rows := self.env.execute_query(SQL("FETCH %s FROM %s", size, name)):
            yield from rows
        self.env.cr.execute(SQL("CLOSE %s", name))


class Scope:
    """What one pack is about: its flows, its period, the runs in it with their held parts, and their versions."""

    def __init__(self, record):
        self.record, self.env, self.flows = record, record.env, record.flow_ids
        self.since = fields.Datetime.to_datetime(record.date_from)
        self.until = fields.Datetime.to_datetime(record.date_to) + dt.timedelta(days=1)
        self.runs = self._runs()
        self.versions = self._versions()
        self.policies = self._policies()

    def is_within(self, moment):
        return bool(moment) and self.since <= moment < self.until

    def within(self, field):
        return [(field, ">=", self.since), (field, "<", self.until)]

    def _runs(self):
        """Queued within the period; a run comes with the one that holds it and with its held parts.

        A draft that was tried is no evidence of the flow.
        """
        query = SQL(
            """WITH RECURSIVE up AS (
                SELECT id, parent_id FROM fin_run
                WHERE flow_id = ANY(%(flows)s) AND create_date >= %(since)s AND create_date < %(until)s
                    AND is_draft IS NOT TRUE
                UNION SELECT r.id, r.parent_id FROM fin_run r JOIN up ON r.id = up.parent_id
            ), family AS (
                SELECT id FROM up UNION SELECT r.id FROM fin_run r JOIN family ON r.parent_id = family.id
            ) SELECT id FROM family ORDER BY id""",
            flows=self.flows.ids,
            since=self.since,
            until=self.until,
        )
        return self.env["fin.run"].browse(run_id for (run_id,) in self.env.execute_query(query))

    def _versions(self):
        """Proposed in the period, live for a part of it, or obeyed by one of the runs."""
        within = self._in_force_or_proposed(self.flows.version_ids) | self.runs.version_id
        return within.sorted(lambda version: (version.flow_id.code, version.number))

    def _policies(self):
        """Versions of the company's policy: what held in the period beside the flows, or was proposed in it."""
        of_company = [("policy_id.company_id", "=", self.record.company_id.id)]
        return self._in_force_or_proposed(self.env["fin.version"].search(of_company, order="number"))

    def _in_force_or_proposed(self, versions):
        spans = self.env["fin.evidence.builder"]._spans(versions)
        return versions.filtered(
            lambda version: (
                self.is_within(version.create_date)
                or any(begin < self.until and (end is None or end >= self.since) for begin, end in spans[version.id])
            )
        )


def _numbered(row, summed):
    """A row of a list read back: its amount as a number again."""
    return {**row, summed[0]: amount_of(row.get(summed[0]))} if summed else row
