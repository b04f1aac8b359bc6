"""The exception desk's plain rules: who acts on a cause, and whose desk it comes to."""

from decimal import Decimal

RETRIED, FINANCE, ROLLBACK, ADMINISTRATOR, DEVELOPER = ROUTES = (
    "retried",
    "finance",
    "rollback",
    "administrator",
    "developer",
)
# What the target holds is not what was handed over: what stands there may have to be taken back.
TO_ROLL_BACK = frozenset({"not_tied", "partly_arrived"})
_BY_FAMILY = {"transient": RETRIED, "configuration": ADMINISTRATOR, "unexpected": DEVELOPER}


def route(family, code):
    """Who acts on a cause.

    >>> route("data", "unknown_account"), route("data", "not_tied"), route("transient", "conflict")
    ('finance', 'rollback', 'retried')
    """
    return ROLLBACK if code in TO_ROLL_BACK else _BY_FAMILY.get(family, FINANCE)


def assigned(rules, facts, amount=None):
    """The login that the first fitting rule names, or None. `facts`: flow, process and code of the case.

    A rule that names an amount fits from that amount on, and never where no amount is known.

    >>> rules = [{"from": "1000", "login": "head"}, {"code": "unknown_account", "login": "clerk"}]
    >>> assigned(rules, {"code": "unknown_account"}, Decimal(5))
    'clerk'
    >>> assigned(rules, {"code": "unknown_account"}, Decimal(1000))
    'head'
    """
    return next((rule["login"] for rule in rules if _fits(rule, facts, amount)), None)


def _fits(rule, facts, amount):
    if any(rule.get(name) not in (None, facts.get(name)) for name in ("flow", "process", "code")):
        return False
    return rule.get("from") is None or (amount is not None and amount >= Decimal(rule["from"]))
