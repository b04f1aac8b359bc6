"""The authority matrix at the edge of a closed list of models: whoever writes there, by whatever door, is asked first.

RPC, the web client, imports, buttons and `sudo` all come through `create`, `write` and `unlink` here, and carry the
person. What Odoo does by itself (its own user, while it installs or updates) is not asked.
"""

from odoo import SUPERUSER_ID, api, models
from odoo.exceptions import UserError

from ...core.authority import EVERY, decide
from ...core.authority_entities import BY_MODEL
from ...core.errors import AuthorityConflict
from ..authority_writer import Person, rule_for, run_writer, told, wanted

_MERGE = object()  # in the context of a merge that two persons have agreed on


def as_merge(records):
    """The same records, written as two persons have agreed."""
    return records.with_context(fin_merge=_MERGE)


def _touched(vals, writer, governed):
    """The fields of these values that some company's rule gives to somebody else than this writer."""
    return [
        name for name in vals if any(name in rules and not rules[name].admits(writer) for rules in governed.values())
    ]


class _Guarded:
    """Asks before it writes. Where no rule is made for the model this costs a look into a mapping, and no query."""

    __slots__ = ()

    @api.model_create_multi
    def create(self, vals_list):
        warned = self._fin_judge_new(vals_list)
        records = super().create(vals_list)
        if warned:
            records._fin_tell_warned(warned)
        return records

    def write(self, vals):
        warned = self._fin_judge(vals)
        done = super().write(vals)
        if warned:
            self._fin_tell_warned(warned)
        return done

    def unlink(self):
        # To delete a record is to overrule whoever owns it as a whole; afterwards there is nothing to say it on.
        warned = self._fin_judge({EVERY: True}, "unlink")
        if warned:
            self._fin_tell_warned(warned)
        return super().unlink()

    # Asking

    def _fin_asked(self):
        """(who writes, company -> field -> rule), or None where nobody has to be asked."""
        writer = run_writer(self.env)
        if writer:
            governed = writer.governed(self._fin_entity().name, self._fin_entity().kinds[0])
        elif self.env.uid == SUPERUSER_ID or self.env.context.get("fin_merge") is _MERGE:
            return None
        else:
            governed = self.env["fin.policy"]._governed().get(self._name)
        return (writer or Person(self.env.user), governed) if governed else None

    def _fin_judge(self, vals, operation="write"):
        """Whoever is not admitted may write what is there already; returns what is to be warned of."""
        asked = self._fin_asked()
        names = asked and _touched(vals, *asked)
        if not names:
            return None
        self.check_access(operation)
        warned = {}
        for record in self:
            for name in names:
                record._fin_meet(asked, name, record._fin_old(name), vals, warned)
        return warned

    def _fin_judge_new(self, vals_list):
        asked, warned = self._fin_asked(), {}
        closed = asked and {*_touched({name for rules in asked[1].values() for name in rules}, *asked)}
        brought = self._fin_brought() if closed else {}
        for vals in vals_list if closed else ():
            said = {**brought, **vals, EVERY: True}
            names = self._fin_news(said, [name for name in said if name in closed], brought)
            record = self.new({self._fin_entity().home: self._fin_home_of(vals)} if names else {})
            for name in names:
                record._fin_meet(asked, name, None, said, warned)
        return warned

    def _fin_brought(self):
        """Defaults that are not Odoo's: those of a client's context, and those that somebody keeps for themselves."""
        mine = self.env["ir.default"]._get_model_defaults(self._name)
        everybodys = self.env["ir.default"].with_user(SUPERUSER_ID)._get_model_defaults(self._name)
        own = {name: value for name, value in mine.items() if everybodys.get(name) != value}
        sent = {key: value for key, value in self.env.context.items() if key.startswith("default_")}
        return {**own, **{key.removeprefix("default_"): value for key, value in sent.items()}}

    def _fin_news(self, said, names, brought):
        """What is told of these fields beyond what Odoo proposes by itself; where a record is made is no news."""
        proposed = self.default_get([name for name in names if name not in brought])
        told_there = [name for name in names if name in brought or proposed.get(name) != said[name]]
        return [name for name in told_there if name != self._fin_entity().home]

    def _fin_entity(self):
        return BY_MODEL[self._name]

    def _fin_companies(self):
        """Codes of the companies whose record this is, each before those above it."""
        # sudo: whose rules hold does not depend on who may see the company
        home = self.sudo()[self._fin_entity().home]
        return [company.fin_code for one in home for company in reversed(one.parent_ids)]

    def _fin_noted_on(self):
        """Whose chatter says that somebody was warned."""
        return self

    def _fin_home_of(self, vals):
        home = self._fin_entity().home
        return vals[home] if home in vals else self.default_get([home]).get(home)

    def _fin_old(self, name):
        # sudo: compared only, never shown
        return told(self.sudo(), name) if name in self._fields else None

    def _fin_new(self, name, vals):
        # sudo: compared only
        return wanted(self.sudo(), name, vals[name]) if name in self._fields else vals[name]

    # Answering

    def _fin_meet(self, asked, name, old, vals, warned):
        """Raise, note what is to be warned of, or let it pass."""
        writer, governed = asked
        rule = rule_for(name, governed, self._fin_companies())
        decision = decide(rule, writer, old, self._fin_new(name, vals), self._fin_named(name))
        if decision.verdict == "allow":
            return
        if writer.is_flow:
            self._fin_stop_flow(decision, rule, writer, name)
        elif decision.verdict == "warn":
            warned.setdefault(name, (decision, []))[1].append(self.id)
        else:
            self._fin_refused(decision, name)
            raise UserError(self._fin_words(decision))

    def _fin_stop_flow(self, decision, rule, writer, name):
        """What the map stage did not see: an object that writes more than it told, or books that moved meanwhile."""
        run = self.env["fin.run"].sudo().browse(writer.run_id)  # sudo: the suite's own rows
        if not self.env["fin.conflict"]._is_waived(run, self._name, self.id, name):
            raise AuthorityConflict(decision.sentence, entity=rule.entity, field=name, system=rule.system_name)

    def _fin_named(self, name):
        label = self.env._("every field") if name == EVERY else self._fields[name].string
        return f"{self._fin_entity().label}, {label}"

    def _fin_words(self, decision):
        facts = decision.facts
        if decision.code == "not_by_you":
            return self.env._("In Odoo, %(what)s is changed by %(writers)s only: ask %(steward)s.", **facts)
        return self.env._(
            "%(system)s is the system of record for %(what)s: change it there, by %(steward)s. "
            "It comes to Odoo from there.",
            **facts,
        )

    def _fin_refused(self, decision, name):
        """A refused attempt is evidence too, and must outlive the refusal's rollback."""
        with self.env.registry.cursor() as cr:
            self._fin_log(self.env(cr=cr), "fin.authority.refused", decision, name, self.ids)

    def _fin_log(self, env, code, decision, name, ids):
        facts = {"field": name, "why": decision.code, "system": decision.facts["system"], "count": len(ids)}
        key = f"{self._name}/{ids[0]}" if len(ids) == 1 else self._name
        env["fin.audit.event"]._append(code, "fin.authority", key, self.env.company, facts)

    def _fin_tell_warned(self, warned):
        """Say it to the person, on the record, and in the log; the write stands."""
        for name, (decision, ids) in warned.items():
            records = self.browse([i for i in ids if i]) or self
            text = self._fin_words(decision)
            self._fin_log(self.env, "fin.authority.warned", decision, name, records.ids)
            # sudo: the note is the suite's, whoever wrote the record
            noted = records.sudo()._fin_noted_on()
            noted._message_log_batch(bodies=dict.fromkeys(noted.ids, text))
            title = self.env._("Not the system of record")
            self.env.user._bus_send("simple_notification", {"type": "warning", "title": title, "message": text})


class AccountAccount(_Guarded, models.Model):
    _inherit = "account.account"


class ResPartner(_Guarded, models.Model):
    _inherit = "res.partner"


class ResPartnerBank(_Guarded, models.Model):
    _inherit = "res.partner.bank"


class AccountAnalyticAccount(_Guarded, models.Model):
    _inherit = "account.analytic.account"


class AccountTax(_Guarded, models.Model):
    _inherit = "account.tax"


class AccountJournal(_Guarded, models.Model):
    _inherit = "account.journal"


class ResCurrencyRate(_Guarded, models.Model):
    _inherit = "res.currency.rate"

    def _fin_noted_on(self):
        """Rates have no chatter of their own."""
        return self.company_id.partner_id


class AccountBankStatementLine(_Guarded, models.Model):
    _inherit = "account.bank.statement.line"

    def _fin_noted_on(self):
        return self.move_id

    def _fin_home_of(self, vals):
        """A line belongs to the company of its journal."""
        # sudo: whose rules hold does not depend on who may see the journal
        journal = self.env["account.journal"].sudo().browse(vals.get("journal_id"))
        return journal.company_id.id or super()._fin_home_of(vals)
