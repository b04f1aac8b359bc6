"""Sources of raw rows: what they read has columns, and the flow's field map says what it means."""

from typing import ClassVar

from .connector import Source


class RowSource(Source):
    """A source whose payloads are rows: mappings of a column to a text, a number or nothing.

    It gives `rows`; the engine sets `field_map` from the flow's approved version, and `parse` applies it.
    `declared_columns` names what was agreed, or nothing where each connection has columns of its own.
    """

    field_map: ClassVar = None

    @classmethod
    def declared_columns(cls, settings):
        """The columns that a payload has, as these settings declare them; empty where they are not declared."""
        return ()

    def rows(self, payload):
        """Yield each row as a mapping, in the payload's order; raises MalformedPayload."""
        raise NotImplementedError

    def parse(self, payload):
        """The canonical objects that the field map makes; without a map (a preview) the rows as they are."""
        rows = self.rows(payload)
        return self.field_map.read(rows) if self.field_map else rows
