import io
import logging

import pytest

from odoo.addons.finance_integration_governance.core.redaction import redact, register, suite_logger

SECRET = 's3cr3t/"quoted" +canary'


@pytest.fixture
def log():
    """A logger of the suite and what it has written."""
    stream = io.StringIO()
    logger = suite_logger("finance_integration_governance.test")
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield logger, stream.getvalue
    logger.removeHandler(handler)


def test_s08_a_registered_secret_never_reaches_the_log(log):
    logger, written = log
    register(SECRET)
    logger.info("value %s", SECRET)
    logger.info('as a query: s3cr3t%2F%22quoted%22%20%2Bcanary and json: {"a": "s3cr3t/\\"quoted\\" +canary"}')
    logger.info("as basic: czNjcjN0LyJxdW90ZWQiICtjYW5hcnk=")
    assert "canary" not in written() and "czNjcj" not in written()


def test_s08_a_traceback_is_masked_too(log):
    logger, written = log
    register(SECRET)
    try:
        raise ValueError(f"bad value {SECRET}\nERROR forged line")
    except ValueError:
        logger.exception("it failed")
    assert "canary" not in written() and "ValueError: bad value ***" in written()
    assert "\nERROR" not in written(), "a line of a traceback passed for a record"


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer hunter2xyz",
        "authorization=hunter2xyz",
        "Basic hunter2xyz==",
        "password=hunter2xyz&user=a",
        'passwd: "hunter2 xyz"',
        "{'client_secret': 'hunter2xyz'}",
        '{"api_key": "hunter2xyz"}',
        '{"token": "hunter2\\"xyz"}',
        "sftp://user:hunter2xyz@host/path",
        "-----BEGIN RSA PRIVATE KEY-----\nhunter2xyz\n-----END RSA PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\nhunter2xyz",
    ],
)
def test_s08_what_looks_like_a_secret_is_masked(text):
    assert "hunter2" not in redact(text) and "xyz" not in redact(text)


@pytest.mark.parametrize(
    "text",
    ["BE68 5390 0754 7034", "run RUN-000123 delivered 12 items", "https://host:8443/v1?a=b", "the token was accepted"],
)
def test_plain_words_and_account_numbers_stay(text):
    assert redact(text) == text


def test_s21_a_hostile_value_stays_one_harmless_line(log):
    logger, written = log
    logger.warning("partner %s", "A\r\n2026-01-01 INFO forged\x1b[31m\u2028\x00")
    assert written().count("\n") == 1
    assert not any(ord(char) < 32 for char in written().rstrip("\n")) and "\u2028" not in written()


def test_a_short_secret_does_not_mask_every_sentence():
    register("a")
    assert redact("a plain sentence") == "a plain sentence"
