"""R1, R2 on the way of payments: a worker is killed with SIGKILL wherever it stands. Never twice, never lost, in doubt
nothing leaves by itself.

Whether a batch is in doubt follows from what was there when its worker died: an attempt that was announced, and a file
that the target does or does not hold. The engine lists its own points, so a new one is tested without touching this.
"""

import re
import shutil
import signal

import harness
import pytest

pytestmark = [pytest.mark.slow, pytest.mark.faults]

# The second time that a worker stands there: its file is away, and the receipt is not kept, or just kept.
TWICE = ("outbound.deliver.4.before:2", "outbound.deliver.4.after:2")
STATUS = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt>
<GrpHdr><MsgId>STS-1</MsgId><CreDtTm>2026-11-25T06:10:00+01:00</CreDtTm></GrpHdr>
<OrgnlGrpInfAndSts><OrgnlMsgId>{message}</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>
<GrpSts>ACSC</GrpSts></OrgnlGrpInfAndSts></CstmrPmtStsRpt></Document>"""


class World:
    """A batch that its sender has released, to begin from again and again; `taken`: nobody can ask what has arrived."""

    def __init__(self, folder, taken):
        self.database = harness.Database("fig_faults_payments", folder).create().configure()
        self.outbox, self.worker = folder / "outbox", harness.Worker(self.database)
        out = {"location": self.outbox.as_uri(), "taken": taken}
        self.outbox.mkdir()
        self.worker.do("scenes_payments:payments", out=out, back={"location": self.database.inbox.as_uri()})
        self.worker.do("scenes_payments:prepared", upto="release")
        self.seed = harness.Database("fig_faults_payments_seed", folder / "seed")
        self.seed.drop()
        self.seed._execute(f'CREATE DATABASE "{self.seed.name}" TEMPLATE "{self.database.name}"')

    def again(self):
        self.database.create(self.seed.name)
        shutil.rmtree(self.outbox)
        self.outbox.mkdir()

    def kill(self, point):
        """Whether the worker came there, and was killed."""
        ended = self.worker.result("scenes_payments:kill", point=point)
        assert ended in (None, -signal.SIGKILL), (point, ended)
        return ended is not None

    def advance(self, times=1):
        for _time in range(times):
            self.worker.do("scenes:advance")
        return self.told()

    def told(self):
        return self.worker.result("scenes_payments:told")

    @property
    def files(self):
        return [path for path in self.outbox.iterdir() if not path.name.startswith(".")]

    @property
    def is_announced(self):
        return bool(self.database.sql("SELECT 1 FROM fin_attempt WHERE state = 'announced'"))

    def stop(self):
        self.worker.stop()
        self.database.drop()
        self.seed.drop()


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    made = World(tmp_path_factory.mktemp("faults_payments"), taken=False)
    yield made
    made.stop()


@pytest.fixture(scope="module")
def silent(tmp_path_factory):
    """The same with a bank that takes files away."""
    made = World(tmp_path_factory.mktemp("faults_payments_taken"), taken=True)
    yield made
    made.stop()


def points(world):
    listed = world.worker.result("scenes:points")
    return [point for point in listed if point.startswith(("start", "outbound."))] + list(TWICE)


def test_r01_killed_anywhere_on_the_way_out_a_batch_leaves_once_or_is_in_doubt(world):
    reached, doubtful = [], []
    for point in points(world):
        world.again()
        if not world.kill(point):
            continue
        reached.append(point)
        if world.is_announced and not world.files:
            doubtful.append(point)
            stays_in_doubt(world, point)
            world.worker.do("scenes_payments:say_never_arrived")
        left_once(world, point)
    assert len(doubtful) >= 2, doubtful
    assert {"start.after", "outbound.deliver.send.before", "outbound.deliver.send.after", *TWICE} <= set(reached), (
        reached
    )
    print(f"{len(reached)} points reached, in doubt at {doubtful}")


def stays_in_doubt(world, point, files=0):
    """Whoever works, and whoever lets the run go: the batch is unknown, somebody owns that, and nothing leaves."""
    told = world.advance(2)
    assert (told["batch"], told["run"], told["attempts"], told["doubts"]) == ("unknown", "held", ["unknown"], 1), (
        point,
        told,
    )
    world.worker.do("scenes_payments:let_go")
    told = world.advance(2)
    assert (told["batch"], told["attempts"], len(world.files)) == ("unknown", ["unknown"], files), (point, told)


def left_once(world, point):
    told = world.advance(2)
    assert (told["batch"], told["run"], told["ties"], told["runs"]) == ("sent", "done", "tied", 1), (point, told)
    assert (told["lines"], told["sent"], told["bindings"], told["payments"]) == (["sent"] * 2, 2, 2, 2), (point, told)
    assert told["attempts"][-1] in ("accepted", "confirmed") and set(told["attempts"][:-1]) <= {"refused"}, (
        point,
        told,
    )
    [path] = world.files
    assert path.read_text().count("<CdtTrfTxInf>") == 2, point
    assert told["left"] == 0 and told["log"] is None, (point, told)


@pytest.mark.parametrize("point", ["outbound.deliver.confirm.before", "outbound.deliver.confirm.after"])
def test_r02_killed_again_while_the_target_is_asked_nothing_is_sent_again(world, point):
    world.again()
    assert world.kill("outbound.deliver.send.after")
    assert world.kill(point)
    left_once(world, point)


def test_r02_where_nobody_can_be_asked_the_banks_word_ends_the_doubt_and_nothing_is_sent_again(silent):
    silent.again()
    assert silent.kill("outbound.deliver.send.after")
    stays_in_doubt(silent, "outbound.deliver.send.after", files=1)
    [path] = silent.files
    [message] = re.findall(r"<GrpHdr>\s*<MsgId>([^<]+)", path.read_text())
    silent.database.put("status.xml", STATUS.format(message=message).encode())
    silent.worker.do("scenes_payments:status_now")
    told = silent.advance(3)
    assert (told["batch"], told["lines"], told["run"]) == ("settled", ["settled"] * 2, "done"), told
    assert (told["attempts"], told["sent"], told["doubts"], len(silent.files)) == (["confirmed"], 2, 0, 1), told
