"""Manifests of datasets: what a reader begins with names the last edition, whole, in each kind of location."""

import json
from pathlib import Path

import freezegun
import pytest
from places import connected

from odoo.addons.connector_planning.core.dataset import DatasetManifest, LedgerBalance
from odoo.addons.connector_planning.core.dataset_files import CONTROL
from odoo.addons.connector_planning.core.manifests import MANIFEST
from odoo.addons.finance_integration_governance.core.errors import (
    DuplicateConflict,
    IntegrationError,
    MalformedPayload,
    TransientError,
)
from odoo.addons.finance_integration_governance.core.location import Location
from odoo.addons.finance_integration_governance.core.reading import read
from odoo.addons.finance_integration_governance.core.testing.destination_contract import DestinationContract

PLACE = {"dataset": "trial_balance", "company": "BE 0477", "period": "2026-01"}
NAME = "trial_balance_BE-0477_2026-01" + MANIFEST


def rows(edition):
    """Two accounts that balance."""
    for account, closing in (("400000", "12.50"), ("700000", "-12.50")):
        sums = {"opening": "0", "debit": closing, "credit": "0", "closing": closing}
        told = {**PLACE, "edition": edition, "account": account, "account_name": "Name", "currency": "EUR", **sums}
        yield read(LedgerBalance, told)


def manifest(edition, status="published", **more):
    behind = {"checkpoint": "balance", "signature": "a" * 64}
    return read(DatasetManifest, {**PLACE, "edition": edition, "status": status, **behind, **more})


def published(edition):
    return (*rows(edition), manifest(edition))


def send(connector, objects, key, only=None):
    """The receipts of what these objects become; `only` so many of the payloads."""
    payloads = list(connector.serialize(iter(objects)))[:only]
    return [connector.send(payload, f"{key}-{payload.name}") for payload in payloads]


def seen_by(place):
    """What a reader has who follows the manifest of a location: (status, edition, text of its one file)."""
    [name] = [name for name in place.names() if name.endswith(MANIFEST)]
    with place.open(name) as stream:
        told = json.loads(stream.read())
    [file] = told["files"]
    with place.open(file["file"]) as stream:
        return told["status"], told["edition"], stream.read().decode()


def in_folder(path):
    return connected(({"location": path.as_uri()}, ((str(path),), ())))


@pytest.fixture
def connector(location):
    """A connector to an empty location of each kind."""
    return connected(location)


@pytest.fixture
def place(connector):
    return connector._location()


class TestDatasetFilesWithManifest(DestinationContract):
    sample = published("001-abc")

    @pytest.fixture
    def connector(self, location):
        return connected(location)


def test_the_manifest_names_the_last_edition_with_its_digest_and_totals(connector, place):
    send(connector, published("001-abc"), "first")
    send(connector, published("002-def"), "second")
    status, edition, text = seen_by(place)
    assert (status, edition) == ("published", "002-def") and "002-def" in text and "001-abc" not in text
    with place.open(NAME) as stream:
        [file] = json.loads(stream.read())["files"]
    with place.open(file["file"] + CONTROL) as stream:
        assert json.loads(stream.read()) == file
    assert (file["totals"]["count"], file["totals"]["amounts"]) == (2, {"EUR": "0"})


def test_a_suspended_signature_is_told_and_lifted_in_the_manifest_alone(connector, place):
    send(connector, published("001-abc"), "first")
    before = {name: place.open(name).read() for name in place.names() if name != NAME}
    send(connector, [manifest("001-abc", "suspended", reason="January is suspended")], "mark")
    assert seen_by(place)[:2] == ("suspended", "001-abc")
    assert {name: place.open(name).read() for name in place.names() if name != NAME} == before
    send(connector, [manifest("001-abc")], "lifted")
    assert seen_by(place)[:2] == ("published", "001-abc")


def test_killed_between_the_files_and_the_manifest_a_reader_has_the_edition_before(connector, place):
    send(connector, published("001-abc"), "first")
    send(connector, published("002-def"), "second", only=1)
    assert seen_by(place)[:2] == ("published", "001-abc")
    send(connector, published("002-def"), "second")  # the next worker: the same file again, then the manifest
    assert seen_by(place)[:2] == ("published", "002-def")


def test_a_manifest_that_broke_off_leaves_the_one_before(connector, place, monkeypatch):
    send(connector, published("001-abc"), "first")

    def lost(*_names, **_options):
        raise TransientError("the connection is gone")

    monkeypatch.setattr(Location, "replace", lost)
    with pytest.raises(TransientError):
        send(connector, published("002-def"), "second")
    assert seen_by(place)[:2] == ("published", "001-abc")
    assert connector.confirm([f"second-{NAME}"]).count == 0


def test_a_manifest_never_names_a_file_that_is_not_there_whole(tmp_path):
    connector = in_folder(tmp_path)
    [receipt] = send(connector, [manifest("001-abc")], "none")
    assert receipt.rejects == {manifest("001-abc").key: "its files are not there"}
    send(connector, rows("002-def"), "files")
    path = tmp_path / "trial_balance_BE-0477_2026-01_002-def.csv"
    path.write_bytes(path.read_bytes().replace(b"-12.5", b"-13.5"))
    [receipt] = send(connector, [manifest("002-def")], "changed")
    assert receipt.rejects and not (tmp_path / NAME).exists()
    path.unlink()
    send(connector, [manifest("002-def", "suspended", reason="moved")], "mark")  # a mark needs no file
    assert json.loads((tmp_path / NAME).read_text())["status"] == "suspended"


def test_an_edition_was_published_when_its_manifest_named_it_first(tmp_path):
    connector = in_folder(tmp_path)
    for day, told in (
        ("2026-02-03", published("001-abc")),
        ("2026-02-05", [manifest("001-abc", "suspended", reason="x")]),
    ):
        with freezegun.freeze_time(day):
            send(connector, told, day)
    found = json.loads((tmp_path / NAME).read_text())
    assert (found["published_at"][:10], found["written_at"][:10]) == ("2026-02-03", "2026-02-05")


def test_what_is_not_this_datasets_manifest_is_not_replaced(tmp_path):
    connector = in_folder(tmp_path)
    path = Path(tmp_path / NAME)
    path.write_text(json.dumps({**PLACE, "company": "BE-0477", "key": "theirs"}))
    with pytest.raises(DuplicateConflict) as error:
        send(connector, [manifest("001-abc", "suspended")], "ours")
    assert error.value.facts["sent"] is False
    path.write_text("not json")
    with pytest.raises(MalformedPayload) as error:
        send(connector, [manifest("001-abc", "suspended")], "ours")
    assert isinstance(error.value, IntegrationError) and error.value.facts["sent"] is False
