"""Records that may be one: by what identifies them, and by name and address that are alike. Nothing is merged here."""

from collections import defaultdict
from dataclasses import dataclass

from rapidfuzz import fuzz, utils

ALIKE = 88  # percent of name and address together; below that people call them two
_BLOCK = 3  # characters of name by which records are put side by side
_MOST = 400  # records in a block: more of them say nothing by being alike


@dataclass(frozen=True)
class Party:
    """One record. `changed`: when it was last written, as sortable text; `used`: how often something refers to it."""

    id: int
    name: str = ""
    vat: str = ""
    ibans: tuple = ()
    email: str = ""
    address: str = ""
    country: str = ""
    changed: str = ""
    used: int = 0


@dataclass(frozen=True)
class Group:
    """Records that may be one, in order of their ids, and why: vat, iban, email, alike."""

    ids: tuple
    reasons: tuple
    score: int = 100


def bare(text):
    """An identifier without what people put into it: spaces, dots, dashes, case."""
    return "".join(char for char in text or "" if char.isalnum()).upper()


def groups(parties):
    """Every pair that may be one, drawn together where pairs share a record; each record is in one group at most."""
    parties = list(parties)
    pairs = defaultdict(dict)
    for reason, keys in (("vat", _vat), ("iban", _ibans), ("email", _email)):
        for one, other in _sharing(parties, keys):
            pairs[one, other][reason] = 100
    for one, other, score in _alike(parties):
        pairs[one, other]["alike"] = score
    return _together(pairs)


def _vat(party):
    # A country in front of a number that says nothing else is no number.
    return [bare(party.vat)] if len(bare(party.vat)) > 4 else []


def _ibans(party):
    return [bare(iban) for iban in party.ibans if len(bare(iban)) > 4]


def _email(party):
    return [party.email.strip().lower()] if "@" in party.email else []


def _sharing(parties, keys):
    by_key = defaultdict(list)
    for party in parties:
        for key in keys(party):
            by_key[key].append(party.id)
    for ids in by_key.values():
        first = min(ids)
        yield from ((first, other) for other in sorted(set(ids) - {first}))


def _alike(parties):
    """Pairs in one country whose names begin alike, by name and address together; different numbers are two."""
    blocks = defaultdict(list)
    for party in parties:
        name = utils.default_process(party.name)
        if len(name) >= _BLOCK:
            blocks[party.country, name[:_BLOCK]].append((party, name, utils.default_process(party.address)))
    for block in blocks.values():
        for place, (one, name, address) in enumerate(block[:_MOST]):
            for other, other_name, other_address in block[place + 1 : _MOST]:
                score = _score(name, other_name, address, other_address)
                if score >= ALIKE and not _differ(one, other):
                    yield min(one.id, other.id), max(one.id, other.id), round(score)


def _score(name, other_name, address, other_address):
    by_name = fuzz.token_sort_ratio(name, other_name)
    if not address or not other_address:
        # A name alone has to be as good as the same.
        return by_name if by_name >= 97 else 0
    return 0.6 * by_name + 0.4 * fuzz.token_sort_ratio(address, other_address)


def _differ(one, other):
    return bool(one.vat and other.vat and bare(one.vat) != bare(other.vat))


def _together(pairs):
    of = {}
    for one, other in sorted(pairs):
        joined = of.get(one, {one}) | of.get(other, {other})
        for member in joined:
            of[member] = joined
    found = {}
    for (one, _other), reasons in pairs.items():
        ids = tuple(sorted(of[one]))
        known = found.setdefault(ids, {})
        for reason, score in reasons.items():
            known[reason] = max(score, known.get(reason, 0))
    order = ("vat", "iban", "email", "alike")
    return [
        Group(ids, tuple(r for r in order if r in reasons), max(reasons.values()))
        for ids, reasons in sorted(found.items())
    ]


def survivor(parties):
    """The record that the others are merged into: the one that most refers to, else the oldest."""
    return min(parties, key=lambda party: (-party.used, party.id))


def surviving(values, keep):
    """Of (record id, value, when changed) the one to keep: the survivor's own, else the one that was changed last."""
    told = [row for row in values if row[1] not in (None, False, "", ())]
    own = [row for row in told if row[0] == keep]
    return (own or sorted(told, key=lambda row: (row[2], -row[0]), reverse=True) or [(keep, None, "")])[0]
