"""What every source owes the engine, as tests that it inherits.

    class TestMt940File(SourceContract):
        connector = Mt940File(location=FILES.as_uri())
        sample = FILES / "reversal.mt940"

`sample` is a file of ours in the source's format, without anything wrong in it. `expected` are the control totals of
what is in it, where they are known from elsewhere than the connector.
"""

import os
import re
import time
from functools import partial
from pathlib import Path

import pytest

from ..canonical import canonical, digest
from ..connector import Payload, Source, Window
from ..contract import Finding, breaches
from ..errors import MalformedPayload
from ..references import is_reference
from ..totals import ControlTotals

_SECRET_NAME = re.compile(r"pass|secret|token|private|credential|api_?key")


class SourceContract:
    """Inherit, give `connector` and `sample`."""

    connector = None
    sample = None
    expected = None

    def payload(self, content=None):
        """The sample, or these bytes, as a payload."""
        if content is None:
            return Payload(Path(self.sample).name, partial(open, self.sample, "rb"))
        return Payload("changed", lambda: _Stream(content))

    def moved(self, folder):
        """A connector like the one given whose source holds the sample, and nothing else, since yesterday.

        Override it for a source that does not read files from a `location`.
        """
        copy = Path(folder) / Path(self.sample).name
        copy.write_bytes(Path(self.sample).read_bytes())
        os.utime(copy, (time.time() - 86_400,) * 2)
        values = {setting.name: getattr(self.connector, setting.name) for setting in self.connector.settings}
        connector = type(self.connector)(**values | {"location": Path(folder).as_uri()})
        connector.roots = (folder,)
        return connector

    def read(self, content=None):
        """(objects, findings) of the sample or of these bytes."""
        found = list(self.connector.parse(self.payload(content)))
        findings = [one for one in found if isinstance(one, Finding)]
        return [one for one in found if not isinstance(one, Finding)], findings

    # --- what it says of itself

    def test_the_catalogue_entry_is_complete(self):
        assert isinstance(self.connector, Source)
        assert re.fullmatch(r"[a-z0-9_]+(\.[a-z0-9_]+)+", self.connector.code)
        assert self.connector.label and type(self.connector).__doc__
        assert all(re.fullmatch(r"[a-z0-9_.]+/[0-9]+\.[0-9]+", carried.contract) for carried in self.connector.carries)

    def test_settings_have_a_name_and_a_label_each(self):
        names = [setting.name for setting in self.connector.settings]
        assert len(set(names)) == len(names)
        assert all(setting.label for setting in self.connector.settings)
        assert set(self.connector.renamed.values()) <= set(names)

    def test_secrets_are_given_by_reference(self):
        for setting in self.connector.settings:
            assert setting.secret or not _SECRET_NAME.search(setting.name), f"{setting.name} looks like a secret"
            assert not setting.secret or setting.default is None or is_reference(setting.default)

    # --- what it reads

    def test_the_sample_is_found_where_it_lies(self, tmp_path):
        payloads = list(self.moved(tmp_path).extract(Window()))
        assert [payload.name for payload in payloads] == [Path(self.sample).name]
        assert [_content(payload) for payload in payloads] == [Path(self.sample).read_bytes()]

    def test_what_is_read_keeps_its_contract(self):
        objects, _findings = self.read()
        assert objects
        assert {type(one) for one in objects} <= set(self.connector.carries)
        assert [(one.key, breaches(one)) for one in objects if breaches(one)] == []

    def test_every_object_has_its_own_key(self):
        keys = [(type(one), one.key) for one in self.read()[0]]
        assert len(set(keys)) == len(keys)

    def test_a_document_comes_before_its_parts(self):
        seen = set()
        for one in self.read()[0]:
            assert one.parent_key is None or one.parent_key in seen
            seen.add(one.key)

    def test_reading_twice_gives_the_same_digests(self):
        first, second = self.read(), self.read()
        assert [_identity(one) for one in first[0]] == [_identity(one) for one in second[0]]
        assert first[1] == second[1]

    def test_every_object_has_its_line_or_none_has(self):
        lines = list(self.connector.lines(self.payload()))
        assert len(lines) in (0, len(self.read()[0]))

    def test_the_totals_are_those_expected(self):
        if self.expected is None:
            pytest.skip("no totals are known from elsewhere")
        measured = (one for one in self.read()[0] if one.amount is not None)
        found = ControlTotals.of((one.key, one.amount, one.currency) for one in measured)
        assert (found.count, found.amounts) == (self.expected.count, self.expected.amounts)

    # --- what it refuses

    @pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.99])
    def test_part_of_a_file_is_never_taken_for_all_of_it(self, share):
        content = Path(self.sample).read_bytes().rstrip()
        try:
            _objects, findings = self.read(content[: int(len(content) * share)])
        except MalformedPayload:
            return
        assert findings

    # --- what it leaves behind

    def test_settling_twice_is_settling_once(self, tmp_path):
        connector = self.moved(tmp_path)
        (payload,) = connector.extract(Window())
        kept = Payload(payload.name, partial(open, self.sample, "rb"))
        connector.settle(kept)
        connector.settle(kept)
        assert list(connector.extract(Window())) == []


class _Stream:
    """Bytes that come in small pieces, as from a network."""

    def __init__(self, content):
        self._content, self._at = content, 0

    def read(self, size=-1):
        size = 777 if size < 0 else min(size, 777)
        piece = self._content[self._at : self._at + size]
        self._at += len(piece)
        return piece

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self._at = len(self._content)


def _content(payload):
    with payload.open() as stream:
        return stream.read()


def _identity(one):
    return one.key, one.alt_key, one.parent_key, digest(canonical(one))
