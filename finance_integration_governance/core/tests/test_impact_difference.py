"""Two results of the same facts, compared."""

from decimal import Decimal

from odoo.addons.finance_integration_governance.core.canonical import canonical
from odoo.addons.finance_integration_governance.core.preview import SHOWN, Fate, compare


def fate(key="k", verdict="accepted", account="A", amount="10", **more):
    return Fate(key, verdict, account=account, currency="EUR", amount=Decimal(amount), **more)


def test_the_same_results_do_not_differ():
    told = {1: fate(), 2: fate("l", "rejected", reason="no")}
    found = compare(told, dict(told))
    assert found.is_none
    assert found.document()["totals"] == []
    assert (found.before["accepted"], found.after["rejected"]) == (1, 1)


def test_what_maps_elsewhere_moves_the_totals_of_both_accounts():
    found = compare({1: fate(), 2: fate("l", amount="5")}, {1: fate(account="B"), 2: fate("l", amount="5")})
    assert found.counts == {"elsewhere": 1}
    assert found.document()["totals"] == [
        {"account": "A", "currency": "EUR", "before": Decimal(15), "after": Decimal(5)},
        {"account": "B", "currency": "EUR", "before": Decimal(0), "after": Decimal(10)},
    ]
    assert found.document()["changed"] == [{"kind": "elsewhere", "key": "k", "before": "A", "after": "B"}]


def test_what_is_accepted_or_refused_now_is_told_with_its_reason():
    rejected = fate("k", "rejected", reason="contract_violation")
    assert compare({1: rejected}, {1: fate()}).counts == {"newly_accepted": 1}
    found = compare({1: fate()}, {1: rejected})
    assert found.counts == {"newly_refused": 1}
    assert found.document()["changed"][0]["after"] == "rejected: contract_violation"
    assert compare({1: rejected}, {1: fate("k", "held", reason="not_covered")}).counts == {"other_reason": 1}


def test_what_is_not_accepted_is_in_no_total():
    assert compare({}, {1: fate("k", "held")}).totals == {}


def test_items_that_only_one_side_has_are_told():
    assert compare({1: fate()}, {}).counts == {"gone": 1}
    assert compare({}, {1: fate()}).counts == {"new": 1}


def test_the_document_is_bounded_and_has_a_canonical_text():
    before = {n: fate(str(n)) for n in range(SHOWN + 50)}
    found = compare(before, {n: fate(str(n), account="B") for n in before})
    assert found.counts == {"elsewhere": SHOWN + 50}
    assert len(found.document()["changed"]) == SHOWN
    assert canonical(found.document())
