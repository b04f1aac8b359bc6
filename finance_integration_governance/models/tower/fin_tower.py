from odoo import api, fields, models

from .fin_tower_question import PREFIX

MODULE = "finance_integration_governance"


class FinTower(models.AbstractModel):
    """The home of the app: every question that concerns the person who looks, with its answer."""

    _name = "fin.tower"
    _description = "Control Tower"

    @api.model
    @api.readonly
    def answers(self):
        """What the home shows at once: the answers that are quick, and what to do first where nothing has run yet."""
        return {
            "at": fields.Datetime.to_string(fields.Datetime.now()),
            "questions": self._told(is_slow=False),
            "steps": self._steps(),
        }

    @api.model
    @api.readonly
    def slow_answers(self):
        """The answers that take a while."""
        return self._told(is_slow=True)

    def _told(self, is_slow):
        """Questions without an answer here are not asked."""
        asked = (one for one in self._questions() if one._is_slow == is_slow)
        return [self._as_told(question, answer) for question in asked if (answer := question._answer())]

    def _questions(self):
        found = (self.env[name] for name in self.env.registry if name.startswith(PREFIX))
        mine = [one for one in found if not one._name.startswith(f"{PREFIX}question") and self._concerns(one)]
        return sorted(mine, key=lambda one: (one._sequence, one._name))

    def _concerns(self, question):
        return any(self.env.user.has_group(f"{MODULE}.{group}") for group in question._groups)

    def _as_told(self, question, answer):
        model = answer.model or question._model
        return {
            "code": question._name.removeprefix(PREFIX),
            "title": question._title(),
            **self._line(answer, model),
            "rows": [{**self._line(row, row.model or model), "label": row.label} for row in answer.rows],
        }

    def _line(self, told, model):
        drill = {"model": model, "domain": list(told.domain)} if told.domain else None
        return {"state": told.state, "text": told.text, "count": told.count, "drill": drill}

    # The way to the first run

    def _steps(self):
        """What to do first, each with whether it is done; nothing once something has run."""
        if self.env["fin.run"].search_count([("state", "=", "done"), ("is_draft", "=", False)], limit=1):
            return []
        connections, flows = (self.env[name] for name in ("fin.connection", "fin.flow"))
        sees = flows.has_access("read") and connections.has_access("read")
        if not sees:
            return []
        return [
            self._step(
                self.env._("Make a connection: how to reach the bank, the planning system or the folder"),
                bool(connections.search_count([], limit=1)),
                "fin_connection_action",
            ),
            self._step(
                self.env._("Begin a flow: what moves, who owns it, when it runs"),
                bool(flows.search_count([], limit=1)),
                "fin_flow_new_action" if self.env.user.has_group(f"{MODULE}.group_operator") else "fin_flow_action",
            ),
            self._step(
                self.env._("Have a second person approve it: nothing runs before"),
                bool(flows.search_count([("state", "=", "active")], limit=1)),
                "fin_approval_action_mine",
            ),
            self._step(
                self.env._("See its first run tie: what arrived is what Odoo holds"),
                False,
                "fin_run_action",
            ),
        ]

    def _step(self, text, is_done, action):
        return {"text": text, "done": is_done, "action": f"{MODULE}.{action}"}
