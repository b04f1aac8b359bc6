"""What may be matched by itself, and each reason against it."""

import dataclasses
import datetime as dt
from decimal import Decimal

import pytest

from odoo.addons.connector_bank.core.match import Learned, Line, Open, World
from odoo.addons.connector_bank.core.match_exact import doubts, exact
from odoo.addons.connector_bank.core.match_learn import Deed, key_of, learn, payer_of, worth_a_rule
from odoo.addons.connector_bank.core.match_sums import adding_up
from odoo.addons.connector_bank.core.match_world import Matching

DAY = dt.date(2026, 3, 15)
ALL = {"reference": "References", "end_to_end": "Payments", "number": "Numbers", "learned": "Learned"}
ALL |= {"batch": "Batches"}
PARTNERS = {1: "Anna Weber GmbH", 2: "Bert Klein KG", 3: "Carla Neu AG"}


def line(amount="119.00", text="", number=1, **more):
    return Line(number, DAY, Decimal(amount), "EUR", text, **{"partner": 1, **more})


def item(number, amount="119.00", partner=1, name=None, **more):
    name = name or f"INV/2026/{number:05d}"
    told = {"numbers": (name,), "due": DAY - dt.timedelta(days=20), **more}
    return Open(
        number, number, partner, PARTNERS.get(partner, ""), Decimal(amount), told.pop("currency", "EUR"), **told
    )


def world(*opens, **more):
    return Matching(World(list(opens), PARTNERS, **more))


def applied(matching, *lines):
    return exact(matching, list(lines), ALL)


def why(matching, one, *others):
    first = matching.propose(one)[0]
    return {reason.code for reason in doubts(matching, one, first, ALL, matching.claims([one, *others]))}


def test_a_number_an_amount_and_the_account_of_its_customer_are_exact():
    matching = world(item(12), item(300, "50.00", 2))
    found = applied(matching, line(text="Rechnung INV/2026/00012"))
    assert found[1].documents == {12}


def test_without_a_rule_nothing_is_exact():
    matching, one = world(item(12)), line(text="INV/2026/00012")
    assert exact(matching, [one], {"reference": "References"}) == {}


def test_another_amount_is_not_exact():
    assert "not_equal" in why(world(item(12)), line("118.99", "INV/2026/00012"))


def test_another_currency_is_not_exact():
    assert applied(world(item(12, currency="USD")), line(text="INV/2026/00012")) == {}


def test_the_other_direction_is_not_exact():
    assert applied(world(item(12)), line("-119.00", "INV/2026/00012")) == {}


def test_what_comes_back_is_not_exact():
    assert "is_return" in why(world(item(12)), line(text="INV/2026/00012", is_return=True))


@pytest.mark.parametrize("partner", [2, None])
def test_somebody_else_who_writes_the_number_is_not_exact(partner):
    one = line(text="INV/2026/00012", partner=partner, name="Somebody Else" if partner is None else "")
    assert why(world(item(12)), one) & {"payer_other", "payer_uncertain"}


def test_a_structured_reference_is_exact_whoever_pays_from_an_unknown_account():
    matching = world(item(12, numbers=("INV/2026/00012", "RF18539007547034")))
    one = line(text="", partner=None, name="Grandfather", structured="RF18539007547034")
    assert applied(matching, one)[1].documents == {12}


def test_a_structured_reference_from_the_account_of_another_customer_is_not_exact():
    matching = world(item(12, numbers=("INV/2026/00012", "RF18539007547034")))
    assert "payer_other" in why(matching, line(partner=2, structured="RF18539007547034"))


def test_a_plain_number_whose_last_digit_checks_by_chance_is_no_structured_reference():
    matching = world(item(12, name="1234567897"))
    one = line(text="", partner=None, name="Grandfather", structured="1234567897")
    assert matching.propose(one)[0].by == "number"
    assert applied(matching, one) == {}


def test_a_kid_is_a_reference_where_it_was_given_as_one():
    matching = world(item(12, numbers=("INV/2026/00012", "1234567897")))
    assert applied(matching, line(text="", partner=None, name="X", structured="1234567897"))[1].documents == {12}


def test_a_name_that_two_customers_have_does_not_say_who_paid():
    matching = Matching(World([item(12)], PARTNERS | {9: "Anna Weber GmbH"}))
    assert "payer_uncertain" in why(matching, line(text="INV/2026/00012", partner=None, name="Anna Weber GmbH"))


def test_a_name_that_only_one_customer_has_does():
    one = line(text="INV/2026/00012", partner=None, name="ANNA WEBER")
    assert applied(world(item(12)), one)[1].documents == {12}


def test_a_name_letter_by_letter_says_who_paid_though_another_is_nearly_called_so():
    near = PARTNERS | {9: "Anne Weber GmbH"}
    one = line(text="INV/2026/00012", partner=None, name="Anna Weber")
    assert applied(Matching(World([item(12)], near)), one)[1].documents == {12}
    assert "payer_uncertain" in why(Matching(World([item(12)], near)), dataclasses.replace(one, name="Ann Weber"))


def test_one_slip_away_from_another_document_of_that_amount_is_not_exact():
    matching = world(item(12), item(21, partner=2))
    assert "lookalike" in why(matching, line(text="INV/2026/00012"))


def test_two_slips_away_is_still_too_near():
    assert "lookalike" in why(world(item(12), item(45)), line(text="INV/2026/00012"))


def test_two_lines_that_name_one_document_match_neither():
    matching = world(item(12))
    lines = [line(text="INV/2026/00012"), line(text="INV/2026/00012", number=2)]
    assert applied(matching, *lines) == {}
    assert "claimed_twice" in why(matching, *lines)


def test_another_document_that_is_named_too_is_a_doubt():
    matching = world(item(12), item(300, "50.00"))
    assert "others_named" in why(matching, line(text="INV/2026/00012 and not INV/2026/00300"))


def test_a_settled_document_that_is_named_too_is_a_doubt():
    matching = world(item(12), closed={"INV202600007": (7, 1, DAY - dt.timedelta(days=90))})
    assert "settled_named" in why(matching, line(text="INV/2026/00012 INV/2026/00007"))


def test_a_number_that_two_documents_have_is_a_doubt():
    matching = world(item(12), item(300, "50.00", 2, name="INV/2026/00012"))
    assert "number_twice" in why(matching, line(text="INV/2026/00012"))


def test_a_number_that_reads_as_a_day_is_a_doubt():
    matching = world(item(12, name="20260312"))
    assert "reads_as_date" in why(matching, line(text="Zahlung 20260312"))


def test_a_number_of_the_other_side_needs_the_account_of_the_other_side():
    bill = item(12, "-70.00", 2, numbers=("1",), theirs=("R-47112",))
    by_name = line("-70.00", "R-47112", partner=None, name="Bert Klein")
    assert "their_number" in why(world(bill), by_name)
    assert applied(world(bill), line("-70.00", "R-47112", partner=2))[1].documents == {12}


def test_all_that_is_named_and_adds_up_is_exact():
    matching = world(item(12, "100.00"), item(345, "19.00"))
    found = applied(matching, line(text="INV/2026/00012, INV/2026/00345"))
    assert found[1].documents == {12, 345}


def test_documents_of_two_partners_are_not_exact():
    matching = world(item(12, "100.00"), item(345, "19.00", 2))
    assert "several_partners" in why(matching, line(text="INV/2026/00012, INV/2026/00345", partner=None))


def test_a_number_in_pieces_is_proposed_and_no_more():
    matching, one = world(item(12)), line(text="INV/2026/000 12")
    assert matching.propose(one)[0].documents == {12}
    assert applied(matching, one) == {}


def test_a_number_with_a_slip_is_proposed_and_no_more():
    matching, one = world(item(12)), line(text="INV/2026/00013")
    assert matching.propose(one)[0].documents == {12}
    assert applied(matching, one) == {}


# What was learned


FEE = line("-12.90", "Kontofuehrung 03/2026", partner=None, name="Hausbank", account="DE77")


def rule(**more):
    told = {"account": "690000", "seen": 3, "name": "Fees", "least": Decimal("10"), "most": Decimal("20"), **more}
    return {key_of(FEE): Learned(None, **told)}


def test_an_approved_rule_books_to_its_account():
    assert applied(world(learned=rule()), FEE)[1].account == "690000"


def test_what_was_learned_and_not_approved_is_proposed_only():
    matching = world(learned=rule(name=""))
    assert matching.propose(FEE)[0].account == "690000"
    assert applied(matching, FEE) == {}


def test_an_approved_rule_rests_outside_of_its_amounts():
    assert "other_amount" in why(world(learned=rule(most=Decimal("12.89"))), FEE)


def test_an_approved_rule_rests_where_people_did_otherwise():
    assert "disputed" in why(world(learned=rule(), disputed={key_of(FEE)}), FEE)


def test_an_approved_rule_rests_where_an_open_document_has_the_amount():
    named = {payer_of(FEE): Learned(2, "", 3, "Payer")}
    matching = world(item(12, "-12.90", 2), learned=rule() | named)
    assert "open_item_too" in why(matching, FEE) or applied(matching, FEE) == {}


def test_what_is_learned_is_what_people_did_alike():
    key, other = ("in", "X", "RENT"), ("in", "Y", "RENT")
    deeds = [Deed(key, None, "4000", Decimal(5)) for _each in range(3)]
    deeds += [Deed(other, None, "4000"), Deed(other, None, "5000")]
    found, disputed = learn(deeds)
    assert (found[key].account, found[key].seen, other in found, disputed) == ("4000", 3, False, {other})
    assert list(worth_a_rule(found)) == [key]


def test_words_without_numbers_make_the_key():
    later = dataclasses.replace(FEE, text="Kontofuehrung 04/2026", on=DAY + dt.timedelta(days=31))
    assert key_of(later) == key_of(FEE)
    assert key_of(dataclasses.replace(FEE, amount=Decimal("12.90"))) != key_of(FEE)


# Proposals


def test_a_payment_that_comes_twice_goes_on_account_first():
    closed = {"INV202600012": (12, 1, DAY - dt.timedelta(days=2))}
    first = world(item(300), closed=closed).propose(line(text="INV/2026/00012"))[0]
    assert (first.kind, first.partner) == ("on_account", 1)


def test_a_part_leaves_the_rest_open():
    first = world(item(12, "300.00")).propose(line("100.00", "INV/2026/00012"))[0]
    assert (first.kind, first.parts[0][1]) == ("partial", Decimal("100.00"))


def test_fees_that_the_bank_tells_explain_a_difference():
    one = line("113.50", "INV/2026/00012", fees=Decimal("5.50"))
    assert world(item(12)).propose(one)[0].kind == "less"


def test_a_difference_in_another_currency_is_no_fee():
    one = line("100.00", "INV/2026/00012", foreign=(Decimal("118.00"), "USD"))
    first = world(item(12, currency="USD"), write_off=Decimal("5")).propose(one)[0]
    assert first.kind == "partial"


def test_sums_are_found_and_the_search_ends():
    amounts = [Decimal(place) for place in range(1, 25)]
    assert adding_up(amounts, sum(amounts)) == [tuple(range(24))]
    assert (0, 3) in adding_up([Decimal(1), Decimal(7), Decimal(9), Decimal(4)], Decimal(5))
    assert adding_up([Decimal("0.1")] * 200, Decimal("999")) == []


# Payments of ours


def payment(number, amount, partner=1):
    return item(number, amount, partner, f"PBNK/2026/{number:05d}", is_payment=True)


def batch_of_two(**more):
    return world(payment(1, "-100.00", 1), payment(2, "-200.00", 2), item(3, "-300.00", 3), **more)


def test_one_line_for_a_batch_is_all_of_its_payments_whoever_they_go_to():
    matching = batch_of_two(batches={"PAY-1-1": [1, 2]})
    found = applied(matching, line("-300.00", batch="PAY-1-1", partner=None))
    assert found[1].documents == {1, 2} and found[1].by == "batch"


def test_a_line_of_a_batch_that_adds_up_to_something_else_is_proposed_only():
    matching = batch_of_two(batches={"PAY-1-1": [1, 2]})
    assert applied(matching, line("-290.00", batch="PAY-1-1", partner=None)) == {}
    assert applied(matching, line("-300.00", batch="PAY-2-1", partner=None)) == {}


def test_a_payment_of_a_batch_that_another_line_names_keeps_the_batch_from_being_matched():
    matching = batch_of_two(batches={"PAY-1-1": [1, 2]})
    whole = line("-300.00", batch="PAY-1-1", partner=None)
    assert applied(matching, whole, line("-100.00", "PBNK/2026/00001", 2)) == {}


def test_a_bill_that_a_payment_of_ours_has_settled_may_stand_on_its_line():
    matching = world(payment(1, "-100.00"), closed={"BILL202600007": (70, 1, DAY)})
    one = line("-100.00", "BILL/2026/00007", end_to_end="PBNK/2026/00001")
    assert applied(matching, one)[1].documents == {1}
    assert "settled_named" in why(
        world(item(1, "-100.00"), closed=matching.world.closed),
        dataclasses.replace(one, text="BILL/2026/00007 INV/2026/00001", end_to_end=""),
    )
