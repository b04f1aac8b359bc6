from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

EVIDENCE = ("fin.item", "fin.payload", "fin.exception")


class PrivacyLookupWizard(models.TransientModel):
    """A look-up finds items, files and exceptions, too, in the companies of whoever asks."""

    _inherit = "privacy.lookup.wizard"

    has_evidence = fields.Boolean(compute="_compute_has_evidence")

    def _compute_has_evidence(self):
        for wizard in self:
            wizard.has_evidence = any(line.is_evidence for line in wizard.line_ids)

    def _get_query_models_blacklist(self):
        # These are looked for below, by what they say and not by their columns.
        return [*super()._get_query_models_blacklist(), *EVIDENCE]

    def _get_query(self):
        query = super()._get_query()
        for model, ids in self._fin_found().items():
            if ids:
                model_id = self.env["ir.model"]._get_id(model)
                query = SQL(
                    """%s UNION ALL SELECT %s AS res_model_id, id AS res_id, TRUE AS is_active
                    FROM unnest(%s::int[]) AS found(id)""",
                    query,
                    model_id,
                    ids,
                )
        return query

    def _fin_terms(self):
        return [term for term in (self.name.strip(), self.email.strip()) if len(term) > 2]

    def _fin_found(self):
        """model -> ids, as a subject request for the same words would find them; no request is made."""
        found, terms = {model: [] for model in EVIDENCE}, self._fin_terms()
        for company in self.env.companies if terms else ():
            # sudo: the look-up tells that there is something, not what; reading it is asked for record by record
            requests = self.env["fin.subject.request"].sudo()
            sought = requests.new({"company_id": company.id, "terms": "\n".join(terms)})
            items = sought._items()
            for records in (items, sought._payloads(items), sought._exceptions()):
                found[records._name] += records.ids
        return found

    def action_fin_subject_request(self):
        """One request for each company in which something was found, opened; erasing takes a second person there."""
        self.ensure_one()
        requests = self.env["fin.subject.request"]
        for company in self._fin_companies():
            requests |= requests._open_for(self._fin_terms(), company)
        if not requests:
            raise UserError(self.env._("Flows keep nothing of this person."))
        action = {"type": "ir.actions.act_window", "res_model": requests._name, "view_mode": "list,form"}
        action |= {"name": self.env._("Data Subject Requests"), "domain": [("id", "in", requests.ids)]}
        return {**action, "view_mode": "form", "res_id": requests.id} if len(requests) == 1 else action

    def _fin_companies(self):
        found = self.env["res.company"]
        for line in self.line_ids.filtered("is_evidence"):
            # sudo: which company it is; what stands there is read with the user's own rights
            found |= self.env[line.res_model].sudo().browse(line.res_id).exists().company_id
        return found & self.env.companies


class PrivacyLookupWizardLine(models.TransientModel):
    """What is evidence is neither deleted nor archived from here: a subject request erases it, by two persons."""

    _inherit = "privacy.lookup.wizard.line"

    is_evidence = fields.Boolean(compute="_compute_is_evidence")

    def _compute_is_evidence(self):
        mixin = self.env.registry["fin.evidence.mixin"]
        for line in self:
            model = self.env.registry.get(line.res_model)
            line.is_evidence = bool(model) and issubclass(model, mixin)

    def action_unlink(self):
        self.ensure_one()
        if self.is_evidence:
            raise UserError(
                self.env._(
                    "%s is evidence: open a data subject request, which erases it by two persons.", self.res_name
                )
            )
        return super().action_unlink()

    def action_unlink_all(self):
        """All but evidence, which waits for its request."""
        mine = self.filtered(lambda line: not line.is_evidence)
        return super(PrivacyLookupWizardLine, mine).action_unlink_all()

    def action_fin_subject_request(self):
        self.ensure_one()
        return self.wizard_id.action_fin_subject_request()
