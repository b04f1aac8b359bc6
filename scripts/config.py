"""Write .run/odoo.conf: what ./odoo.conf says, and beside it what is local to this checkout."""

import base64
import configparser
import os
import secrets
import socket
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUN = Path(os.environ.get("FIG_RUN") or ROOT / ".run")


def main():
    target = RUN / "odoo.conf"
    config = configparser.RawConfigParser()
    config.read(ROOT / "odoo.conf")
    before = configparser.RawConfigParser()
    before.read(target)
    config["options"].update(local_options())
    config["finance_integration"].update(installation(before))
    (RUN / "files").mkdir(parents=True, exist_ok=True)
    target.touch(mode=0o600)  # it holds the keys
    with target.open("w") as out:
        config.write(out)


def local_options():
    options = {
        "addons_path": ",".join(addons_path()),
        "data_dir": str(RUN / "data"),
        "db_name": os.environ.get("FIG_DEMO") or "fig_demo",
        "http_interface": os.environ.get("FIG_HTTP_INTERFACE") or "127.0.0.1",
    }
    for option, variable in (
        ("db_host", "PGHOST"),
        ("db_port", "PGPORT"),
        ("db_user", "PGUSER"),
        ("db_password", "PGPASSWORD"),
    ):
        if os.environ.get(variable):
            options[option] = os.environ[variable]
    port = http_port()
    return {**options, "http_port": str(port), "gevent_port": str(port + 3)}


def addons_path():
    """Odoo refuses a folder that holds no addon yet, so only those that do."""
    folders = [ROOT, ROOT / "addons", *source_addons()]
    return [str(folder) for folder in folders if any(folder.glob("*/__manifest__.py"))]


def source_addons():
    """A source checkout keeps its addons beside the package; a Debian tree inside it, where Odoo looks by itself."""
    for known in RUN.glob("venv/lib/python3*/site-packages/odoo.pth"):
        yield Path(known.read_text().strip()) / "addons"


def http_port():
    """PORT if given, else 8069, else the next one that nobody listens on."""
    if os.environ.get("PORT"):
        return int(os.environ["PORT"])
    for port in range(8069, 8169, 10):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if probe.connect_ex(("127.0.0.1", port)):
                return port
    return sys.exit("No free port from 8069 on: set PORT.")


def installation(before):
    """The keys of this installation are made once; a second setup keeps them."""
    known = dict(before["finance_integration"]) if before.has_section("finance_integration") else {}
    return {
        "release_key": known.get("release_key") or f"desk-{secrets.token_hex(4)}",
        "secret_key": known.get("secret_key") or base64.urlsafe_b64encode(os.urandom(32)).decode(),
        "file_roots": os.environ.get("FIG_FILE_ROOTS") or str(RUN / "files"),
        "allowed_hosts": os.environ.get("FIG_ALLOWED_HOSTS") or "127.0.0.1,localhost",
    }


if __name__ == "__main__":
    main()
