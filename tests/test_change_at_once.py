"""S23: two people at the same moment, on two cursors and both orders. One wins, and the yes binds to its digest."""

import harness
import pytest


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    database = harness.Database("fig_at_once", tmp_path_factory.mktemp("at_once")).create().configure()
    worker = harness.Worker(database, "")
    flow = worker.result("scenes:bank", folder=str(database.inbox))
    worker.do("scenes_change:approvers")
    yield worker, flow
    worker.stop()
    database.drop()


def proposed(world, purpose):
    worker, flow = world
    return worker.result("scenes_change:propose", flow_id=flow, purpose=purpose)


def meet(world, *acts):
    return world[0].result("scenes_change:meet", acts=acts)


def told(world, version):
    return world[0].result("scenes_change:told", version_id=version)


def test_s23_two_approvers_at_once_are_one_yes(world):
    version = proposed(world, "two at once")
    first, second = meet(world, ("approver", "approve", version), ("approver-two", "approve", version))
    assert (first, second[0], second[1] > 0) == (["done", 0], "UserError", True)
    after = told(world, version)
    assert (after["state"], after["people"], after["approved"]) == ("live", ["approver"], True)


def test_s23_one_person_at_once_is_not_two(world):
    world[0].do("scenes_change:want", count=2)
    version = proposed(world, "twice the same")
    assert meet(world, *[("approver", "approve", version)] * 2)[1][0] == "AccessError"
    after = told(world, version)
    assert (after["state"], after["people"], after["open"], after["approved"]) == ("review", ["approver"], 1, False)


def test_s23_two_approvers_at_once_are_two_where_two_are_needed(world):
    version = proposed(world, "two are needed")
    answers = meet(world, ("approver", "approve", version), ("approver-two", "approve", version))
    assert [answer for answer, _turn in answers] == ["done", "done"]
    after = told(world, version)
    assert (after["state"], after["people"], after["approved"]) == ("live", ["approver", "approver-two"], True)
    world[0].do("scenes_change:want", count=1)


@pytest.mark.parametrize(("verb", "value"), [("edit", "edited meanwhile"), ("edit part", "sandbox")])
def test_s23_an_edit_that_comes_first_drops_the_yes(world, verb, value):
    version, before = proposed(world, f"{verb} first"), told(world, proposed(world, f"{verb} first, again"))["live"]
    version = proposed(world, f"{verb} first, once more")
    first, second = meet(
        world, ("operator" if verb == "edit" else "finadmin", verb, world[1], value), ("approver", "approve", version)
    )
    assert (first, second[0]) == (["done", 0], "UserError")
    after = told(world, version)
    assert (after["state"], after["people"], after["live"], after["approved"]) == ("superseded", [], before, False)


@pytest.mark.parametrize(("verb", "value"), [("edit", "edited too late"), ("edit part", "test")])
def test_s23_an_edit_that_comes_second_changes_nothing_that_was_approved(world, verb, value):
    purpose = f"{verb} second"
    version = proposed(world, purpose)
    first, second = meet(
        world, ("approver", "approve", version), ("operator" if verb == "edit" else "finadmin", verb, world[1], value)
    )
    assert (first, second[0], second[1] > 0) == (["done", 0], "done", True)
    after = told(world, version)
    assert (after["state"], after["live"], after["approved"]) == ("live", version, True)
    assert after["purpose"] == purpose


def test_s23_a_newer_proposal_at_once_takes_the_yes_away(world):
    version = proposed(world, "the older one")
    answers = meet(world, ("operator", "propose", world[1], "the newer one"), ("approver", "approve", version))
    assert [answer for answer, _turn in answers] == ["done", "UserError"]
    assert (told(world, version)["state"], told(world, version)["people"]) == ("superseded", [])
