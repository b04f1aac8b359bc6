import hashlib

import pytest

from odoo.addons.finance_integration_governance.core.sampling import population_digest, sample

NAMES = [f"RUN-{number:06}" for number in range(1, 1001)]


def by_hand(seed, names, size):
    """As docs/evidence-pack.md tells an auditor to do it."""
    digest = hashlib.sha256("".join(f"{name}\n" for name in sorted(names)).encode()).hexdigest()
    ranks = {name: hashlib.sha256(f"{seed}\n{digest}\n{name}".encode()).hexdigest() for name in names}
    return sorted(names, key=ranks.get)[:size]


@pytest.mark.parametrize("seed", ["1", "2026-Q1", "ü"])
def test_the_same_seed_and_population_give_the_same_sample(seed):
    drawn = sample(seed, population_digest(NAMES), iter(NAMES), 25)
    assert drawn == by_hand(seed, NAMES, 25)
    assert len(set(drawn)) == 25


def test_another_seed_or_another_population_gives_another_sample():
    drawn = sample("1", population_digest(NAMES), NAMES, 25)
    assert drawn != sample("2", population_digest(NAMES), NAMES, 25)
    assert drawn != sample("1", population_digest(NAMES[:-1]), NAMES[:-1], 25)


def test_a_larger_sample_holds_the_smaller_one():
    population = population_digest(NAMES)
    assert sample("1", population, NAMES, 60)[:25] == sample("1", population, NAMES, 25)


def test_a_sample_is_never_larger_than_its_population():
    assert sorted(sample("1", population_digest(NAMES[:3]), NAMES[:3], 25)) == NAMES[:3]


def test_every_record_is_drawn_about_as_often_as_another():
    counts = dict.fromkeys(NAMES[:10], 0)
    population = population_digest(NAMES[:10])
    for seed in range(2000):
        for name in sample(str(seed), population, NAMES[:10], 3):
            counts[name] += 1
    assert all(480 < count < 720 for count in counts.values()), counts


@pytest.mark.parametrize("names", [["b", "a"], ["a", "a"]])
def test_a_population_is_sorted_and_holds_each_record_once(names):
    with pytest.raises(ValueError, match="does not come after"):
        population_digest(names)
