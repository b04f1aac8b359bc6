"""Fixtures that several files of these tests share."""

import pytest
from anaplan_scene import connect, start

from odoo.addons.finance_integration_governance.core.testing.double import Double


@pytest.fixture(scope="module")
def shared():
    with start("--page", "2") as double:
        yield double


@pytest.fixture
def double(shared):
    shared.ask("/control/reset", all=True)
    shared.ask("/control/faults", faults={"hang": 0})
    return shared


@pytest.fixture
def connector(double):
    return connect(double)


@pytest.fixture(scope="module")
def sftp(tmp_path_factory):
    root = tmp_path_factory.mktemp("sftp")
    with Double("sftp_server.py", "--root", root, "--user", "planner", "--password", "canary-sftp") as double:
        double.root = root
        yield double


@pytest.fixture(scope="module")
def s3():
    pytest.importorskip("s3fs")
    pytest.importorskip("moto")
    with Double("s3_server.py", "--bucket", "planning") as double:
        yield double


@pytest.fixture(params=["folder", "sftp", "s3"])
def location(request, tmp_path):
    """Each kind of place, empty: its settings, and (roots, allowed hosts) of whoever administers this installation."""
    if request.param == "folder":
        return {"location": tmp_path.as_uri()}, ((str(tmp_path),), ())
    server = request.getfixturevalue(request.param)
    if request.param == "sftp":
        (server.root / tmp_path.name).mkdir()
        told = {"credentials": "canary-sftp", "hostkey": server.ready["hostkey"]}
        return {"location": f"{server.url}{tmp_path.name}", **told}, ((), ())
    url = f"s3://planning/{tmp_path.name}?endpoint={server.url}"
    return {"location": url, "credentials": "key:canary-s3"}, ((), ("127.0.0.1",))
