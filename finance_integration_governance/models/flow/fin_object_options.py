from odoo import api, models
from odoo.exceptions import ValidationError

from ...core.options import Option, taken_apart


class FinObject(models.AbstractModel):
    """What a flow may say to its object: declared once, shown on the flow, checked when saved, kept by the version."""

    _inherit = "fin.object"

    @api.model
    def _known_options(self, company):
        """`Option`s of a flow of this company, in the order of the screen; objects put theirs before these."""
        usual = self.env._("Empty: as usual.")
        return [
            Option("limits.deliver_batch", self.env._("Items at a time"), "number", usual, least=1),
            Option("limits.retries", self.env._("Tries"), "number", usual),
            Option("limits.retry_minutes", self.env._("Tries for at most (minutes)"), "number", usual, least=1),
            Option("limits.owner_grace_days", self.env._("Days without an owner"), "number", usual),
        ]

    @api.model
    def _usual_options(self, company):
        """The options that a new flow of this company begins with."""
        return {}

    @api.model
    def _usual_connection(self, company):
        """The connection that a new flow of this company begins with, if any."""
        return self.env["fin.connection"]

    @api.model
    def _check_options(self, told, company):
        """ValidationError where an option, or what it is set to, means nothing to this object."""
        known = {option.name: option for option in self._known_options(company)}
        for name, value in taken_apart(told, known):
            if name not in known:
                raise ValidationError(
                    self.env._(
                        "%(object)s has no option %(name)s. There are: %(known)s.",
                        object=self._description,
                        name=name,
                        known=", ".join(known),
                    )
                )
            if not known[name].accepts(value):
                raise ValidationError(
                    self.env._(
                        "%(option)s (%(name)s) takes %(what)s: %(value)s means nothing here.",
                        option=known[name].label,
                        name=name,
                        what=self._what_it_takes(known[name]),
                        value=value,
                    )
                )

    def _what_it_takes(self, option):
        """What a person may say there, in words."""
        words = ", ".join(option.words)
        return {
            "flag": self.env._("yes or no"),
            "word": self.env._("one name") if option.is_open else self.env._("one of %s", words),
            "words": self.env._("a list of names, each once")
            if option.is_open
            else self.env._("a list of %s, each once", words),
            "texts": self.env._("a list of texts"),
            "text": self.env._("a text"),
            "month": self.env._("a month such as 2026-03"),
            "day": self.env._("a day such as 2026-03-31"),
            "time": self.env._("a time such as 16:15"),
            "number": self.env._("a whole number from %s on", option.least),
            "percent": self.env._("a percentage above zero, such as 5"),
        }[option.kind]
