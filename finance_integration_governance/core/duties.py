"""Segregation of duties: what one person may do, and which of it nobody should be able to do alone."""

ROLES = {
    "propose": "Proposes changes",
    "approve": "Approves",
    "operate": "Operates",
    "administer": "Administers",
    "audit": "Audits",
    "prepare": "Prepares payments",
    "release": "Releases payments",
    "grant": "Grants rights",
    "technical": "Technical settings",
}
# Whoever holds both could carry something through alone, or judge what they did themselves.
CONFLICTS = (
    ("approve", "propose"),
    ("approve", "operate"),
    ("approve", "administer"),
    ("approve", "grant"),
    ("approve", "technical"),
    ("audit", "propose"),
    ("audit", "operate"),
    ("audit", "administer"),
    ("audit", "approve"),
    ("audit", "grant"),
    ("audit", "technical"),
    ("prepare", "approve"),
    ("prepare", "release"),
    ("approve", "release"),
    ("audit", "prepare"),
    ("audit", "release"),
    ("release", "administer"),
    ("prepare", "grant"),
    ("release", "grant"),
    ("release", "technical"),
    ("propose", "grant"),
    ("propose", "technical"),
)


def conflicts(roles):
    """The pairs of `CONFLICTS` that somebody with these roles holds, in the order of the table."""
    return [pair for pair in CONFLICTS if set(pair) <= set(roles)]


def told(pairs):
    """Pairs as one text, empty where there are none."""
    return "; ".join(f"{one} + {other}" for one, other in pairs)


def together(people):
    """Logins of one person united: `people` yields (person, login, roles); gives person -> (logins, roles)."""
    found = {}
    for person, login, roles in people:
        logins, held = found.setdefault(person, ([], set()))
        logins.append(login)
        held.update(roles)
    return found
