"""What every destination owes the engine, as tests that it inherits.

    class TestPlanningApi(DestinationContract):
        sample = (Actual(...), Actual(...))

        @pytest.fixture
        def connector(self):
            with Double("planning_server.py", "--token", "t") as double:
                yield PlanningApi(base_url=double.url, token="t")

`connector` talks to something real that holds what it is sent; `sample` are objects that it takes, in an order that
matters. `refused` are objects that the other side refuses, where it can refuse single ones.
"""

import re

import pytest

from ..contract import breaches
from ..errors import ConfigurationError
from ..totals import ControlTotals

_SECRET_NAME = re.compile(r"pass|secret|token|private|credential|api_?key")


def _totals(objects):
    return ControlTotals.of((one.key, one.amount, one.currency) for one in objects)


def _bytes(payload):
    with payload.open() as stream:
        return stream.read()


class DestinationContract:
    """Inherit, give `connector` and `sample`."""

    sample = ()
    refused = ()

    @pytest.fixture
    def connector(self):
        raise NotImplementedError("give the contract a connector that talks to something real")

    def send_all(self, connector, objects):
        """(payload, key, receipt) of everything that these objects become."""
        sent = []
        for number, payload in enumerate(connector.serialize(iter(objects))):
            key = f"contract-{number}"
            sent.append((payload, key, connector.send(payload, key)))
        return sent

    # --- what it says of itself

    def test_the_catalogue_entry_is_complete(self, connector):
        assert re.fullmatch(r"[a-z0-9_]+(\.[a-z0-9_]+)+", connector.code)
        assert connector.label and type(connector).__doc__
        assert all(re.fullmatch(r"[a-z0-9_.]+/[0-9]+\.[0-9]+", carried.contract) for carried in connector.carries)

    def test_settings_have_one_name_each(self, connector):
        names = [setting.name for setting in connector.settings]
        assert len(names) == len(set(names)) and not set(names) & set(connector.renamed)

    def test_s08_what_is_secret_is_declared_secret_and_has_no_default(self, connector):
        secret = [setting for setting in connector.settings if _SECRET_NAME.search(setting.name)]
        assert all(setting.secret and setting.default is None for setting in secret)

    def test_a_missing_setting_is_named(self, connector):
        needed = [s for s in connector.settings if s.required and s.default is None]
        if needed:
            with pytest.raises(ConfigurationError, match=re.escape(needed[0].label)):
                type(connector)()

    def test_the_sample_keeps_its_contract(self, connector):
        assert self.sample and all(type(one) in connector.carries for one in self.sample)
        assert not [breach for one in self.sample for breach in breaches(one)]

    # --- what it makes

    def test_payloads_add_up_to_their_objects(self, connector):
        payloads = list(connector.serialize(iter(self.sample)))
        assert sum((payload.totals for payload in payloads), ControlTotals()).ties(_totals(self.sample))
        assert all(payload.totals.count == len(payload.keys) for payload in payloads)

    def test_keys_stay_in_order(self, connector):
        keys = [key for payload in connector.serialize(iter(self.sample)) for key in payload.keys]
        assert keys == [one.key for one in self.sample]

    def test_the_same_objects_make_the_same_bytes(self, connector):
        first, second = (list(connector.serialize(iter(self.sample))) for _time in range(2))
        assert [(p.name, _bytes(p)) for p in first] == [(p.name, _bytes(p)) for p in second]
        assert len({payload.name for payload in first}) == len(first)

    def test_a_payload_can_be_opened_again(self, connector):
        for payload in connector.serialize(iter(self.sample)):
            assert _bytes(payload) == _bytes(payload) != b""

    def test_nothing_makes_nothing(self, connector):
        assert not list(connector.serialize(iter(())))

    # --- what it does

    def test_the_probe_answers_in_plain_words(self, connector):
        words = connector.probe()
        secrets = [getattr(connector, setting.name) for setting in connector.settings if setting.secret]
        assert words and not any(secret in words for secret in secrets if secret)

    def test_what_was_sent_is_read_back_equal(self, connector):
        self._provable(connector)
        sent = self.send_all(connector, self.sample)
        assert all(receipt.state in ("accepted", "pending") for _payload, _key, receipt in sent)
        assert connector.confirm([key for _payload, key, _receipt in sent]).differences(_totals(self.sample)) == []

    def test_a_receipts_reference_reads_back_what_its_key_does(self, connector):
        self._provable(connector)
        for payload, key, receipt in self.send_all(connector, self.sample):
            if receipt.reference:
                assert connector.confirm([receipt.reference]).differences(payload.totals) == []
                assert connector.confirm([receipt.reference, key]).differences(payload.totals) == []

    def test_law_2_the_same_key_twice_has_one_effect(self, connector):
        payload = next(iter(connector.serialize(iter(self.sample))))
        first, second = (connector.send(payload, "contract-twice") for _time in range(2))
        assert first == second
        if connector.proves:
            assert connector.confirm(["contract-twice"]).differences(payload.totals) == []

    def test_an_unknown_reference_confirms_nothing(self, connector):
        self._provable(connector)
        assert connector.confirm(["never-sent"]) == ControlTotals()
        assert connector.confirm([]) == ControlTotals()

    def test_refused_objects_come_back_by_their_keys(self, connector):
        if not self.refused:
            pytest.skip("this target refuses no single objects")
        rejects = {}
        sent = self.send_all(connector, (*self.sample, *self.refused))
        for _payload, _key, receipt in sent:
            rejects |= receipt.rejects
        assert set(rejects) == {one.key for one in self.refused} and all(rejects.values())
        if connector.proves:
            assert connector.confirm([key for _payload, key, _receipt in sent]).differences(_totals(self.sample)) == []

    def test_calls_are_on_record_without_secrets(self, connector):
        connector.probe()
        secrets = [getattr(connector, setting.name) for setting in connector.settings if setting.secret]
        assert not any(secret in str(call) for call in connector.calls for secret in secrets if secret)

    def _provable(self, connector):
        if not connector.proves:
            pytest.skip("this target cannot be asked what it holds")
