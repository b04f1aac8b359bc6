from odoo import api, fields, models
from odoo.exceptions import UserError


def _lines(crosswalk):
    return {line._line() for line in crosswalk.line_ids}


class FinFlow(models.Model):
    """A flow that was rolled out from another company: what a person still has to fill in here."""

    _inherit = "fin.flow"

    rolled_out_from_id = fields.Many2one(
        "fin.flow", readonly=True, copy=False, ondelete="set null", string="Copied from"
    )
    to_fill = fields.Text(compute="_compute_to_fill", string="To be filled in")

    def _compute_to_fill(self):
        for flow in self:
            flow.to_fill = "\n".join(flow._required_here() + flow._advised_here()) if flow.rolled_out_from_id else False

    def _required_here(self):
        """What has to be there before it can be submitted."""
        cls = self.env["fin.connector"]._class(self.connection_id.connector_id.code)
        given = self.connection_id._values()
        wanted = [s.label for s in cls.settings if s.required and s.default is None and s.name not in given]
        told = []
        if wanted:
            named = {"name": self.connection_id.code, "settings": ", ".join(wanted)}
            told.append(self.env._("The connection %(name)s needs: %(settings)s.", **named))
        # sudo: only the codes of the other company's journals are told
        if self.rolled_out_from_id.sudo().journal_ids and not self.journal_ids:
            told.append(self.env._("No journal of this company is chosen: choose at least one."))
        return told

    def _advised_here(self):
        """What somebody should look at, because it is not as it is where the flow came from."""
        told, origin = [], self.rolled_out_from_id.sudo()  # sudo: codes and names of what was copied
        missing = sorted(set(origin.journal_ids.mapped("code")) - set(self.journal_ids.mapped("code")))
        if missing:
            told.append(
                self.env._("Journals that this company does not have, or has given away: %s.", ", ".join(missing))
            )
        lines = [_lines(one) for one in origin.crosswalk_ids]
        same = self.crosswalk_ids.filtered(lambda one: _lines(one) in lines)
        if same:
            told.append(
                self.env._("Crosswalks as they were copied: check the lines of %s.", ", ".join(same.mapped("code")))
            )
        untried = self.field_map_ids.filtered(lambda one: not one.last_trial_id)
        told += [self.env._("The field map was copied: try it on a payload.")] if untried else []
        told += [self.env._("No policy set is chosen.")] if origin.policy_set_id and not self.policy_set_id else []
        told += [self.env._("No data class is chosen.")] if origin.data_class_id and not self.data_class_id else []
        told += [self.env._("Options were copied: look at them.")] if origin.options else []
        return told


class FinChange(models.Model):
    _inherit = "fin.change"

    to_fill = fields.Text(compute="_compute_to_fill", string="To be filled in")

    @api.depends("state")
    def _compute_to_fill(self):
        for change in self:
            flows = change.version_ids.flow_id if change.state == "proposed" else self.env["fin.flow"]
            told = [f"{flow.name}: {line}" for flow in flows for line in (flow.to_fill or "").splitlines()]
            change.to_fill = "\n".join(told)


class FinVersion(models.Model):
    _inherit = "fin.version"

    def _guard_submit(self):
        super()._guard_submit()
        missing = self.flow_id._required_here() if self.flow_id.rolled_out_from_id else []
        if missing:
            raise UserError(self.env._("Fill this in and propose the flow again. %s", " ".join(missing)))
