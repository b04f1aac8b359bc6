"""What banks tell of payments in any order and any number ends in one state."""

import doctest
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.connector_bank.core import payment_reasons, payment_status
from odoo.addons.connector_bank.core.payment_status import FINAL, MEANS, after, contradicts, of_batch

CODES = st.lists(st.sampled_from([*MEANS, "PART", "XXXX"]), max_size=6)
_RANK = {"sent": 0, "accepted": 1, "settled": 2, "rejected": 2, "returned": 3}


def through(codes, state="sent"):
    for code in codes:
        state = after(state, code)
    return state


@given(CODES, st.randoms(use_true_random=False))
def test_order_and_repetition_do_not_matter(codes, random):
    again = codes + codes[:3]
    random.shuffle(again)
    assert through(again) == through(codes)


def test_every_order_of_a_life_with_a_return_ends_returned():
    assert {through(order) for order in permutations(("RCVD", "ACTC", "PART", "ACSC", "RJCT"))} == {"returned"}


@given(CODES, CODES)
def test_a_final_state_is_never_left_for_a_lesser_one(first, then):
    before, afterwards = through(first), through(first + then)
    assert _RANK[afterwards] >= _RANK[before]
    assert before not in FINAL or afterwards in (before, "returned")


def test_what_never_left_is_not_moved_by_what_a_bank_says():
    assert [after(state, "ACSC") for state in ("planned", "ready", "dropped")] == ["planned", "ready", "dropped"]


def test_a_settlement_after_a_reject_is_for_a_person():
    assert contradicts("rejected", "ACSC")
    assert not contradicts("rejected", "RJCT")
    assert not contradicts("accepted", "ACSC")


def test_a_batch_is_what_its_payments_are():
    assert of_batch(["settled", "settled", "dropped"]) == "settled"
    assert of_batch(["accepted", "settled"]) == "accepted"
    assert of_batch(["sent", "accepted"]) == "sent"
    assert of_batch(["settled", "rejected"]) == of_batch(["sent", "returned"]) == "partly"
    assert of_batch(["rejected", "returned"]) == "rejected"
    assert of_batch([]) == of_batch(["ready", "sent"]) == "sent"


def test_every_reason_is_a_sentence_and_the_examples_hold():
    assert all(len(code) == 4 and words.endswith(".") for code, words in payment_reasons.REASONS.items())
    assert not doctest.testmod(payment_reasons).failed + doctest.testmod(payment_status).failed
