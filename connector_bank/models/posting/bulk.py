"""Many statement lines at once: what Odoo's own `create` does line by line is done once for the whole chunk.

The records are made by Odoo's `create`, with every override of every addon around it. Only what stands in STANDS_IN
does something else while a chunk is posted, and only there: each takes the same decision as the method below it, once
instead of once a line. docs/decisions/posting-is-the-orm-in-chunks.md says what was measured.
"""

import logging

from odoo.tools import reset_cached_properties

_logger = logging.getLogger(__name__)

KEY = "fin_bulk"
# Addons whose methods were read before ours were put in front of them. Any other one makes the chunk stock's.
KNOWN = ("account", "analytic", "mail", "finance_integration_governance", "connector_bank")
STANDS_IN = {
    "account.move": ("write", "_get_next_sequence_format", "_check_company"),
    "account.move.line": ("_inverse_analytic_distribution", "_check_company"),
    "account.bank.statement.line": ("_synchronize_from_moves", "_check_company"),
    "account.bank.statement": (
        "_compute_first_line_index",
        "_compute_date",
        "_compute_balance_end",
        "_compute_is_complete",
        "_compute_journal_id",
    ),
    "account.analytic.distribution.model": ("_get_distribution",),
}
# Environments that Odoo makes and drops for each amount and each check of a line; held, they are made once a chunk.
_OFTEN = (
    {"prefetch_fields": False},
    {"prefetch_fields": False, "is_statement_line": True},
    {"prefetch_fields": False, "is_statement_line": True, "skip_is_manually_modified": True},
    {"prefetch_fields": False, "is_statement_line": True, "skip_account_move_synchronization": True},
    {"prefetch_fields": False, "bin_size": False},
    {"bin_size": False},
    {"bin_size": False, "is_statement_line": True},
    {"active_test": False, "is_statement_line": True},
)


class Bulk:
    """What is remembered while one chunk is posted. It travels in the context, where no client can put an object."""

    def __init__(self):
        self.formats = {}  # (journal, day) -> how the next name is written
        self.distributions = {}  # arguments -> analytic distribution
        self.companies = set()  # what was found to belong to one company
        self.linked = []  # moves that wait to hear that their line is there
        self.told = None  # values -> moves, while lines tell their moves


def bulk_of(env):
    """The chunk that is being posted, or None."""
    found = env.context.get(KEY)
    return found if isinstance(found, Bulk) else None


def create_lines(lines, vals_list, wanted=True):
    """Make these statement lines, posted, and write them out; like stock's `create`, in the same order."""
    if not wanted or strangers(lines.env):
        made = lines.create(vals_list)
        lines.env.flush_all()
        return made
    at_once = lines.with_context(**{KEY: Bulk()})
    held = [at_once.sudo().with_context(**context).env for context in _OFTEN]  # sudo: held only, nothing is done there
    made = at_once.create(vals_list)
    # What is computed at the flush belongs to the chunk as well.
    at_once.env.flush_all()
    del held
    _drop_environments(at_once.env)
    return made.with_env(lines.env)


def _drop_environments(env):
    """Those of a chunk that is over are not found again, its context was its own; but Odoo looks through all that the
    garbage collector has left whenever it makes one, so that each chunk would be slower than the one before. What they
    remember of the chunk goes with them, as when Odoo resets a transaction.
    """
    bulk, known = bulk_of(env), env.transaction.envs
    for one in [one for one in known if bulk_of(one) is bulk]:
        known.discard(one)
        reset_cached_properties(one)


def strangers(env):
    """Names of methods that some addon extends without our knowing what it does there."""
    found = [
        f"{name}.{method} ({where})"
        for name, methods in STANDS_IN.items()
        for method in methods
        for where in _where(env[name], method)
    ]
    if found:
        _logger.info("Statement lines are posted by stock Odoo: %s", ", ".join(found))
    return found


def _where(model, method):
    """Where a method is defined that we have not read: in another addon, or patched onto the model."""
    for cls in type(model).__mro__:
        if method in vars(cls) and (cls is type(model) or not _is_known(cls)):
            yield cls.__module__


def _is_known(cls):
    parts = cls.__module__.split(".")
    return parts[:2] == ["odoo", "orm"] or (parts[:2] == ["odoo", "addons"] and parts[2] in KNOWN)


def one_of_each(records):
    """Of records that are tied to the same others and the same company, one: what holds for it holds for all.

    What they are tied to among themselves (a line to its entry) has its company from it, and is left out.
    """
    bulk = bulk_of(records.env)
    if bulk is None:
        return records
    tied = [field for field in records._fields.values() if _is_outside(field)]
    kept = []
    for record in records.sudo():  # sudo: compared only, as the check itself does
        key = (records._name, record.company_id.id, *(record[field.name]._ids for field in tied))
        if key not in bulk.companies:
            bulk.companies.add(key)
            kept.append(record.id)
    return records.browse(kept)


def _is_outside(field):
    made = ("account.move", "account.move.line", "account.bank.statement.line")
    return field.relational and field.check_company and field.comodel_name not in made
