"""A contract's schema, once released, is frozen in a file; a later minor version may only add optional members.

An addon inherits this in a test of its core and names its contracts and the folder of its frozen schemas. A new version
is frozen by `python scripts/contracts.py`, which writes what is missing and never what is there.
"""

import json

from ..contract import schema
from ..contracts import Version, broken_promises
from ..dictionary import entities


def file_name(contract):
    return contract.replace("/", "-") + ".json"


class FrozenContracts:
    contracts = ()
    folder = None

    def frozen(self):
        """(version, schema) of every file in the folder."""
        for path in sorted(self.folder.glob("*.json")):
            told = json.loads(path.read_text())
            yield Version.read(told["title"]), told

    def test_what_was_released_has_not_changed(self):
        known = dict(self.frozen())
        changed = [
            cls.contract
            for cls in self.contracts
            if known.get(Version.read(cls.contract)) != json.loads(json.dumps(schema(cls)))
        ]
        assert not changed, "a released contract changes by a new version only; scripts/contracts.py freezes a new one"

    def test_a_minor_version_only_adds_optional_members(self):
        broken = {
            f"{cls.contract} after {version}": told
            for cls in self.contracts
            for version, old in self.frozen()
            if Version.read(cls.contract).serves(version)
            for told in [broken_promises(old, schema(cls))]
            if told
        }
        assert not broken

    def test_every_member_has_a_meaning(self):
        silent = [
            f"{entity.name}.{field.name}"
            for entity in entities(self.contracts)
            for field in entity.fields
            if not field.means
        ]
        assert not silent
