"""Which pattern of integration fits a flow, and how often it should run, with the reasons in words.

Five criteria are scored from 1 (little) to 5 (much); the timing says how soon the data are needed. Rules are read from
the top, the first that fits decides, and each says why. They advise: a person may choose otherwise and says why.
"""

from dataclasses import dataclass

CRITERIA = {
    "criticality": "Business criticality",
    "control": "Control sensitivity",
    "change": "Change frequency",
    "volume": "Transaction volume",
    "extensibility": "Future extensibility",
}
TIMINGS = [
    ("minutes", "Within minutes"),
    ("hours", "Within hours"),
    ("day", "By the next day"),
    ("period", "When the period is checked"),
]
PATTERNS = [
    ("direct_api", "Direct API"),
    ("middleware", "Middleware-led"),
    ("event_driven", "Event-driven"),
    ("data_hub", "Data hub"),
]
SYNCS = [
    ("near_real_time", "Near real-time"),
    ("intraday_batch", "Intraday batch"),
    ("daily_batch", "Daily batch"),
    ("batch_after_checkpoint", "Batch after checkpoint"),
    ("event_with_approval", "Event-driven with approval"),
]
HIGH = 4

_PATTERN_RULES = (
    (
        "data_hub",
        lambda s: s["volume"] >= HIGH and s["extensibility"] >= HIGH,
        "large volumes that more systems will want later are stored once and read by all",
    ),
    (
        "event_driven",
        lambda s: s["timing"] == "minutes" and s["volume"] < HIGH,
        "few facts that are needed within minutes travel when they happen",
    ),
    (
        "middleware",
        lambda s: s["extensibility"] >= HIGH or (s["change"] >= HIGH and s["control"] >= HIGH),
        "systems that come and go, or rules that change often under strict control, are kept in one place between them",
    ),
    ("direct_api", lambda s: True, "two systems that rarely change need nothing between them that can fail"),
)
_SYNC_RULES = (
    (
        "batch_after_checkpoint",
        lambda s: s["timing"] == "period",
        "the figures are needed once the period is checked, so they leave after its checkpoint is signed",
    ),
    (
        "event_with_approval",
        lambda s: s["timing"] == "minutes" and s["control"] >= HIGH,
        "it is urgent and sensitive: each event starts at once and waits for a person's yes",
    ),
    (
        "intraday_batch",
        lambda s: s["timing"] == "minutes" and s["volume"] >= HIGH,
        "so many facts within minutes are carried together, several times a day, so that their totals can be proved",
    ),
    (
        "near_real_time",
        lambda s: s["timing"] == "minutes",
        "it is needed within minutes, and no person has to say yes",
    ),
    (
        "intraday_batch",
        lambda s: s["timing"] == "hours",
        "several batches a day are soon enough, and each ties",
    ),
    (
        "batch_after_checkpoint",
        lambda s: s["control"] == 5 and s["criticality"] >= HIGH,
        "so much hangs on the figures that they leave only after somebody has signed their checkpoint",
    ),
    ("daily_batch", lambda s: True, "by the next day is soon enough, and one batch a day is the easiest to prove"),
)


@dataclass(frozen=True)
class Recommendation:
    pattern: str
    sync: str
    reasons: tuple


def recommend(scores):
    """The `Recommendation` for the five scores and the timing; None where one of them is missing or out of range."""
    complete = all(scores.get(name) in range(1, 6) for name in CRITERIA) and scores.get("timing") in dict(TIMINGS)
    if not complete:
        return None
    pattern, why = _first(_PATTERN_RULES, scores)
    sync, when = _first(_SYNC_RULES, scores)
    reasons = (f"{dict(PATTERNS)[pattern]}: {why}.", f"{dict(SYNCS)[sync]}: {when}.", _weight(scores))
    return Recommendation(pattern, sync, tuple(reason for reason in reasons if reason))


def _first(rules, scores):
    return next((choice, why) for choice, fits, why in rules if fits(scores))


def _weight(scores):
    """What stands out of the scores, whatever was chosen."""
    high = [words.lower() for name, words in CRITERIA.items() if scores[name] >= HIGH]
    return f"What weighs most here: {', '.join(high)}." if high else None


def unjustified(assistant):
    """The choices that differ from what is recommended without anybody having said why; plain mapping in, names out."""
    advised = recommend(assistant.get("scores", {}))
    if not advised or (assistant.get("justification") or "").strip():
        return []
    return [
        name
        for name in ("pattern", "sync")
        if assistant.get("chosen", {}).get(name, getattr(advised, name)) != getattr(advised, name)
    ]
