"""The tools say what is true: options Odoo knows, paths that exist, a compose file that means something."""

import configparser
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICE_KEYS = {
    *("build", "command", "depends_on", "entrypoint", "environment", "expose", "healthcheck", "image"),
    *("network_mode", "networks", "ports", "restart", "user", "volumes", "working_dir"),
}
KEYS_READ = {"release_key", "secret_key", "file_roots", "allowed_hosts"}


def odoo_conf():
    config = configparser.RawConfigParser()
    config.read(ROOT / "odoo.conf")
    return config


def commented_options():
    """The options that odoo.conf shows for production, behind a #."""
    return re.findall(r"^# (\w+) = ", (ROOT / "odoo.conf").read_text(), re.MULTILINE)


@pytest.fixture(scope="module")
def known_options():
    """What Odoo itself says, in a process of its own: this one stays without Odoo."""
    code = "from odoo.tools import config; print(*config.options_index)"
    asked = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "ODOO_RC": "/dev/null"},
    )
    if asked.returncode:
        pytest.skip("Odoo is not importable here")
    return set(asked.stdout.split())


def test_every_option_of_odoo_conf_is_known_to_odoo(known_options):
    assert set(odoo_conf()["options"]) | set(commented_options()) <= known_options


def test_odoo_conf_shows_how_to_run_prefork_behind_a_proxy():
    assert {"workers", "gevent_port", "proxy_mode"} <= set(commented_options())
    assert "/websocket" in (ROOT / "docs" / "operations.md").read_text()


def test_odoo_conf_names_the_keys_of_the_suite_and_holds_no_secret():
    section = odoo_conf()["finance_integration"]
    assert set(section) == KEYS_READ
    assert not any(section.values())


def test_odoo_listens_on_loopback_only():
    assert odoo_conf()["options"]["http_interface"] == "127.0.0.1"


def test_the_generated_configuration_is_readable_by_its_owner_only_and_keeps_its_keys(tmp_path):
    run = tmp_path / "run"
    environment = {**os.environ, "FIG_RUN": str(run), "PORT": "8123", "PGHOST": "127.0.0.1"}
    seen = []
    for _ in range(2):
        subprocess.run([sys.executable, "scripts/config.py"], cwd=ROOT, env=environment, check=True)
        config = configparser.RawConfigParser()
        config.read(run / "odoo.conf")
        seen.append((config["finance_integration"]["secret_key"], config["finance_integration"]["release_key"]))
    assert seen[0] == seen[1] and all(seen[0])
    assert (run / "odoo.conf").stat().st_mode & 0o077 == 0
    assert config["options"]["http_port"] == "8123"


def test_two_installations_have_different_keys(tmp_path):
    keys = set()
    for name in ("one", "two"):
        environment = {**os.environ, "FIG_RUN": str(tmp_path / name), "PORT": "8123"}
        subprocess.run([sys.executable, "scripts/config.py"], cwd=ROOT, env=environment, check=True)
        keys.add(re.search("secret_key = (.+)", (tmp_path / name / "odoo.conf").read_text())[1])
    assert len(keys) == 2


@pytest.mark.parametrize("name", COMPOSE["services"])
def test_a_service_of_the_compose_file_means_something(name):
    service = COMPOSE["services"][name]
    assert set(service) <= SERVICE_KEYS
    assert ("image" in service) != ("build" in service)
    assert set(service["healthcheck"]) <= {"test", "interval", "timeout", "retries", "start_period"}
    assert service["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")
    assert set(service.get("depends_on", {})) <= set(COMPOSE["services"])
    if service.get("network_mode", "").startswith("service:"):
        assert service["network_mode"].partition(":")[2] in COMPOSE["services"]
        assert "ports" not in service, "who shares a network publishes nothing"


def test_the_volumes_of_the_compose_file_are_declared():
    named = {volume.split(":")[0] for service in COMPOSE["services"].values() for volume in service.get("volumes", [])}
    assert {volume for volume in named if not volume.startswith(".")} == set(COMPOSE["volumes"])


def test_what_the_compose_file_runs_is_there():
    words = [word for service in COMPOSE["services"].values() for word in service.get("entrypoint", [])]
    assert not [word for word in words if word.endswith((".py", ".sh")) and not (ROOT / word).exists()]


@pytest.mark.parametrize("name", ["planning", "sftp"])
def test_a_simulated_system_knows_the_options_that_the_compose_file_gives_it(name):
    _python, script, *options = COMPOSE["services"][name]["entrypoint"]
    help_text = subprocess.run(
        [sys.executable, script, "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert not [option for option in options if option.startswith("--") and option not in help_text]


def test_the_compose_file_publishes_to_this_machine_only():
    assert all(
        port.startswith("127.0.0.1:") for service in COMPOSE["services"].values() for port in service.get("ports", [])
    )


def test_the_image_installs_the_block_of_the_suite():
    """The Dockerfile cuts it out of requirements.txt by these two headings."""
    text = (ROOT / "requirements.txt").read_text()
    block = text[text.index("# --- The suite") : text.index("# === What tests")]
    assert "paramiko" in block and "pytest" not in block
    inline = COMPOSE["services"]["odoo"]["build"]["dockerfile_inline"]
    assert inline.startswith("FROM odoo:19.0\n") and "USER odoo" in inline.splitlines()[-1]


def test_every_requirement_is_a_range():
    # No next major version to fear, or numbered by the day.
    loose = {"pytz", "lxml-html-clean>=0.4", "fsspec>=2024.6", "s3fs>=2024.6"}
    names = [
        line.split(";")[0].strip()
        for line in (ROOT / "requirements.txt").read_text().splitlines()
        if line and line[0] != "#"
    ]
    assert not [name for name in names if "==" not in name and "<" not in name and name not in loose]
    assert len({re.split("[<>=]", name)[0].lower() for name in names}) == len(names)


def test_make_help_names_every_target():
    makefile = (ROOT / "Makefile").read_text()
    phony = set(re.search(r"\.PHONY: (.*)", makefile)[1].split())
    assert phony == set(re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE))


def test_what_make_runs_is_there():
    assert not [
        path for path in re.findall(r"scripts/\w+\.\w+", (ROOT / "Makefile").read_text()) if not (ROOT / path).exists()
    ]


@pytest.mark.parametrize(
    "script", [*sorted((ROOT / "scripts").glob("*.sh")), ROOT / ".ci" / "run"], ids=lambda path: path.name
)
def test_a_script_is_executable_and_parses(script):
    assert script.name == "env.sh" or os.access(script, os.X_OK)
    subprocess.run(["bash", "-n", script], check=True)


def test_the_ban_of_odoo_in_core_bites(tmp_path):
    """ruff refuses `from odoo import models` below core/ and allows it elsewhere."""
    ruff = Path(sys.executable).with_name("ruff")
    if not ruff.exists():
        pytest.skip("ruff is not installed here")

    def complaints(place):
        command = [
            ruff,
            "check",
            "--select",
            "TID251",
            "--config",
            ROOT / "pyproject.toml",
            "--stdin-filename",
            ROOT / place,
            "-",
        ]
        return subprocess.run(
            command, input="from odoo import models\n", capture_output=True, text=True, check=False
        ).stdout

    assert "TID251" in complaints("connector_bank/core/made_up.py")
    assert "TID251" not in complaints("connector_bank/models/made_up.py")
