"""Files, tasks and rows that a load leaves out, each as Anaplan does it."""

import datetime as dt

import pytest
from anaplan_scene import (
    MODEL,
    asked,
    connect,
    fault,
    followed,
    keys,
    loaded,
    totals,
    uploaded,
)
from samples import YEAR_END, many

from odoo.addons.connector_planning.core.anaplan_file import ignored_rows, rejects_of
from odoo.addons.finance_integration_governance.core.errors import (
    ConfigurationError,
    MalformedPayload,
    TransientError,
)

# Files and tasks


def test_trap_a_file_that_was_left_for_48_hours_is_gone_and_not_assumed(double, connector):
    payloads = list(connector.serialize(iter(YEAR_END)))
    connector.begin(1)
    double.ask("/control/age", hours=49)
    connector._api.http._authorization.renew()
    with pytest.raises(TransientError, match="answered with 404"):
        connector.upload(0, payloads[0])


def test_trap_a_file_is_looked_up_in_the_list_because_its_address_gives_content(double, connector):
    uploaded(connector)
    assert "Actuals reads actuals.csv" in connector.probe()
    whole = f"/files/{connector._file}"
    assert not [entry for entry in asked(double, whole) if entry[0] == "GET"]
    content = connector._api.get(whole)
    assert content.body.startswith(b"Key,")
    with pytest.raises(MalformedPayload):
        connector._api.found(content, "the file of the import")


def test_trap_a_file_without_content_is_404_and_never_no_data(connector):
    with pytest.raises(ConfigurationError, match="not there, or this user has no access") as raised:
        connector._api.found(connector._api.get(f"/files/{connector._file}"), "the file of the import")
    assert raised.value.code == "missing_or_no_access"
    connector.begin(1)
    assert connector._api.get(f"/files/{connector._file}").status == 404
    assert "Actuals reads actuals.csv" in connector.probe()


def test_trap_a_file_is_one_place_for_all_who_load_it(double):
    assert (
        connect(double).place()
        == connect(double, process="Load actuals").place()
        == (f"anaplan/w1/{MODEL.lower()}/113000000001")
    )


def test_trap_an_upload_into_the_file_under_a_running_task_shows_when_reading_back(double, connector):
    uploaded(connector)
    reference = connector.load()
    double.ask("/control/upload", text="Key,Currency,Balance\nsomebody elses,EUR,1\n")
    assert followed(connector, reference).state == "accepted"
    assert connector.read_back(keys()).count == 0


def test_trap_a_start_whose_answer_was_lost_is_found_and_not_made_twice(double, connector):
    uploaded(connector)
    since = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    fault(double, drop_after_start=1)
    with pytest.raises(TransientError) as raised:
        connector.load()
    assert raised.value.facts["sent"]
    (task,) = double.ask("/control/tasks")["tasks"]
    assert connect(double).find_load(since) == task["taskId"]
    assert connect(double).find_load(since, {task["taskId"]}) is None


@pytest.mark.parametrize("settings", [{}, {"process": "Load actuals"}])
def test_trap_no_access_gives_an_empty_list_of_tasks_which_proves_no_absence(double, settings):
    connector = connect(double, **settings)
    uploaded(connector)
    since = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    reference = connector.load()
    fault(double, no_tasks=1)
    with pytest.raises(ConfigurationError, match="no access to them") as raised:
        connector.find_load(since)
    assert raised.value.code == "missing_or_no_access"
    assert connector.find_load(since) == reference


def test_trap_a_task_of_yesterday_is_not_taken_for_ours(double, connector):
    loaded(connector)
    double.ask("/control/age", hours=1)
    later = dt.datetime.now(dt.UTC).replace(tzinfo=None) + dt.timedelta(hours=1)
    connector._api.http._authorization.renew()
    assert connector.find_load(later) is None


def test_a_task_goes_through_its_states(double, connector):
    uploaded(connector)
    reference = connector.load()
    assert [connector.poll(reference).text for _time in range(2)] == ["NOT_STARTED", "IN_PROGRESS"]


def test_trap_a_cancelled_task_has_loaded_nothing(double, connector):
    uploaded(connector)
    fault(double, cancelled=1)
    assert connector.poll(connector.load()).state == "refused"


# Rows that were left out


def test_trap_successful_with_ignored_rows_names_them_from_the_dump(double, connector):
    fault(double, ignore_row=1)
    told = loaded(connector)
    assert (told.state, told.ignored, told.rejects) == ("accepted", 1, {YEAR_END[0].key: "E; Account not in list"})
    assert YEAR_END[0].key in told.dump


def test_trap_the_dump_of_a_process_stands_with_its_step(double):
    fault(double, ignore_row=1)
    assert loaded(connect(double, process="Load actuals")).rejects == {YEAR_END[0].key: "E; Account not in list"}


def test_r20_rows_that_were_ignored_and_nobody_names_are_a_load_in_part(double, connector):
    fault(double, ignore_silently=1)
    told = loaded(connector)
    assert (told.state, told.ignored, told.rejects) == ("partly", 1, {})


def test_r20_a_process_is_not_atomic(double):
    fault(double, fail_second_step=1)
    connector = connect(double, process="Load actuals")
    assert loaded(connector).state == "partly"
    assert connector.read_back(keys()) == totals()


def test_r21_the_dump_is_harvested_at_once_and_gone_48_hours_later(double, connector):
    fault(double, ignore_row=1)
    uploaded(connector)
    reference = connector.load()
    told = followed(connector, reference)
    double.ask("/control/age", hours=49)
    connector._api.http._authorization.renew()
    again = connector.poll(reference)
    assert (again.state, again.dump, again.rejects) == ("partly", "", {})
    assert YEAR_END[0].key in told.dump


def test_r21_the_next_run_takes_the_dump_away(double, connector):
    fault(double, ignore_row=1)
    uploaded(connector)
    first = connector.load()
    followed(connector, first)
    loaded(connector)
    assert connector.poll(first).state == "partly"


def test_an_import_that_fails_has_loaded_nothing(double, connector):
    fault(double, fail_import=1)
    assert loaded(connector).state == "refused"


def test_law_4_a_row_that_is_lost_in_silence_shows_when_reading_back(double, connector):
    fault(double, lose_one_row=1)
    assert loaded(connector).state == "accepted"
    assert connector.read_back(keys()).count == len(YEAR_END) - 1


def test_law_4_an_older_figure_is_not_the_one_that_was_sent(double, connector):
    loaded(connector)
    assert connector.read_back({**keys(), YEAR_END[0].key: 1}).count == len(YEAR_END) - 1


def test_the_view_is_read_page_by_page_and_freed(double, connector):
    objects = many(2500)
    loaded(connector, objects)
    assert connector.read_back(keys(objects)) == totals(objects)
    assert [entry[0] for entry in asked(double, "/readRequests")][-1] == "DELETE"
    assert len(asked(double, "/pages/")) == 3


@pytest.mark.parametrize(
    ("detail", "count"),
    [
        ({"values": ["ignoredCount", "5", "failedCount", "2"], "occurrences": 0}, 7),
        ({"localMessageText": "3 rows ignored", "occurrences": 3}, 3),
        ({"type": "hierarchyRowsProcessed", "localMessageText": "90 rows successful", "occurrences": 90}, 0),
        ({}, 0),
    ],
)
def test_trap_ignored_rows_are_told_in_two_ways(detail, count):
    assert ignored_rows(detail) == count


@pytest.mark.parametrize("dump", ["", "Account\n1\n", "Key\n", "_Status_,Key\nE\n"])
def test_a_dump_without_our_key_names_nobody(dump):
    assert rejects_of(dump) == {}
