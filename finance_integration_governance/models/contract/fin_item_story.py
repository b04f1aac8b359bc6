import datetime as dt
from decimal import Decimal
from itertools import islice

from odoo import fields, models
from odoo.exceptions import UserError

from ...core.canonical import plain
from ..screen import MODULE


class FinItem(models.Model):
    """Where each value of an item comes from: the column, the steps, and the line of the crosswalk.

    Nothing of this is stored with the item: the pinned version names map and crosswalks by digest, and the payload
    keeps the bytes, so the story is told again from the same evidence whenever somebody asks.
    """

    _inherit = "fin.item"

    has_story = fields.Boolean(compute="_compute_has_story")

    def _compute_has_story(self):
        for item in self:
            document = item.run_id.version_id and item.run_id.version_id._read_document()
            item.has_story = bool(document and document.get("field_map") and item.payload_id)

    def action_story(self):
        """Read the item's row once more and show what became of each column."""
        self.ensure_one()
        self.check_access("read")
        if not self.has_story:
            raise UserError(self.env._("This item was not made by a field map."))
        self.payload_id._note_reading("story", row=self.row)
        shown = self.env["fin.item.story.show"].create({"item_id": self.id, "story": self._told_story()})
        return {
            "type": "ir.actions.act_window",
            "res_model": shown._name,
            "res_id": shown.id,
            "view_mode": "form",
            "target": "new",
            "name": self.env._("Where it comes from"),
        }

    def _stories(self):
        """The `Story` of each member: the item's row is the row-th of its payload."""
        # sudo: who may read the item may see which approved rules made it; nothing else of run or payload is shown
        run = self.sudo().run_id
        connector = run._connector()
        row = next(islice(connector.rows(self.payload_id._as_payload()), self.row - 1, None))
        return connector.field_map.explain(row)

    def _told_story(self):
        values = {"stories": told_stories(self._stories())}
        return self.env["ir.qweb"]._render(f"{MODULE}.screen_story", values)


class FinPayload(models.Model):
    _inherit = "fin.payload"

    def _note_reading(self, why, **facts):
        """Somebody reads stored bytes: the audit row stands, whatever becomes of the reading."""
        self.ensure_one()
        facts = {"why": why, "digest": self.digest, **facts}
        self.env["fin.audit.event"]._append_apart("fin.payload.read", self._name, self.uid, self.company_id, facts)


def told_stories(stories):
    """Stories as rows of texts for a template."""
    return [
        {
            "to": story.to,
            "source": [(column, told_value(value)) for column, value in story.source.items()],
            "steps": [
                (step.words, told_value(step.value), step.line, (step.digest or "")[:12]) for step in story.steps
            ],
            "value": told_value(story.value),
            "rule": story.rule,
        }
        for story in stories
    ]


def told_value(value):
    """A value as a person reads it."""
    if value is None:
        return "–"
    if isinstance(value, Decimal):
        return plain(value)
    return value.isoformat() if isinstance(value, dt.date) else str(value)
