"""Who is about to write, and what the fields that rules govern hold and would hold."""

from functools import cached_property

from ..core.authority import FlowWriter, read

KEY = "fin_flow_writer"  # in the context of a run; clients can send a context, but not this object


class Person:
    """Whoever is logged in, behind `sudo` too."""

    is_flow = False

    def __init__(self, user):
        self.user = user

    def holds(self, name):
        sort, _colon, code = name.partition(":")
        return code == self.user.login if sort == "user" else sort == "group" and self.user.has_group(code)


class RunWriter(FlowWriter):
    """A flow in a run, with the rules that its version has pinned: company code -> matrix."""

    def __init__(self, code, system, owner, run_id, digest, document):
        super().__init__(code, system, owner)
        vars(self).update(run_id=run_id, digest=digest, document=document)

    # Environments with equal contexts are one: a run on another version must not be taken for this one.

    def __eq__(self, other):
        return isinstance(other, RunWriter) and (self.run_id, self.digest) == (other.run_id, other.digest)

    def __hash__(self):
        return hash((self.run_id, self.digest))

    @cached_property
    def matrices(self):
        told = self.document.get("authority", {})
        return {company: read(rules) for company, rules in told.items()}

    def governed(self, entity, kind="master"):
        """company -> field -> rule, as the version has pinned them."""
        told = {company: matrix.by_field(entity, kind) for company, matrix in self.matrices.items()}
        return {company: rules for company, rules in told.items() if rules}


def rule_for(name, governed, companies):
    """The rule that holds for a field of a record of these companies (codes), the nearest first.

    What belongs to no company is everybody's: every company's rules hold, a strict one before one that warns.
    """
    near = [governed[code] for code in companies if code in governed] if companies else governed.values()
    found = [rules[name] for rules in near if name in rules]
    return next((rule for rule in found if companies or rule.edit == "refuse"), found[0] if found else None)


def run_writer(env):
    """The run that writes in this environment, or None where a person does."""
    writer = env.context.get(KEY)
    return writer if isinstance(writer, RunWriter) else None


def told(record, name):
    """What the record holds in the field, as the cache spells it."""
    return wanted(record, name, record[name])


def wanted(record, name, value):
    """What the field would hold after this write, spelled the same way; whether it may is Odoo's to say."""
    return record._fields[name].convert_to_cache(value, record, validate=False)


def in_words(record, name, value):
    """A cached value as a person reads it."""
    known = record._fields.get(name)
    if value is None or value is False or known is None:
        return value
    if known.relational:
        ids = value if isinstance(value, tuple) else (value,)
        return ", ".join(record.env[known.comodel_name].browse([i for i in ids if i]).mapped("display_name"))
    return value
