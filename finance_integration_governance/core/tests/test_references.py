import pytest

from odoo.addons.finance_integration_governance.core.errors import ConfigurationError
from odoo.addons.finance_integration_governance.core.redaction import redact
from odoo.addons.finance_integration_governance.core.references import (
    guarded,
    is_reference,
    plain_resolvers,
    resolve,
)

VALUE = "canary-reference-value"
RESOLVERS = {"stored": {"bank": VALUE}.get, "conf": guarded({"planning": VALUE, "secret_key": VALUE}.get)}


@pytest.mark.parametrize(
    "text", ["env:TOKEN", "file:/run/secrets/a b", "conf:a.key_1", "stored:bank-1", "vault:kv/bank#token"]
)
def test_each_form_is_a_reference(text):
    assert is_reference(text)


@pytest.mark.parametrize(
    "text",
    [
        "hunter2",
        "",
        None,
        5,
        "env:",
        "env:A B",
        "env:A\n",
        "file:relative",
        "http://x",
        "ENV:X",
        "conf:../x",
        "stored:a/b",
        "a" * 501,
        " env:A",
    ],
)
def test_everything_else_is_not(text):
    assert not is_reference(text)


def test_a_reference_gives_its_value_and_is_masked_from_then_on():
    assert resolve("stored:bank", RESOLVERS) == VALUE
    assert redact(f"found {VALUE}") == "found ***"


@pytest.mark.parametrize("text", [VALUE, "stored:other", "vault:x", "conf:missing", "conf:secret_key", "env:X"])
def test_s08_a_reference_that_leads_nowhere_never_repeats_a_value(text):
    with pytest.raises(ConfigurationError) as raised:
        resolve(text, RESOLVERS)
    assert VALUE not in str(raised.value) and VALUE not in str(raised.value.facts)


def test_the_environment_is_read_at_use(monkeypatch):
    monkeypatch.setenv("PLANNING_TOKEN", VALUE)
    assert resolve("env:PLANNING_TOKEN", plain_resolvers()) == VALUE


@pytest.mark.parametrize("name", ["PGPASSWORD", "POSTGRES_PASSWORD", "FIN_SECRET_KEY", "FIN_RELEASE_KEY", "ODOO_RC"])
def test_what_the_server_itself_needs_is_not_given_out(monkeypatch, name):
    monkeypatch.setenv(name, VALUE)
    with pytest.raises(ConfigurationError, match="nothing behind"):
        resolve(f"env:{name}", plain_resolvers())


def test_a_secret_file_is_read_below_the_allowed_folders_only(tmp_path):
    allowed = tmp_path / "secrets"
    allowed.mkdir()
    (allowed / "token").write_text(f"{VALUE}\n")
    (tmp_path / "outside").write_text(VALUE)
    (allowed / "link").symlink_to(tmp_path / "outside")
    resolvers = plain_resolvers([allowed])
    assert resolve(f"file:{allowed}/token", resolvers) == VALUE
    for path in (f"{tmp_path}/outside", f"{allowed}/../outside", f"{allowed}/link"):
        with pytest.raises(ConfigurationError, match="not below the folders"):
            resolve(f"file:{path}", resolvers)


def test_a_secret_file_that_is_no_text_is_refused_without_its_bytes(tmp_path):
    (tmp_path / "key").write_bytes(b"canary\xff")
    with pytest.raises(ConfigurationError) as raised:
        resolve(f"file:{tmp_path}/key", plain_resolvers([tmp_path]))
    assert "canary" not in str(raised.value) and raised.value.__suppress_context__
