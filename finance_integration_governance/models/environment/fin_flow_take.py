from odoo import api, models
from odoo.fields import Command

from ...core.bundle import BundleError
from ...core.canonical import simple
from ...core.document import differences

# What each place says for itself: access to the system and when it is there, in whose name is booked, and where the
# bank account lies.
LOCAL = (
    "connection.environment",
    "connection.settings",
    "connection.breaker",
    "connection.weekly",
    "service",
    "register.system",
)


class FinFlow(models.Model):
    """Setting the working copy to what a document says, by keys that are looked up here.

    `_take_<part>` writes one part of the document; what a part refers to and is not here is refused. A part without a
    method has to come out the same by itself. Addons add the methods of their parts.
    """

    _inherit = "fin.flow"

    @api.model
    def _take(self, content, documents):
        """The flow of this content, made or changed; BundleError where it does not come out as the content says."""
        flow = self._taken_flow(content)
        for part, value in content.items():
            take = getattr(flow, f"_take_{part}", None)
            if take and part not in ("flow", "company", "connection", "object"):
                take(value, documents)
        flow.invalidate_recordset()
        self._must_be_alike(content, simple(flow._compose()))
        return flow

    def _must_be_alike(self, wanted, made):
        wrong = [
            path
            for path, _old, _new in differences(self._comparable(wanted), self._comparable(made))
            if not path.startswith(LOCAL)
        ]
        if wrong:
            raise BundleError(f"this installation does not keep {', '.join(sorted(wrong)[:10])} as the bundle says")

    def _comparable(self, content):
        """A content without what each place says for itself, and without nothing."""
        journals = [{**journal, "account": None} for journal in content.get("journals", [])]
        told = {**content, "journals": journals, "format": None}
        return {name: value for name, value in told.items() if value not in (None, {}, [], ())}

    def _taken_flow(self, content):
        company = self._found("res.company", "company", content["company"], fin_code=content["company"])
        connection = self._taken_connection(content["connection"], company)
        kinds = dict(self._selection_object())
        if content["object"] not in kinds:
            raise BundleError(f"no addon here knows {content['object']}")
        values = {
            "name": content["flow"]["name"],
            "purpose": content["flow"].get("purpose"),
            "company_id": company.id,
            "connection_id": connection.id,
            "object": content["object"],
        }
        flow = self.search([("code", "=", content["flow"]["code"])])
        if not flow:
            return self.create({**values, "code": content["flow"]["code"]})
        if flow.state == "retired" or flow.company_id != company:
            raise BundleError(f"the flow {flow.code} is retired here, or belongs to another company")
        flow.write(values)
        return flow

    def _taken_connection(self, told, company):
        connection = self._found("fin.connection", "connection", told["code"], code=told["code"], company_id=company.id)
        cls = self.env["fin.connector"]._class(connection.connector_id.code)
        if (cls.code, cls.version) != (told["connector"], told["connector_version"]):
            raise BundleError(
                f"the connection {told['code']} is not one of {told['connector']} {told['connector_version']}"
            )
        return connection

    def _found(self, model, what, key, **wanted):
        """The one record with these values; BundleError where there is none."""
        found = self.env[model].search([(field, "=", value) for field, value in wanted.items()])
        if len(found) != 1:
            raise BundleError(f"there is no {what} {key} here")
        return found

    # The parts

    def _take_companies(self, codes, _documents):
        others = self.env["res.company"]
        for code in codes:
            others |= self._found("res.company", "company", code, fin_code=code)
        self.company_ids = others - self.company_id

    def _take_people(self, people, _documents):
        rows = [
            Command.create(
                {
                    "role": person["role"],
                    "user_id": self._found("res.users", "user", person["login"], login=person["login"]).id,
                    "date_from": person.get("from"),
                    "date_to": person.get("to"),
                }
            )
            for person in people
        ]
        self.role_ids = [Command.clear(), *rows]

    def _take_journals(self, journals, _documents):
        mine = self.env["account.journal"]
        for told in journals:
            company = self._found("res.company", "company", told["company"], fin_code=told["company"])
            mine |= self._found("account.journal", "journal", told["code"], code=told["code"], company_id=company.id)
        taken = mine.filtered(lambda journal: journal.fin_flow_id not in (self, self.browse()))
        if taken:
            raise BundleError(f"the journal {taken[0].code} belongs to another flow here")
        # sudo: who may propose a flow need not be an accounting manager
        (self.journal_ids - mine).sudo().fin_flow_id = False
        mine.sudo().fin_flow_id = self  # sudo: as above

    def _take_lane(self, lane, _documents):
        self.lane = lane

    def _take_options(self, options, _documents):
        self.options = options

    def _take_all_or_nothing(self, told, _documents):
        self.all_or_nothing = told

    def _take_not_provable(self, told, _documents):
        self.not_provable = told

    def _take_tolerances(self, tolerances, _documents):
        rows = [
            Command.create(
                {"currency_id": self._found("res.currency", "currency", name, name=name).id, "amount": float(amount)}
            )
            for name, amount in tolerances.items()
        ]
        self.tolerance_ids = [Command.clear(), *rows]
