"""Statements of one account in a row: what is missing, told again, or does not go on."""

from odoo.addons.connector_bank.core.continuity import CODES, POLICY, Place, facts, is_held


def place(number, day, opening, closing, sequence=None, key=None, **more):
    balance = {"currency": "EUR", "on": f"2026-03-{day:02}"}
    content = {
        "statement": number,
        "sequence": sequence,
        "opening": None
        if opening is None
        else {**balance, "amount": str(opening), "on": more.pop("from_", balance["on"])},
        "closing": None if closing is None else {**balance, "amount": str(closing)},
        **more,
    }
    return Place.of(key or f"{number}:{day}:{closing}", content)


def codes(new, *known):
    return [finding.code for finding in facts(new, known)]


MONDAY = place("41", 2, 100, 150, "41")


def test_the_first_statement_of_an_account_follows_nothing():
    assert codes(MONDAY) == []


def test_r24_a_statement_that_goes_on_is_no_fact():
    assert codes(place("42", 3, 150, 90, "42"), MONDAY) == []


def test_r24_a_number_that_is_left_out_is_a_gap():
    (finding,) = facts(place("44", 5, 150, 90, "44"), [MONDAY])
    assert finding.code == "statement_gap"
    assert finding.facts == {"missing": "2", "first": "42", "last": "43"}


def test_r24_a_number_that_comes_twice_is_told():
    assert codes(place("42", 3, 150, 90, "41"), MONDAY) == ["sequence_repeated"]


def test_r24_a_balance_that_does_not_go_on_is_told():
    (finding,) = facts(place("42", 3, 151, 90, "42"), [MONDAY])
    assert (finding.code, finding.facts["difference"]) == ("balance_break", "1")


def test_r24_without_numbers_a_difference_of_balances_is_a_gap():
    assert codes(place("B", 4, 180, 90), place("A", 2, 100, 150)) == ["statement_gap"]


def test_without_numbers_a_quiet_week_is_no_gap():
    assert codes(place("B", 14, 150, 90), place("A", 2, 100, 150)) == []


def test_a_late_statement_that_fills_a_gap_is_no_fact():
    assert codes(place("42", 3, 150, 90, "42"), MONDAY, place("43", 4, 90, 95, "43")) == []


def test_a_late_statement_that_does_not_fit_the_gap_is_told():
    assert codes(place("42", 3, 150, 80, "42"), MONDAY, place("43", 4, 90, 95, "43")) == ["balance_break"]


def test_numbers_begin_anew_with_the_year():
    december = Place.of("a", {"statement": "250", "sequence": "250", "closing": _balance("2025-12-31", 100)})
    january = {"statement": "1", "sequence": "1", "opening": _balance("2026-01-02", 100)}
    assert codes(Place.of("b", {**january, "closing": _balance("2026-01-02", 120)}), december) == []


def _balance(day, amount):
    return {"amount": str(amount), "currency": "EUR", "on": day}


def test_r23_the_same_statement_with_other_balances_is_a_correction():
    assert codes(place("41", 2, 100, 155, "41"), MONDAY) == ["statement_corrected"]


def test_the_same_statement_once_more_is_no_fact():
    assert codes(place("41", 2, 100, 150, "41", key="other"), MONDAY) == []


def test_an_overlap_is_told():
    wide = place("A", 9, 100, 150, from_on="2026-03-02", to_on="2026-03-09")
    assert "statement_overlap" in codes(place("B", 12, 150, 90, from_on="2026-03-06", to_on="2026-03-12"), wide)


def test_other_currencies_of_the_account_are_rows_of_their_own():
    dollars = Place.of(
        "d", {"statement": "7", "sequence": "7", "closing": {**_balance("2026-03-02", 5), "currency": "USD"}}
    )
    assert codes(place("42", 3, 150, 90, "42"), MONDAY, dollars) == []


def test_a_page_that_is_left_out_is_told():
    first = place("41", 2, 100, 120, "41", page=1, is_last_page=False)
    assert codes(place("41", 2, 130, 150, "41", page=3, is_last_page=True), first) == ["page_missing"]
    assert codes(place("41", 2, 120, 150, "41", page=2, is_last_page=True), first) == []


def test_a_statement_behind_one_without_its_last_page_is_told():
    first = place("41", 2, 100, 120, "41", page=1, is_last_page=False)
    assert codes(place("42", 3, 150, 90, "42"), first) == ["page_missing"]


def test_a_statement_without_balances_breaks_nothing():
    assert (
        codes(place("B", 4, None, None), MONDAY)
        == []
        == codes(place("42", 3, 150, 90, "42"), place("A", 2, None, None))
    )


def test_the_policy_decides_what_is_held():
    assert is_held("statement_gap", {}) and not is_held("statement_gap", {"gap": "tell"})
    assert not is_held("statement_overlap", {}) and is_held("statement_overlap", {"overlap": "hold"})
    assert is_held("unknown_status", {"gap": "tell"}) is None


def test_every_fact_has_a_policy():
    assert frozenset().union(*(codes_of for _default, codes_of in POLICY.values())) > CODES
