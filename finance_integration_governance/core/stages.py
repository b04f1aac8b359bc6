"""The six stages of every run, in their order, both ways."""

EXTRACT, VALIDATE, MAP, GATE, DELIVER, RECONCILE = STAGES = (
    "extract",
    "validate",
    "map",
    "gate",
    "deliver",
    "reconcile",
)

OUTCOMES = ("delivered", "unchanged", "duplicate", "superseded", "skipped", "rejected", "held")

# The stages in which a run talks to the other side.
OUTSIDE = {"inbound": (EXTRACT,), "outbound": (DELIVER, RECONCILE)}


def rest(stage):
    """The stages still to go, this one included."""
    return STAGES[STAGES.index(stage) :]
