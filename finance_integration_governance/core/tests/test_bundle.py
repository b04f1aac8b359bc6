import pytest

from odoo.addons.finance_integration_governance.core import bundle
from odoo.addons.finance_integration_governance.core.bundle import BundleError, new_key, read, write
from odoo.addons.finance_integration_governance.core.errors import ConfigurationError

PRIVATE, PUBLIC = new_key()
FLOW = {"flow": {"code": "bank", "name": "Bänk"}, "on": "2026-01-01", "amount": "1.50", "yes": True, "nothing": {}}
PARTS = {
    "flow": FLOW,
    "documents": {"a" * 64: {"kind": "crosswalk", "text": "x"}},
    "contracts": {"bank.entry/1.0": "d"},
}
TEXT = write(PARTS, PRIVATE)


def refused(text, trusted=(PUBLIC,)):
    with pytest.raises(BundleError) as caught:
        read(text.encode() if isinstance(text, str) else text, trusted)
    return caught.value


def test_what_is_written_is_read():
    found = read(TEXT.encode(), [PUBLIC])
    assert found.parts == PARTS
    assert found.key == PUBLIC


def test_the_same_parts_have_the_same_digest_whoever_signs():
    private, public = new_key()
    assert read(write(PARTS, private).encode(), [public]).digest == read(TEXT.encode(), [PUBLIC]).digest


def test_r26_a_changed_value_is_refused_with_the_line_of_its_part():
    error = refused(TEXT.replace("1.50", "1.51"))
    assert "flow is not what its digest says" in error.reason
    assert TEXT.splitlines()[error.line - 1].strip() == "flow:"


def test_r26_a_value_changed_with_its_digest_is_refused():
    changed = write({**PARTS, "flow": {**FLOW, "amount": "1.51"}}, new_key()[0])
    own = TEXT[TEXT.index("signature:") :]
    assert "signature" in refused(changed[: changed.index("signature:")] + own).reason


def test_a_key_that_nobody_trusts_is_refused():
    assert "trust" in refused(TEXT, trusted=[new_key()[1]]).reason


def test_wherever_it_is_cut_off_it_is_refused():
    for end in range(0, len(TEXT) - 2, 7):
        refused(TEXT[:end])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "[1, 2]",
        "format: finance-integration-bundle/2\n",
        "a: &x [1]\nb: *x\n",
        "a: 1\na: 2\n",
        "a: !!python/object/apply:os.system ['true']\n",
        "a: 2026-01-01\n",
        "a: 1.5\n",
        "1: a\n",
        "? [a]\n: b\n",
        "a: !!binary aGVsbG8=\n",
        "[" * 50,
        b"\xff\xfe",
    ],
)
def test_what_is_no_bundle_is_refused(text):
    refused(text)


def test_more_than_the_cap_is_not_read(monkeypatch):
    monkeypatch.setattr(bundle, "MAX_BYTES", 10)
    assert "at most" in refused(TEXT).reason


def test_a_malformed_key_is_named_and_not_repeated():
    with pytest.raises(ConfigurationError) as caught:
        write(PARTS, "hunter2")
    assert "hunter2" not in str(caught.value)
