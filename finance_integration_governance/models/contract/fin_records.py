"""The records that a field map may look up: a closed list, by a key that people know."""

from typing import NamedTuple

from ...core.errors import ConfigurationError


class Record(NamedTuple):
    label: str
    model: str
    field: str


RECORDS = {
    "account": Record("Account, by code", "account.account", "code"),
    "analytic": Record("Analytic account, by reference", "account.analytic.account", "code"),
    "company": Record("Company, by code", "res.company", "fin_code"),
    "currency": Record("Currency, by code", "res.currency", "name"),
    "journal": Record("Journal, by code", "account.journal", "code"),
    "partner_ref": Record("Partner, by reference", "res.partner", "ref"),
    "partner_vat": Record("Partner, by VAT number", "res.partner", "vat"),
    "tax": Record("Tax, by name", "account.tax", "name"),
}
MAX_KNOWN = 20_000


def finder(env):
    """A function: kind of record -> function (text -> its key, None where not exactly one record has it).

    Records are read with the rights of the environment's user. What was found is remembered for one stage.
    """

    def of_kind(kind):
        record, known = RECORDS[kind], {}
        if not env[record.model].has_access("read"):
            raise ConfigurationError(f"{env.user.login} may not read {record.model}", code="no_access")

        def look(text):
            if text not in known:
                if len(known) >= MAX_KNOWN:
                    known.clear()
                found = env[record.model].search([(record.field, "=", text)], limit=2)
                known[text] = found[record.field] if len(found) == 1 else None
            return known[text]

        return look

    return of_kind
