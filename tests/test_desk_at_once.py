"""Two people at one case, or one checkpoint, at the same moment, on two cursors: one act counts, and is told once."""

import harness
import pytest


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    database = harness.Database("fig_desk", tmp_path_factory.mktemp("desk")).create().configure()
    worker = harness.Worker(database, "")
    flow = worker.result("scenes:bank", folder=str(database.inbox))
    worker.do("scenes_desk:people")
    yield worker, flow
    worker.stop()
    database.drop()


def meet(world, *acts):
    return world[0].result("scenes_desk:meet", acts=acts)


def case(world):
    return world[0].result("scenes_desk:case", flow_id=world[1])


def told(world, case_id):
    return world[0].result("scenes_desk:told", case_id=case_id)


def test_a_case_that_two_take_on_is_one_persons(world):
    number = case(world)
    first, second = meet(world, ("operator", "take", number), ("operator-two", "take", number))
    assert first == ["done", 0]
    assert second[0] == "UserError" and second[1] > 0, "who comes second sees that it is taken"
    after = told(world, number)
    assert (after["state"], after["owner"], after["events"].count("take")) == ("in_progress", "operator", 1)


def test_a_run_that_two_retry_begins_anew_once(world):
    run, number = world[0].result("scenes_desk:waiting", flow_id=world[1])
    first, second = meet(world, ("operator", "retry", number), ("operator-two", "retry", number))
    assert first == ["done", 0]
    assert second[0] == "UserError" and second[1] > 0, "nothing waits any more"
    after = told(world, number)
    assert (after["runs"], after["events"].count("retry")) == (["queued"], 1)
    assert world[0].result("scenes:state", run_id=run)["state"] == "queued"


def test_a_case_that_two_assign_is_the_last_ones_and_both_acts_are_told(world):
    number = case(world)
    answers = meet(
        world, ("operator", "assign", number, "operator-two"), ("operator-two", "assign", number, "operator")
    )
    assert [answer for answer, _turn in answers] == ["done", "done"]
    assert answers[1][1] > 0, "the second saw what the first had done"
    after = told(world, number)
    assert (after["owner"], after["events"].count("assign")) == ("operator", 2)


def test_a_waiver_that_two_give_is_given_once(world):
    _run, number = world[0].result("scenes_desk:waiting", flow_id=world[1])
    assert meet(world, ("operator", "ask_waiver", number, "it is right"))[0] == ["done", 0]
    first, second = meet(world, ("approver", "approve_waiver", number), ("approver-two", "approve_waiver", number))
    assert (first, second[0], second[1] > 0) == (["done", 0], "UserError", True)
    after = told(world, number)
    assert (after["state"], after["approvals"], after["events"].count("waive")) == ("waived", ["approved"], 1)


def test_two_who_ask_for_a_waiver_ask_one_after_the_other(world):
    _run, number = world[0].result("scenes_desk:waiting", flow_id=world[1])
    answers = meet(world, ("operator", "ask_waiver", number, "one"), ("operator-two", "ask_waiver", number, "two"))
    assert answers[0] == ["done", 0]
    assert answers[1][1] > 0, "never on a snapshot from before the first"
    [answer] = meet(world, ("approver", "approve_waiver", number))
    assert answer[0] == "done"
    after = told(world, number)
    assert (after["state"], after["approvals"].count("approved")) == ("waived", 1)


def test_a_waiver_is_no_yes_to_a_case_that_was_closed_meanwhile(world):
    _run, number = world[0].result("scenes_desk:waiting", flow_id=world[1])
    meet(world, ("operator", "ask_waiver", number, "it is right"))
    answers = meet(world, ("operator", "resolve", number, "mended"), ("approver", "approve_waiver", number))
    assert [answer for answer, _turn in answers] == ["done", "UserError"]
    after = told(world, number)
    assert (after["state"], after["approvals"].count("approved")) == ("resolved", 0)


# A checkpoint


def test_two_who_sign_first_are_one_first_signature(world):
    number = world[0].result("scenes_desk:checkpoint")
    first, second = meet(world, ("operator", "sign", number), ("operator-two", "sign", number))
    assert (first, second[0], second[1] > 0) == (["done", 0], "UserError", True)
    after = world[0].result("scenes_desk:signatures", checkpoint_id=number)
    assert (after["state"], after["first"], after["states"]) == ("tied", ["operator"], ["requested"])


def test_two_second_signatures_are_one(world):
    number = world[0].result("scenes_desk:checkpoint")
    meet(world, ("operator", "sign", number))
    first, second = meet(world, ("approver", "countersign", number), ("approver-two", "countersign", number))
    assert (first, second[0], second[1] > 0) == (["done", 0], "UserError", True)
    after = world[0].result("scenes_desk:signatures", checkpoint_id=number)
    assert (after["state"], after["second"], after["sealed"]) == ("signed", ["approver"], True)


def test_a_second_signature_without_the_first_is_refused_however_close_they_come(world):
    """The second person's snapshot is from before the first signature: it counts only after looking again."""
    number = world[0].result("scenes_desk:checkpoint")
    first, second = meet(world, ("operator", "sign", number), ("approver", "countersign", number))
    assert first == ["done", 0]
    after = world[0].result("scenes_desk:signatures", checkpoint_id=number)
    assert (second[0], after["state"]) in (("UserError", "tied"), ("done", "signed"))
    assert second[0] != "done" or (second[1] > 0 and after["sealed"])


def test_one_person_is_not_both_at_once(world):
    number = world[0].result("scenes_desk:checkpoint")
    answers = meet(world, ("operator", "sign", number), ("operator", "countersign", number))
    assert answers[0] == ["done", 0] and answers[1][0] != "done"
    after = world[0].result("scenes_desk:signatures", checkpoint_id=number)
    assert (after["state"], after["second"]) == ("tied", [])
