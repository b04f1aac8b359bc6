"""Fixtures that several files of these tests share."""

import json
from types import SimpleNamespace

import pytest
from audit_export import Export, loaded
from local_server import Authority, LocalServer

from odoo.addons.finance_integration_governance.core.location import Location
from odoo.addons.finance_integration_governance.core.testing.double import Double


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def serve():
    """Starts a server on the loopback with a handler, and closes it after the test."""
    servers = []

    def start(handler, context=None):
        servers.append(LocalServer(handler, context))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture(scope="session")
def verifier():
    return loaded()


@pytest.fixture
def said(verifier, tmp_path, capsys):
    """What the script says of these lines, given anchors (a file) and places (from a mail)."""

    def say(export, anchors=(), at=()):
        lines = export.lines() if isinstance(export, Export) else export
        path, kept = tmp_path / "export.jsonl", tmp_path / "anchors.jsonl"
        path.write_text("".join(f"{line}\n" for line in lines))
        kept.write_text("".join(f"{one if isinstance(one, str) else json.dumps(one)}\n" for one in anchors))
        more = ["--anchors", str(kept)] if anchors else []
        code = verifier.main([str(path), "--json", *more, *(word for place in at for word in ("--at", place))])
        found = json.loads(capsys.readouterr().out)
        assert found["exit"] == code
        assert list(found) == sorted(found), "two runs are compared line by line"
        return SimpleNamespace(**{"position": None, "code": None, "notes": [], **found})

    return say


@pytest.fixture(scope="module")
def bank(tmp_path_factory):
    root = tmp_path_factory.mktemp("bank")
    with Double("sftp_server.py", "--root", root, "--user", "bank", "--password", "right") as double:
        double.root = root
        yield double


@pytest.fixture(params=["file", "sftp"])
def place(request, tmp_path):
    """(location, its folder) on each kind of place."""
    if request.param == "file":
        return Location(tmp_path.as_uri(), roots=(tmp_path,)), tmp_path
    bank = request.getfixturevalue("bank")
    folder = bank.root / tmp_path.name
    folder.mkdir()
    url = f"{bank.url}{tmp_path.name}?hostkey={bank.ready['hostkey']}"
    return Location(url, credentials="right"), folder
