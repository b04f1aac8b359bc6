"""The chain as SQL reads it: whether it is whole, and line by line for a verifier that is not ours to run.

`tools/verify_audit.py` comes to the same verdict over the exported lines; a test holds both to it.
"""

from odoo import api, fields, models
from odoo.tools import SQL

from ...core.anchors import disagreement
from ...core.canonical import canonical
from .fin_audit_seal import EVERYTHING, GENESIS

PAGE = 20_000
FORMAT = "fin.audit/1"

# The sealed text, spelled once more from the columns that people search and read.
_SPELLED = SQL(
    """concat('{"actor":', to_json(e.actor)::text, ',"at":"', to_char(e.at, 'YYYY-MM-DD"T"HH24:MI:SS'),
        CASE WHEN to_char(e.at, 'US') <> '000000' THEN to_char(e.at, '.US') END, 'Z","code":', to_json(e.code)::text,
        ',"company":' || to_json(e.company)::text, ',"facts":', e.facts,
        ',"subject":[', to_json(e.subject_model)::text, ',', to_json(e.subject_key)::text, ']}')"""
)
# What the columns say, for the rare line where it is something else than the text.
_COLUMNS = SQL(
    """json_build_object('at', e.at, 'code', e.code, 'actor', e.actor, 'company', e.company,
        'subject', json_build_array(e.subject_model, e.subject_key), 'facts', e.facts)"""
)


def _sha256(text):
    return SQL("encode(sha256(convert_to(%s, 'UTF8')), 'hex')", text)


def _event_of(seal):
    """The event of a seal, by its index whatever the planner thinks: after a burst it knows no numbers yet."""
    return SQL("(SELECT * FROM fin_audit_event WHERE id = %s.event_id OFFSET 0)", SQL.identifier(seal))


def _behind(last):
    """Everything where nothing was looked at yet: also what stands where no position should be."""
    return SQL("TRUE") if last is None else SQL("position > %s", last)


class FinAuditSeal(models.Model):
    """What the chain is found to be, and how it is told to others."""

    _inherit = "fin.audit.seal"

    @api.model
    def _verify(self, after=0, anchors=(), until=None):
        """The first thing wrong behind `after`, as (position, code), or None where all is as it was sealed.

        `until`: how far to look at least; else to the end.
        `anchors`: what other places have kept of the chain, oldest first (core/anchors.py). Only they show an end
        that was cut off, and a chain that was written anew as a whole.
        """
        position, head = (after, self._head_at(after)) if after else (0, GENESIS)
        last = after or None
        while True:
            wrong, last, page_head = self._judge_page(last, position, head)
            if wrong or last is None or (until and last >= until):
                break
            position, head = last, page_head
        other = disagreement(anchors, self._end(wrong), self._head_at, is_whole=wrong is None)
        return min(filter(None, (wrong, other)), default=None)

    def _end(self, wrong):
        """The last position, or the last one in front of what is wrong."""
        before = SQL("WHERE position < %s", wrong[0]) if wrong else SQL()
        [[end]] = self.env.execute_query(SQL("SELECT COALESCE(max(position), 0) FROM fin_audit_seal %s", before))
        return end

    def _judge_page(self, last, position, head):
        """(what is wrong or None, the page's last position or None at the end, the head there)."""
        [[first_wrong, codes, until, until_head]] = self.env.execute_query(
            SQL(
                """WITH page AS (SELECT position, head, event_id FROM fin_audit_seal WHERE %s
                        ORDER BY position LIMIT %s),
                    judged AS (SELECT p.position, p.head, %s AS code FROM page p
                        LEFT JOIN LATERAL %s e ON TRUE WINDOW w AS (ORDER BY p.position))
                SELECT min(position) FILTER (WHERE code IS NOT NULL),
                    (array_agg(code ORDER BY position) FILTER (WHERE code IS NOT NULL))[1],
                    max(position), (array_agg(head ORDER BY position DESC))[1] FROM judged""",
                _behind(last),
                PAGE,
                self._judgement(position, head),
                _event_of("p"),
            )
        )
        return (first_wrong, codes) if codes else None, until, until_head

    def _judgement(self, position, head):
        """A seal is right when it follows the one before, and its head the event that is still there, unchanged."""
        return SQL(
            """CASE WHEN p.position <> COALESCE(lag(p.position) OVER w, %s) + 1 THEN 'gap'
                WHEN e.id IS NULL THEN 'event_missing'
                WHEN %s IS DISTINCT FROM e.digest OR e.content IS DISTINCT FROM %s THEN 'event_changed'
                WHEN %s IS DISTINCT FROM p.head THEN 'chain_broken' END""",
            position,
            _sha256(SQL("e.content")),
            _SPELLED,
            _sha256(SQL("COALESCE(lag(p.head) OVER w, %s) || e.digest", head)),
        )

    def _head_at(self, position):
        """The head at this position, None where there is none."""
        rows = self.env.execute_query(SQL("SELECT head FROM fin_audit_seal WHERE position = %s", position))
        return next((head for (head,) in rows), None)

    # For a verifier elsewhere

    def _export(self, after=0):
        """Lines of the export format (docs/audit-log.md), from one snapshot, a page in memory at a time."""
        yield canonical({"format": FORMAT, "after": after, "head": self._head_at(after) or GENESIS, **self._made_by()})
        last = after or None
        while page := self._export_page(last):
            yield from (line for _position, line in page)
            last = page[-1][0]
        position, head = self._head()
        yield canonical({"end": {"position": position, "head": head, "waiting": len(self._waiting(PAGE, EVERYTHING))}})

    def _made_by(self):
        # sudo: the parameter is readable by the system only
        uuid = self.env["ir.config_parameter"].sudo().get_param("database.uuid")
        return {"database": uuid, "exported_at": fields.Datetime.now().isoformat() + "Z", "by": self.env.user.login}

    def _export_page(self, last):
        """(position, line) of the next page: the text as it is where it is one line that the columns agree with."""
        return self.env.execute_query(
            SQL(
                """SELECT s.position, concat('{"position":', s.position, ',"head":', to_json(s.head), ',"digest":',
                    COALESCE(to_json(e.digest)::text, 'null'),
                    CASE WHEN e.content = %s AND e.content !~ '[[:cntrl:]]' AND length(s.head) = 64
                        AND s.head || e.digest ~ '^[0-9a-f]{128}$' THEN concat(',"event":', e.content)
                        ELSE concat(',"text":', COALESCE(to_json(e.content)::text, 'null'), ',"columns":', %s) END, '}')
                FROM (SELECT * FROM fin_audit_seal WHERE %s ORDER BY position LIMIT %s) s
                LEFT JOIN LATERAL %s e ON TRUE ORDER BY s.position""",
                _SPELLED,
                _COLUMNS,
                _behind(last),
                PAGE,
                _event_of("s"),
            )
        )
