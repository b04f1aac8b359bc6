"""What a flow's document says about itself beyond its mechanics, and which refusals follow. Plain mappings."""

PROCESSES = [
    ("record_to_report", "Record to report"),
    ("procure_to_pay", "Procure to pay"),
    ("order_to_cash", "Order to cash"),
    ("treasury", "Treasury"),
    ("planning", "Planning"),
    ("management_reporting", "Management reporting"),
    ("statutory_reporting", "Statutory reporting"),
]
CRITICALITIES = [("normal", "Normal"), ("high", "High"), ("critical", "Critical")]
QUESTIONS = {
    "trigger": "What triggers it?",
    "approvals": "Who approves?",
    "checks": "What is checked?",
    "exceptions": "Which exceptions are expected?",
    "reconciliation": "How is it reconciled?",
}
OWNER_GRACE_DAYS = 14
RECERTIFY_MONTHS = 12


def unanswered(register):
    """The questions, in words and in their order, that the register leaves without an answer."""
    answers = register.get("questions", {})
    return [words for name, words in QUESTIONS.items() if not (answers.get(name) or "").strip()]


def outside_region(register):
    """Why the data may not go to the register's system, in words; None where it may.

    A class without regions may go anywhere. Where a class is bound and nobody said where the system is, it may not.
    """
    allowed = register.get("data_class", {}).get("regions")
    if not allowed:
        return None
    code, country = register["data_class"]["code"], register.get("system", {}).get("country")
    if not country:
        return f"data of the class {code} may not leave its region, and nobody said where the system is"
    return None if country in allowed else f"data of the class {code} may not go to a system in {country}"


def entity(contract):
    """A contract's name without its version: a scope holds for all versions of it."""
    return contract.split("/")[0]


def not_in_scope(register, told):
    """(entity, field) pairs out of `told` (contract, field) that the approved scope does not name, sorted."""
    scope = register.get("scope", {})
    pairs = {(entity(contract), field) for contract, field in told}
    return sorted((name, field) for name, field in pairs if field not in scope.get(name, ()))
