"""Proposals for gaps in a crosswalk, by likeness of code and name. A proposal is never more than that."""

from dataclasses import dataclass

from rapidfuzz import fuzz, process, utils
from rapidfuzz.distance import JaroWinkler

LEAST = 60  # percent; below that nobody would call it alike
_CODE, _NAME = 0.6, 0.4


@dataclass(frozen=True)
class Proposal:
    """`because`: the code that is alike and maps to this target; `score` in percent."""

    target: str
    score: int
    because: str
    label: str | None = None


def proposals(code, name, known, limit=3):
    """The best targets for an unmapped code, best first. `known`: (code, name, target, label) that map already."""
    known = list(known)
    by_code = _scores(code, [row[0] for row in known], _alike)
    by_name = _scores(name or "", [row[1] or row[3] or "" for row in known], fuzz.token_set_ratio)
    best = {}
    for place, (known_code, _name, target, label) in enumerate(known):
        score = _together(by_code[place], by_name[place])
        if score >= LEAST and score > best.get(target, Proposal("", -1, "")).score:
            best[target] = Proposal(target, round(score), known_code, label)
    return sorted(best.values(), key=lambda one: (-one.score, one.target))[:limit]


def _together(by_code, by_name):
    """Without a name on one side the codes alone decide, and the other way round."""
    if by_code is None or by_name is None:
        return by_code or by_name or 0
    return by_code * _CODE + by_name * _NAME


def _scores(text, choices, scorer):
    """A score in percent for each choice; None where there is nothing to compare."""
    scores = [None] * len(choices)
    if text.strip():
        for choice, score, place in process.extract(
            text, choices, scorer=scorer, processor=utils.default_process, limit=None
        ):
            scores[place] = float(score) if choice.strip() else None
    return scores


def _alike(one, other, **options):
    """Codes are built from the left: what they begin with counts more."""
    return JaroWinkler.normalized_similarity(one, other, **options) * 100
