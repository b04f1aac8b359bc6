"""Who paid: by account, by what was learned, by name. Several answers are no answer."""

from collections import defaultdict
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from .match_learn import payer_of, plain_name

SURE, LIKELY = 90, 80  # percent of a name; below that nobody would call it alike
_CERTAIN = ("account", "rule")


@dataclass(frozen=True, slots=True)
class Payer:
    """`how`: account, rule, learned, name (alike beyond doubt, one partner only), alike (perhaps), none."""

    how: str = "none"
    partners: tuple = ()
    name: str = ""

    @property
    def partner(self):
        return self.partners[0] if len(self.partners) == 1 else None

    @property
    def is_certain(self):
        """Whether a run may rely on it: one partner, by account, by an approved rule, or by a name that only it has."""
        return self.partner is not None and (self.how in _CERTAIN or self.how == "name")

    def contradicts(self, partner):
        """Whether the line comes from somebody else, as far as one can tell."""
        if self.how == "none" or partner is None:
            return False
        return partner not in self.partners and self.how != "alike"


class Payers:
    """Names of all who might pay, ready to be looked through."""

    def __init__(self, partners, learned):
        self.learned = learned
        self.by_name = defaultdict(list)
        for partner, name in partners.items():
            if spelled := plain_name(name):
                self.by_name[spelled].append(partner)
        self.names = list(self.by_name)
        self._known = {}

    def of(self, line):
        if line.partner is not None:
            return Payer("account", (line.partner,), line.name)
        told = self.learned.get(payer_of(line))
        if told and told.partner is not None:
            return Payer("rule" if told.name else "learned", (told.partner,), line.name)
        return self._by_name(line.name)

    def _by_name(self, name):
        spelled = plain_name(name)
        if spelled not in self._known:
            self._known[spelled] = self._look(spelled, name)
        return self._known[spelled]

    def _look(self, spelled, name):
        if len(spelled) < 3:
            return Payer()
        if spelled in self.by_name:  # letter by letter; who is nearly called so does not matter then
            partners = tuple(self.by_name[spelled])
            return Payer("name" if len(partners) == 1 else "alike", partners, name)
        found = process.extract(spelled, self.names, scorer=_alike, score_cutoff=LIKELY, limit=4)
        if not found:
            return Payer("none" if not self.names else "stranger", (), name)
        best = [one for one in found if one[1] >= SURE]
        partners = tuple(
            partner for spelled_as, _score, _place in best or found for partner in self.by_name[spelled_as]
        )
        return Payer("name" if len(partners) == 1 and best else "alike", partners, name)


def _alike(one, other, score_cutoff=0, **_options):
    """By the letters; banks cut long names, so a beginning of some length counts nearly as much."""
    score = fuzz.ratio(one, other)
    if score < SURE and min(len(one), len(other)) >= 8:
        score = max(score, 0.97 * fuzz.token_set_ratio(one, other) - (0 if len(one.split()) > 1 else 15))
    return score if score >= score_cutoff else 0
