"""What the control tower asks: a model for each question, found by its name, so that every addon adds its own."""

from typing import NamedTuple

from odoo import fields, models
from odoo.tools import format_datetime

from ..schedule.fin_slot import stored

PREFIX = "fin.tower."
STATES = ("good", "unknown", "attention", "bad")


class Answer(NamedTuple):
    """`text`: one sentence with a figure. `count` and `domain`: the figure, and exactly the records behind it.

    `state`: good, attention, bad, or unknown, which is never shown as good. `rows`: what stands behind the sentence.
    """

    state: str
    text: str
    count: int = 0
    domain: list = ()
    rows: list = ()
    model: str = ""


class Row(NamedTuple):
    """One line below an answer, with its own figure and records, where it has any."""

    state: str
    label: str
    text: str = ""
    count: int = 0
    domain: list = ()
    model: str = ""


class FinTowerQuestion(models.AbstractModel):
    """A question of the control tower. An addon inherits this as `fin.tower.<kind>` and gives `_title` and `_answer`.

    The methods run as the person who looks, in the companies that they have chosen: whatever is searched through the
    ORM obeys the record rules by itself. Counts come from `search_count` or `_read_group` of the very domain that the
    answer leads to, so the figure is always the number of records behind it.
    """

    _name = "fin.tower.question"
    _description = "Question of the Control Tower"
    _sequence = 50
    _model = "fin.run"  # where the records of the answer stand, unless it says otherwise
    _groups = ("group_viewer", "group_support")
    _is_slow = False  # told after the others

    def _title(self):
        """The question in words."""
        raise NotImplementedError

    def _answer(self):
        """An `Answer`, or None where the question makes no sense here."""
        raise NotImplementedError

    # Shared by questions

    def _in_use(self, objects=None):
        """Flows that are active or paused, of these kinds of business object where they are named."""
        wanted = [("state", "in", ("active", "paused"))]
        return self.env["fin.flow"].search([*wanted, ("object", "in", objects)] if objects else wanted)

    def _moment(self, moment):
        """A moment as this person reads it."""
        return format_datetime(self.env, moment, dt_format="short") if moment else ""

    def _since(self, days):
        """Midnight so many days ago, where this person is, as the database keeps it."""
        here = fields.Datetime.context_timestamp(self, fields.Datetime.now())
        midnight = fields.Datetime.subtract(here.replace(hour=0, minute=0, second=0, microsecond=0), days=days)
        return stored(midnight)

    def _worst(self, states):
        return max(states, key=STATES.index, default="unknown")
