import pytest

from odoo.addons.finance_integration_governance.core.breaker import LONGEST, pause, trips


@pytest.mark.parametrize(
    ("failures", "was_trying", "status", "expected"),
    [
        (4, False, None, False),
        (5, False, None, True),
        (1, True, None, True),
        (1, False, 401, True),
        (1, False, 503, False),
    ],
)
def test_what_opens_the_circuit(failures, was_trying, status, expected):
    assert trips(failures, was_trying, status) is expected


def test_it_stays_open_longer_each_time_and_never_longer_than_an_hour():
    assert [pause(times) for times in (1, 2, 3, 6, 7, 50)] == [60, 120, 240, 1920, LONGEST, LONGEST]
