"""R5 on the way of payments: eight people or workers do the same at the same moment: one payment, one file."""

import harness
import pytest

TIMES = 8


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("payments_at_once")
    database = harness.Database("fig_payments_at_once", folder).create().configure()
    outbox = folder / "outbox"
    outbox.mkdir()
    worker = harness.Worker(database)
    places = {"out": {"location": outbox.as_uri()}, "back": {"location": database.inbox.as_uri()}}
    worker.do("scenes_payments:payments", **places)
    yield worker, outbox, database
    worker.stop()
    database.drop()


def at_once(world, step):
    """What became of each of the eight, and what stands there afterwards."""
    answers = world[0].result("scenes_payments:at_once", step=step, times=TIMES)
    assert len(answers) == TIMES, answers
    return answers, world[0].result("scenes_payments:told")


def test_r05_eight_proposals_at_once_plan_each_bill_once(world):
    answers, told = at_once(world, "propose")
    assert "done" in answers
    planned = "SELECT count(*), count(DISTINCT move_line_id) FROM fin_payment_part WHERE is_planned"
    assert world[2].sql(planned) == [(2, 2)], answers
    assert (told["batch"], told["payments"]) == ("draft", 0)


def test_r05_eight_submissions_at_once_make_one_payment_for_each_bill(world):
    answers, told = at_once(world, "submit")
    assert answers.count("done") == 1, answers
    assert (told["batch"], told["payments"], told["left"]) == ("submitted", 2, 0)


def test_r05_eight_approvals_at_once_are_one_yes(world):
    answers, told = at_once(world, "approve")
    assert answers.count("done") == 1, answers
    assert (told["batch"], told["approvals"]) == ("approved", 1)


def test_r05_eight_releases_at_once_queue_one_run(world):
    answers, told = at_once(world, "release")
    assert answers.count("done") == 1, answers
    assert (told["batch"], told["runs"]) == ("released", 1)


def test_r05_eight_workers_at_once_send_one_file(world):
    _answers, told = at_once(world, "send")
    world[0].do("scenes:advance")
    told = world[0].result("scenes_payments:told")
    assert (told["batch"], told["run"], told["ties"]) == ("sent", "done", "tied"), told
    assert (told["attempts"], told["sent"], told["bindings"], told["runs"]) == (["accepted"], 2, 2, 1)
    assert len(list(world[1].iterdir())) == 1
    assert told["log"] is None
