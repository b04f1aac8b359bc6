"""How far a payment has come, as its bank tells it in any order and any number of times.

What is told of a payment only ever adds to what is known. `after` joins the two, and a join does not depend on order:

    sent - accepted - settled
        \\          \\        \\
         rejected ----------- returned

A payment that was settled and is rejected came back: it is returned, whichever of the two was read first.
"""

# What a code says of one payment. PART says something of the others only; codes that are not here say nothing.
MEANS = {
    "RCVD": "accepted",
    "PDNG": "accepted",
    "ACTC": "accepted",
    "ACCP": "accepted",
    "ACFC": "accepted",
    "ACSP": "accepted",
    "ACWC": "accepted",
    "ACWP": "accepted",
    "ACSC": "settled",
    "ACCC": "settled",
    "RJCT": "rejected",
    "CANC": "rejected",
    # What a statement says: the line is booked, or the money is back.
    "BOOK": "settled",
    "RTRN": "returned",
}
# What each state holds to be true; two states together hold what both hold.
_HOLDS = {
    "sent": 0b000,
    "accepted": 0b001,
    "settled": 0b011,
    "rejected": 0b101,
    "returned": 0b111,
}
_STATE = {held: state for state, held in _HOLDS.items()}
# Before a payment left nothing can be true of it, and what was dropped never leaves.
_BEFORE = ("planned", "ready", "dropped")
FINAL = ("settled", "rejected", "returned", "dropped")


def after(state, told):
    """The state of a payment of this state after a bank said this code of it.

    >>> after("sent", "ACTC"), after("settled", "PDNG"), after("settled", "RJCT"), after("accepted", "PART")
    ('accepted', 'settled', 'returned', 'accepted')
    """
    means = MEANS.get(told)
    if means is None or state in _BEFORE:
        return state
    return _STATE[_HOLDS[state] | _HOLDS[means]]


def contradicts(state, told):
    """Whether the bank takes back what it said: a rejected payment that is settled after all. A person has to look."""
    return state == "rejected" and MEANS.get(told) == "settled"


def of_batch(states):
    """What the states of its payments make of a batch that has left: sent, accepted, partly, settled or rejected."""
    states = set(states) - {"dropped"}
    if not states or states & set(_BEFORE):
        return "sent"
    failed = states & {"rejected", "returned"}
    if failed:
        return "rejected" if states == failed else "partly"
    if states == {"settled"}:
        return "settled"
    return "sent" if "sent" in states else "accepted"
