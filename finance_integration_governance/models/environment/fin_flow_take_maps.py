import json

from odoo import models
from odoo.fields import Command

from ...core.bundle import BundleError
from ...core.crosswalk import read
from ..contract.fin_field_map import TAKE


class FinFlow(models.Model):
    """The crosswalks and the field map of a flow that comes in a bundle."""

    _inherit = "fin.flow"

    def _take_crosswalks(self, pinned, documents):
        mine = self.env["fin.crosswalk"]
        for code, told in pinned.items():
            if told["digest"] not in documents:
                raise BundleError(f"the crosswalk {code} is named and is not in the bundle")
            mine |= self._taken_crosswalk(documents[told["digest"]]["text"])
        self.crosswalk_ids = mine

    def _taken_crosswalk(self, text):
        told, made = json.loads(text), read(text)
        crosswalks = self.env["fin.crosswalk"].with_context(active_test=False)
        company = self._found("res.company", "company", told["company"], fin_code=told["company"])
        known = crosswalks.search([("code", "=", told["code"])])
        if known.digest == made.digest:
            return known
        lines = [Command.create(self.env["fin.crosswalk.line"]._values(line)) for line in made.lines]
        values = {name: told[name] for name in ("kind", "direction", "system")}
        if not known:
            own = {"code": told["code"], "name": told["code"], "company_id": company.id}
            return crosswalks.create({**values, **own, "line_ids": lines})
        if known.company_id != company:
            raise BundleError(f"the crosswalk {known.code} belongs to another company here")
        known.write({**values, "active": True, "line_ids": [Command.clear(), *lines]})
        return known

    def _take_field_map(self, told, _documents):
        contract = self._found("fin.contract", "contract", told["contract"], name=told["contract"])
        lines = [line for one in told["fields"] for line in self._taken_steps(contract, one)]
        rows = [Command.create({**line, "sequence": number}) for number, line in enumerate(lines, 1)]
        if not self.field_map_ids:
            self.field_map_ids.create({"flow_id": self.id, "contract_id": contract.id})
        self.field_map_ids.write({"contract_id": contract.id, "line_ids": [Command.clear(), *rows]})

    def _taken_steps(self, contract, one):
        """The lines of one field: the first reads the columns, each does one step."""
        entity = contract.entity_id.id
        target = self._found("fin.entity.field", "field", one["to"], name=one["to"], entity_id=entity)
        for number, step in enumerate(one.get("steps") or [{"do": TAKE}]):
            given = {name: self._taken_parameter(name, value) for name, value in step.items() if name != "do"}
            if "crosswalk" in given:
                code = given.pop("crosswalk")
                given["crosswalk_id"] = self._found("fin.crosswalk", "crosswalk", code, code=code).id
            source = " + ".join(one.get("from", ())) if not number else False
            yield {"target_id": target.id, "source": source, "transform": step["do"], **given}

    def _taken_parameter(self, name, value):
        if name == "cases":
            return "\n".join(f"{left} = {right}" for left, right in value.items())
        return ", ".join(value) if name in ("negative", "positive") else value


class FinBundle(models.AbstractModel):
    _inherit = "fin.bundle"

    def _together(self, flow):
        """A crosswalk that came along changes every flow that uses it."""
        return super()._together(flow) | flow.crosswalk_ids.flow_ids
