from odoo import fields, models

_PERCENT = {"deviation": "volume_deviation", "spike": "volume_spike", "duplicates": "volume_duplicates"}


class FinFlow(models.Model):
    """How far what a run brings may differ from what its flow brought before; 0 and empty ask nothing."""

    _inherit = "fin.flow"

    volume_nothing = fields.Boolean("Tell when nothing arrives", tracking=True)
    volume_deviation = fields.Integer("Number of items", tracking=True, help="Percent above or below what is usual.")
    volume_against = fields.Selection(
        [("weekday", "The same weekday"), ("month", "The same days of other months")],
        string="Compared with",
        tracking=True,
        help="Empty: with all earlier runs.",
    )
    volume_spike = fields.Integer("Sum of a currency", tracking=True, help="Percent above what is usual.")
    volume_duplicates = fields.Integer("Repetitions", tracking=True, help="Percent of items that came before.")
    volume_types = fields.Char(
        "Type stands in", tracking=True, help="The member whose new values are told, such as bank_code."
    )
    volume_schema = fields.Boolean("Tell when members come or go", tracking=True)

    _volume_positive = models.Constraint(
        "CHECK(LEAST(volume_deviation, volume_spike, volume_duplicates) >= 0)", "A threshold is a number of percent."
    )

    def _compose(self):
        told = self._volume_told()
        return super()._compose() | ({"volume": told} if told else {})

    def _volume_told(self):
        told = {name: self[field] for name, field in _PERCENT.items()}
        told |= {"nothing": self.volume_nothing, "types": self.volume_types, "schema": self.volume_schema}
        if self.volume_deviation or self.volume_spike:
            told["against"] = self.volume_against
        return {name: value for name, value in told.items() if value}

    def _take_volume(self, told, _documents):
        """The thresholds of a flow that comes in a bundle."""
        values = {field: told.get(name, 0) for name, field in _PERCENT.items()}
        more = {f"volume_{name}": told.get(name, False) for name in ("nothing", "types", "schema", "against")}
        self.write(values | more)
