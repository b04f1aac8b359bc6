"""Files of payments put where the bank fetches them: once, whole, and read back. Real places."""

from pathlib import Path

import pytest
from payment_scene import debit, foreign, payment

from odoo.addons.connector_bank.core import payment_file
from odoo.addons.connector_bank.core.payment_pain001 import Pain001Files
from odoo.addons.connector_bank.core.payment_pain008 import Pain008Files
from odoo.addons.finance_integration_governance.core.connector import Payload
from odoo.addons.finance_integration_governance.core.errors import (
    ConfigurationError,
    DataError,
    DuplicateConflict,
    MalformedPayload,
    TransientError,
)
from odoo.addons.finance_integration_governance.core.testing.destination_contract import DestinationContract
from odoo.addons.finance_integration_governance.core.testing.double import Double
from odoo.addons.finance_integration_governance.core.totals import ControlTotals


def in_folder(cls, folder, **more):
    connector = cls(location=Path(folder).as_uri(), **more)
    connector.roots = (folder,)
    return connector


@pytest.fixture(scope="module")
def bank(tmp_path_factory):
    root = tmp_path_factory.mktemp("bank")
    with Double("sftp_server.py", "--root", root, "--user", "bank", "--password", "canary-sftp-right") as double:
        double.root = root
        yield double


class TestPain001Folder(DestinationContract):
    sample = (payment(1), payment(2, scheme="instant"), foreign(3), payment(4, batch="PAY-000124"))

    @pytest.fixture
    def connector(self, tmp_path):
        return in_folder(Pain001Files, tmp_path)


class TestPain001Sftp(DestinationContract):
    sample = TestPain001Folder.sample

    @pytest.fixture
    def connector(self, bank, tmp_path):
        (bank.root / tmp_path.name).mkdir()
        return Pain001Files(
            location=f"{bank.url}{tmp_path.name}",
            hostkey=bank.ready["hostkey"],
            credentials="canary-sftp-right",
            version="pain.001.001.03",
        )


class TestPain008Folder(DestinationContract):
    sample = (debit(1), debit(2, scheme="b2b"), debit(3, mandate_amended=True))

    @pytest.fixture
    def connector(self, tmp_path):
        return in_folder(Pain008Files, tmp_path)


def made(connector, *payments):
    (payload,) = connector.serialize(iter(payments))
    return payload


def test_a_file_carries_the_key_of_its_payload_in_its_name(tmp_path):
    connector = in_folder(Pain001Files, tmp_path, names="OUT.{message}.{key}.xml")
    payload = made(connector, payment(1))
    receipt = connector.send(payload, "0190-key")
    assert [path.name for path in tmp_path.iterdir()] == [receipt.reference]
    assert receipt.reference == f"OUT.{payload.name.removesuffix('.xml')}.0190-key.xml"
    assert (tmp_path / receipt.reference).read_bytes() == payload.open().read()


def test_law_2_the_same_message_is_never_put_there_under_another_key(tmp_path):
    connector = in_folder(Pain001Files, tmp_path)
    payload = made(connector, payment(1))
    connector.send(payload, "first")
    with pytest.raises(DuplicateConflict) as error:
        connector.send(payload, "second")
    assert error.value.facts["sent"] is False and len(list(tmp_path.iterdir())) == 1


def test_nothing_is_sent_that_is_not_what_it_is_said_to_be(tmp_path):
    connector = in_folder(Pain001Files, tmp_path)
    payload = made(connector, payment(1), payment(2))
    other = Payload(payload.name, made(connector, payment(1)).open, keys=payload.keys, totals=payload.totals)
    with pytest.raises(MalformedPayload) as error:
        connector.send(other, "key")
    assert error.value.code == "other_items" and error.value.facts["sent"] is False
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_not_valid_does_not_leave(tmp_path):
    connector = in_folder(Pain001Files, tmp_path)
    payload = made(connector, payment(1))
    broken = payload.open().read().replace(b"<BtchBookg>true</BtchBookg>", b"<BtchBookg>maybe</BtchBookg>")
    path = tmp_path / "broken"
    path.write_bytes(broken)
    with pytest.raises(MalformedPayload) as error:
        connector.send(Payload(payload.name, lambda: path.open("rb"), totals=payload.totals), "key")
    assert error.value.code == "xsd" and error.value.facts["sent"] is False


def test_nothing_leaves_where_it_cannot_be_validated(tmp_path, monkeypatch):
    connector = in_folder(Pain001Files, tmp_path)
    monkeypatch.setattr(payment_file, "can_validate", lambda: False)
    monkeypatch.setattr("odoo.addons.connector_bank.core.pain_schema.can_validate", lambda: False)
    payload = made(connector, payment(1))  # as evidence is worked out again
    with pytest.raises(ConfigurationError):
        connector.send(payload, "key")
    assert list(tmp_path.iterdir()) == []


def test_half_a_file_is_no_file(tmp_path):
    connector = in_folder(Pain001Files, tmp_path)
    payload = made(connector, payment(1))
    (tmp_path / f".{payload.name.removesuffix('.xml')}_key.xml.part").write_bytes(b"<Document")
    assert connector.confirm(["key"]) == ControlTotals()
    connector.send(payload, "key")
    assert connector.confirm(["key"]).differences(payload.totals) == []


def test_a_file_with_another_content_is_confirmed_as_what_it_is(tmp_path):
    connector = in_folder(Pain001Files, tmp_path)
    payload = made(connector, payment(1), payment(2))
    receipt = connector.send(payload, "key")
    other = made(connector, payment(1)).open().read()
    (tmp_path / receipt.reference).write_bytes(other)
    assert connector.confirm(["key"]).count == 1


def test_keys_that_begin_alike_are_two(tmp_path):
    connector = in_folder(Pain001Files, tmp_path)
    connector.send(made(connector, payment(1)), "a-1")
    assert connector.confirm(["a-11"]) == connector.confirm(["a"]) == ControlTotals()


def test_a_folder_that_the_bank_empties_proves_nothing(tmp_path):
    assert in_folder(Pain001Files, tmp_path).proves
    assert not in_folder(Pain001Files, tmp_path, taken=True).proves
    assert not Pain001Files.proves_absence


def test_a_server_that_cannot_be_reached_got_nothing():
    connector = Pain001Files(
        location="sftp://bank@127.0.0.1:1/out", hostkey="SHA256:x", credentials="canary-sftp-right"
    )
    with pytest.raises((TransientError, ConfigurationError)) as error:
        connector.send(made(connector, payment(1)), "key")
    assert error.value.facts["sent"] is False


def test_payments_of_another_kind_or_a_torn_batch_are_refused(tmp_path):
    connector = in_folder(Pain001Files, tmp_path)
    with pytest.raises(DataError, match="is a debit"):
        list(connector.serialize(iter([debit(1)])))
    torn = [payment(1), payment(2, batch="PAY-000124"), payment(3)]
    with pytest.raises(DataError, match="do not stand together"):
        list(connector.serialize(iter(torn)))


@pytest.mark.parametrize("names", ["{message}.xml", "{key}_{day}.xml"])
def test_names_without_the_key_are_an_administrators_matter(tmp_path, names):
    with pytest.raises(ConfigurationError):
        in_folder(Pain001Files, tmp_path, names=names)
