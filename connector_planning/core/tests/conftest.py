"""Fixtures that several files of these tests share."""

import pytest
from anaplan_scene import connect, start


@pytest.fixture(scope="module")
def shared():
    with start("--page", "2") as double:
        yield double


@pytest.fixture
def double(shared):
    shared.ask("/control/reset", all=True)
    shared.ask("/control/faults", faults={"hang": 0})
    return shared


@pytest.fixture
def connector(double):
    return connect(double)
