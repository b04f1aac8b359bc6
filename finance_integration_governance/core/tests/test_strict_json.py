from decimal import Decimal

import pytest

from odoo.addons.finance_integration_governance.core.errors import MalformedPayload
from odoo.addons.finance_integration_governance.core.strict_json import loads


def test_s14_amounts_are_decimals_and_integers_stay_whole():
    assert loads(b"[0.1, 1e2, 18446744073709551616]") == [Decimal("0.1"), Decimal("1e2"), 18446744073709551616]


def test_s14_a_bom_does_no_harm():
    assert loads(b"\xef\xbb\xbf{}") == {}


@pytest.mark.parametrize(
    "text",
    [
        b'{"a": 1, "a": 1}',
        b'[{"a": {"b": 1, "b": 2}}]',
        b"[NaN]",
        b"[Infinity]",
        b"[-Infinity]",
        b"[1e999999]",
        b"[1E-999999]",
        b"[" + b"9" * 5000 + b"]",
        b"[" * 65 + b"]" * 65,
        b'{"a":' * 100_000,
        b'["\\ud800"]',
        b'["a\nb"]',
        b"\xff\xfe[\x00]\x00",
        b'["\xc3"]',
        b"[1,]",
        b"",
        b"[1] [2]",
        b"'a'",
    ],
)
def test_s14_what_readers_disagree_about_is_malformed(text):
    with pytest.raises(MalformedPayload):
        loads(text)


def test_s14_brackets_inside_texts_are_not_depth():
    assert loads(b'["' + b"[{" * 500 + b'\\""]') == ["[{" * 500 + '"']


def test_s14_size_is_checked_before_anything_is_read():
    with pytest.raises(MalformedPayload, match="more than 10 bytes"):
        loads(b"x" * 11, max_bytes=10)


def test_whole_surrogate_pairs_are_fine():
    assert loads(b'["\\ud83d\\ude00"]') == ["\U0001f600"]


@pytest.mark.parametrize("text", [b'{"canary": 1, "canary": 2}', b'["canary", x]', b'["canary\xff"]'])
def test_the_error_never_repeats_content(text):
    with pytest.raises(MalformedPayload) as raised:
        loads(text)
    assert "canary" not in str(raised.value) and raised.value.__suppress_context__
