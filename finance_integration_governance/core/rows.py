"""Sources of raw rows: what they read has columns, and the flow's field map says what it means."""

from typing import ClassVar

from .connector import Source


class RowSource(Source):
    """A source whose payloads are rows: mappings of a column to a text, a number or nothing.

    It gives `rows`; the engine sets `field_map` from the flow's approved version, and `parse` applies it. `columns`
    names what it declares, or nothing where each connection has columns of its own.
    """

    field_map: ClassVar = None

    def columns(self):
        """The columns that a payload has, as declared; empty where they are not declared."""
        return ()

    def rows(self, payload):
        """Yield each row as a mapping, in the payload's order; raises MalformedPayload."""
        raise NotImplementedError

    def parse(self, payload):
        """The canonical objects that the field map makes; without a map (a preview) the rows as they are."""
        rows = self.rows(payload)
        return self.field_map.read(rows) if self.field_map else rows
