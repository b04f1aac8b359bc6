"""The SQL in which figures of the ledger are spelled: canonical text, key, and what a vanished one becomes."""

import time
from functools import partial

from odoo.tools import SQL


def uuid7():
    """SQL of a UUID version 7: 48 bits of milliseconds (one moment for a whole statement) in front of a random one.

    Of a random one as PostgreSQL makes it, version 4, the version and what stands before it are replaced.
    """
    moment = f"{time.time_ns() // 1_000_000:012x}"
    return SQL("%s || substr(gen_random_uuid()::text, 16)", f"{moment[:8]}-{moment[8:]}-7")


def hash_of(key):
    """SQL of a key's share of a hash total, as `ControlTotals` has it, in 64 bits with a sign."""
    return SQL("('x' || encode(substr(sha256(convert_to(%s, 'UTF8')), 1, 8), 'hex'))::bit(64)::bigint", key)


def account_names(accounts, alias, query):
    """SQL of an account's code and of its name, as canonical text spells them. `accounts`: with their company."""
    code = SQL("COALESCE(normalize(%s, NFC), '')", accounts._field_to_sql(alias, "code", query))
    return code, SQL("left(normalize(%s, NFC), 140)", accounts._field_to_sql(alias, "name", query))


def partner_name(alias):
    """SQL of what cells call a partner: reference, else tax number, else name."""
    column = {name: SQL.identifier(alias, name) for name in ("ref", "vat", "name")}
    return shortened(SQL("COALESCE(NULLIF(%(ref)s, ''), NULLIF(%(vat)s, ''), %(name)s)", **column))


def shortened(name):
    """SQL of a name as a key can hold it: no bar, no control characters, 64 characters."""
    cleaned = SQL("translate(normalize(%s, NFC), %s, '/   ')", name, "|\n\r\t")
    return SQL("NULLIF(left(%s, 64), '')", cleaned)


class Spelling:
    """How one contract is spelled in SQL. `texts`, `numbers`: its members; `optional`: those that may be absent.

    `key_parts`: the members that identify a cell, after the version of the key's rule. `sent`: the optional members
    that there are columns for; all of them where None.
    """

    def __init__(self, contract, rule, key_parts, texts, numbers, optional=(), sent=None):
        self.contract, self.numbers = contract, numbers
        self._rule, self._key_parts, self._texts, self.optional = rule, key_parts, texts, optional
        self._unsent = frozenset(optional) - frozenset(optional if sent is None else sent)
        self.names = sorted((*texts, *numbers))
        self.key = self._key()
        self.content = self._content(SQL.identifier, [name for name in self.names if name not in self._unsent])

    def telling(self, sent):
        """The same contract, where only these of its optional members have columns."""
        return Spelling(self.contract, self._rule, self._key_parts, self._texts, self.numbers, self.optional, sent)

    def _key(self):
        parts = [SQL("''") if name in self._unsent else self._present(name) for name in self._key_parts]
        return SQL(" || '|' || ").join([SQL("%s::text", self._rule), *parts])

    def _present(self, name):
        column = SQL.identifier(name)
        return SQL("COALESCE(%s, '')", column) if name in self.optional else column

    def _content(self, value_of, names):
        """Members in code-point order; to_json escapes as Python's encoder does; absent ones are left out."""
        told = SQL(" || ").join(self._member(name, value_of(name)) for name in names)
        return SQL("'{' || substr(%s, 2) || '}'", told)

    def _member(self, name, value):
        spelled = SQL("""'"' || %s || '"'""", value) if name in self.numbers else SQL("to_json(%s)", value)
        told = SQL("%s || %s", f',"{name}":', spelled)
        return SQL("COALESCE(%s, '')", told) if name in self.optional else told

    def gone(self, told):
        """Canonical text of a cell that is gone, out of what was told of it last: the same places, and zero."""
        return self._content(partial(self._gone, told), self.names)

    def _gone(self, told, name):
        if name not in self.numbers:
            return SQL("(%s->>%s)", told, name)
        if name in self.optional:
            return SQL("CASE WHEN %s->>%s IS NULL THEN NULL ELSE 0 END", told, name)
        return SQL("0")


def mapped_by(crosswalk):
    """Which lines of the crosswalk have made the cell."""
    return SQL(
        """format('{"crosswalk":{"account":{"crosswalk":%%s,"digest":"%%s","lines":%%s}}}',
        to_json(%s::text), %s::text, to_json((array_agg(DISTINCT m.line ORDER BY m.line))[1:20]))""",
        crosswalk.head["code"],
        crosswalk.digest,
    )


def crosswalk_join(crosswalk, rows, code, span):
    return SQL(
        """JOIN unnest(%s::text[], %s::int[], %s::text[], %s::text[], %s::int[])
        AS m(source, span, target, label, line) ON m.source = %s AND m.span = %s""",
        *([list(column) for column in zip(*rows, strict=True)] or [[]] * 5),
        code,
        span,
    )


def share_of(column, options):
    """SQL of a figure of the grouped ledger, of which a place of the plans has its share."""
    return SQL("%s * COALESCE(s.share, 1)", column) if options.get("plans") else column
