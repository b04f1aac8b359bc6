"""State machines as tables: the table is the documentation, and nothing else may write `state`."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Move:
    verb: str
    sources: frozenset
    target: str


class Lifecycle:
    """States with their labels, and moves written as `verb="source, source > target"`.

    >>> door = Lifecycle({"open": "Open", "shut": "Shut"}, close="open > shut", unlock="shut > open")
    >>> door.first, door.target("close", "open")
    ('open', 'shut')
    >>> door.target("close", "shut") is None
    True
    """

    def __init__(self, labels, **moves):
        self.labels = labels
        self.first = next(iter(labels))
        self.moves = {verb: self._move(verb, text) for verb, text in moves.items()}

    def _move(self, verb, text):
        sources, target = text.split(" > ")
        move = Move(verb, frozenset(part.strip() for part in sources.split(",")), target.strip())
        unknown = (move.sources | {move.target}) - set(self.labels)
        if unknown:
            raise ValueError(f"{verb}: no state {', '.join(sorted(unknown))}")
        return move

    @property
    def selection(self):
        return list(self.labels.items())

    def target(self, verb, state):
        """Where the verb leads from this state, or None where it does not apply. KeyError for an unknown verb."""
        move = self.moves[verb]
        return move.target if state in move.sources else None
