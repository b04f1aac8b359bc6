"""The SQL in which figures of the ledger are spelled: canonical text, key, and what a vanished one becomes."""

import time

from odoo.tools import SQL


def uuid7():
    """SQL of a UUID version 7: 48 bits of milliseconds (one moment for a whole statement) in front of a random one."""
    return SQL(
        """encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid()) PLACING decode(%s, 'hex') FROM 1 FOR 6),
            52, 1), 53, 1), 'hex')::uuid::text""",
        f"{time.time_ns() // 1_000_000:012x}",
    )


class Spelling:
    """How one contract is spelled in SQL. `texts`, `numbers`: its members; `optional`: those that may be absent.

    `key_parts`: the members that identify a cell, after the version of the key's rule.
    """

    def __init__(self, contract, rule, key_parts, texts, numbers, optional=()):
        self.contract, self.numbers = contract, numbers
        self.names = sorted((*texts, *numbers))
        self.optional = optional
        self.key = self._key(rule, key_parts)
        self.content = self._content()

    def _key(self, rule, key_parts):
        parts = [self._present(SQL.identifier(name), name) for name in key_parts]
        return SQL(" || '|' || ").join([SQL("%s::text", rule), *parts])

    def _present(self, column, name):
        return SQL("COALESCE(%s, '')", column) if name in self.optional else column

    def _content(self):
        """Members in code-point order; to_json escapes as Python's encoder does; absent ones are left out."""
        return SQL("'{' || substr(%s, 2) || '}'", SQL(" || ").join(map(self._member, self.names)))

    def _member(self, name):
        column = SQL.identifier(name)
        value = SQL("""'"' || %s || '"'""", column) if name in self.numbers else SQL("to_json(%s)", column)
        told = SQL("%s || %s", f',"{name}":', value)
        return SQL("COALESCE(%s, '')", told) if name in self.optional else told

    def vanished(self):
        """The columns of a cell that is gone, out of what was told of it last: the same places, and zero."""
        return SQL(", ").join(map(self._gone, self.names))

    def _gone(self, name):
        if name not in self.numbers:
            return SQL("told->>%s", name)
        if name in self.optional:
            return SQL("CASE WHEN told->>%s IS NULL THEN NULL ELSE 0 END", name)
        return SQL("0")

    def columns(self):
        return SQL(", ").join(map(SQL.identifier, self.names))


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
