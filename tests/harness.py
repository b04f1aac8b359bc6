"""What the suite's tests stand on: databases of their own, Odoo workers to kill, outside systems as processes."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psycopg2

ROOT = Path(__file__).resolve().parent.parent
DOUBLES = ROOT / "tests" / "doubles"
LONG_AGO = 1_000_000_000  # a file younger than a few seconds may still be on its way, and is left alone


def connect(database="postgres"):
    connection = psycopg2.connect(dbname=database)
    connection.autocommit = True
    return connection


class Database:
    """A database of the test's own, with a folder for its files. `release` names the installation it runs in."""

    def __init__(self, name, folder):
        self.name, self.folder = f"{name}_{os.getpid()}", Path(folder)
        self.inbox = self.folder / "inbox"
        self.config = self.folder / "odoo.conf"

    def create(self, template=None):
        """Copy the template; the files of an earlier life go, as if this were the first."""
        self.drop()
        self._execute(f'CREATE DATABASE "{self.name}" TEMPLATE "{template or os.environ["FIG_TEMPLATE"]}"')
        shutil.rmtree(self.folder / "data" / "filestore", ignore_errors=True)
        shutil.rmtree(self.inbox, ignore_errors=True)
        self.inbox.mkdir(parents=True)
        return self

    def duplicate(self, name):
        """A copy as `createdb -T` makes it, in the same folder: same configuration, same files, another name."""
        copy = Database(name, self.folder)
        copy.drop()
        copy._execute(f'CREATE DATABASE "{copy.name}" TEMPLATE "{self.name}"')
        files = self.folder / "data" / "filestore"
        if (files / self.name).exists():
            shutil.copytree(files / self.name, files / copy.name, dirs_exist_ok=True)
        return copy

    def drop(self):
        """An autovacuum worker of the server may be in there and cannot be thrown out: a minute with big tables."""
        for _try in range(600):
            try:
                return self._execute(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)')
            except psycopg2.errors.InsufficientPrivilege:
                time.sleep(0.2)
        raise AssertionError(f"{self.name} cannot be dropped")

    def _execute(self, statement):
        connection = connect()
        with connection.cursor() as cursor:
            cursor.execute(statement)
        connection.close()

    def sql(self, query, *params):
        connection = connect(self.name)
        with connection.cursor() as cursor:
            cursor.execute(query, params)
            rows = cursor.fetchall() if cursor.description else []
        connection.close()
        return rows

    def configure(self, **more):
        """A configuration of its own: the checkout's, with this data folder, inbox and installation."""
        own = {"data_dir": self.folder / "data", "db_name": self.name, "max_cron_threads": 0, **more.pop("options", {})}
        section = {"release_key": "test", "file_roots": self.folder, "allowed_hosts": "127.0.0.1,localhost", **more}
        lines = [line for line in Path(os.environ["ODOO_RC"]).read_text().splitlines() if _key(line) not in own]
        body = "\n".join(line for line in _options(lines))
        text = body + "\n" + "\n".join(f"{k} = {v}" for k, v in own.items())
        text += "\n\n[finance_integration]\n" + "\n".join(f"{k} = {v}" for k, v in section.items())
        self.folder.mkdir(parents=True, exist_ok=True)
        self.config.write_text(text + "\n")
        return self

    def a_week_passes(self, flow):
        """The flow was approved, and due, more than a week further back: what runs weekly is due again."""
        self.sql("UPDATE fin_version SET applied_at = applied_at - interval '9 days' WHERE flow_id = %s", flow)
        self.sql(
            "UPDATE fin_clock SET seen_until = seen_until - interval '9 days', look_at = NULL WHERE flow_id = %s", flow
        )
        # Not by the same time for all: two slots may not meet on their way.
        further = "interval '8 days' + make_interval(secs => floor(random() * 80000))"
        self.sql(f"UPDATE fin_slot SET due_at = due_at - ({further}) WHERE flow_id = %s", flow)

    def put(self, name, content):
        """A complete file in the inbox."""
        path = self.inbox / name
        path.write_bytes(content)
        os.utime(path, (LONG_AGO, LONG_AGO))
        return path


def _key(line):
    return line.partition("=")[0].strip()


def _options(lines):
    """The lines of the section [options] only."""
    inside = False
    for line in lines:
        if line.startswith("["):
            inside = line.strip() == "[options]"
        if inside and not line.startswith(";"):
            yield line


class Server:
    """A threaded Odoo with its cron threads, as at a desk; what it logs stands in `log`."""

    LANES = "cron_name LIKE 'Finance Integrations%%' AND active"

    def __init__(self, database, **options):
        self.database, self.port = database, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        ports = {"http_port": self.port, "gevent_port": free_port(), "max_cron_threads": 2}
        database.configure(options={**ports, **options})
        self.log_file = database.folder / f"{database.name}.log"

    def __enter__(self):
        command = [os.environ["FIG_ODOO_BIN"], "-c", self.database.config]
        with self.log_file.open("w") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, cwd=ROOT)
        try:
            wait(self._answers, 120, "the start of Odoo")
        except AssertionError:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_error):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(20)

    def _answers(self):
        assert self.process.poll() is None, self.log[-3000:]
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{self.url}/web/health", timeout=5) as answer:
            return answer.status == 200

    @property
    def log(self):
        return self.log_file.read_text(errors="replace")

    def wake(self):
        """Make the lanes due and tell the cron threads to look now; else each takes up to a minute."""
        self.database.sql(f"UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'utc' WHERE {self.LANES}")
        self.notify()

    def notify(self):
        """Tell the cron threads to look now at what is due."""
        connection = connect()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify('cron_trigger', %s)", (self.database.name,))
        connection.close()

    def pass_all_lanes(self):
        """Have each lane called once, from its beginning to its end, by the real cron."""
        query = f"SELECT id, lastcall FROM ir_cron WHERE {self.LANES}"
        before = dict(self.database.sql(query))

        def passed():
            self.wake()
            return all(last and last != before[lane] for lane, last in self.database.sql(query))

        wait(passed, 90, "a pass of every lane")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Worker:
    """An Odoo process that does commands in forks; see odoo_worker.py."""

    def __init__(self, database, *folders):
        path = os.pathsep.join(map(str, (ROOT / "tests", *folders)))
        environment = {**os.environ, "PYTHONPATH": path, "PYTHONWARNINGS": "ignore"}
        script = Path(__file__).with_name("odoo_worker.py")
        self.process = subprocess.Popen(
            [os.environ.get("FIG_PYTHON", sys.executable), script, database.config, database.name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        self._answer()

    def _answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("the Odoo worker ended; its traceback stands above")
        return json.loads(line)

    def begin(self, call, fault=None, environment=None, **args):
        """Send a command without waiting."""
        environment = {**(environment or {}), **({"FIN_FAULT_POINT": fault} if fault else {})}
        command = {"call": call, "args": args, "environment": environment}
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()

    def end(self):
        return self._answer()

    def do(self, call, fault=None, environment=None, **args):
        """Do a command in a fork; returns its answer. A fork that failed raises, unless a fault was asked for."""
        self.begin(call, fault, environment, **args)
        answer = self.end()
        if answer["exit"] and not fault:
            raise RuntimeError(f"{call} failed with {answer['exit']}")
        return answer

    def result(self, call, **args):
        return self.do(call, **args)["result"]

    def stop(self):
        self.process.stdin.close()
        self.process.wait(30)


@contextlib.contextmanager
def double(script, *args):
    """An outside system as a process; gives what it says when it is ready (its port, its key)."""
    process = subprocess.Popen(
        [sys.executable, DOUBLES / script, "--port", "0", *map(str, args)], stdout=subprocess.PIPE, text=True
    )
    try:
        yield json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.wait(10)


def ask(url, body=None, token=None, method=None):
    """A call to a double, as the test's own: JSON in, JSON out."""
    data = json.dumps(body).encode() if body is not None else None
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    request = urllib.request.Request(url, data, headers, method=method)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.loads(answer.read() or b"null")


def wait(until, seconds=60, what="it"):
    """Poll until the callable gives something; AssertionError when it did not within the time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := until():
            return found
        time.sleep(0.2)
    raise AssertionError(f"{what} did not happen within {seconds} s")
