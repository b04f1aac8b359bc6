from odoo import fields, models


class FinItemStoryShow(models.TransientModel):
    """The story of one item, for as long as somebody looks at it."""

    _name = "fin.item.story.show"
    _description = "Where an Item comes from"

    item_id = fields.Many2one("fin.item", required=True, readonly=True, ondelete="cascade")
    story = fields.Html(readonly=True, sanitize=False)
