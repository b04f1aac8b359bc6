"""Where the demo is: the server, its database, and the folders that it may use. Plain Python."""

import configparser
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import psycopg2
from systems import AT_BANK, FOLDERS


class Place:
    """Where things are: the server, its database, and the folders that the demo may use."""

    def __init__(self):
        self.url, self.conf = _given("FIG_URL"), _given("ODOO_RC")
        self.odoo, self.run = _given("FIG_ODOO_BIN"), Path(_given("FIG_RUN"))
        config = configparser.RawConfigParser()
        config.read(self.conf)
        self.database = os.environ.get("FIG_DEMO") or config.get("options", "db_name")
        roots = config.get("finance_integration", "file_roots", fallback="").split(",")
        if not roots[0].strip():
            sys.exit(f"{self.conf} names no folder in file_roots: the demo has no place for its files.")
        self.files = Path(roots[0].strip()) / "demo"
        self.kept = self.run / "demo"
        if os.environ.get("RESET"):  # a new database meets an outside world that knows nothing either
            for folder in (self.files, self.kept):
                shutil.rmtree(folder, ignore_errors=True)
        for folder in (*self._folders(), self.kept):
            folder.mkdir(parents=True, exist_ok=True)

    @property
    def inbox(self):
        return self.files / "inbox"

    @property
    def bank(self):
        return self.files / "bank"

    def _folders(self):
        return [*(self.files / name for name in FOLDERS.values()), *(self.bank / name for name in AT_BANK.values())]

    def tidy(self):
        """Take away what flows were given last time and have not read."""
        for name in ("demo-folder", "demo-budgets"):
            self._empty(self.files / FOLDERS[name])
        for name in ("demo-bank", "demo-answers"):
            self._empty(self.bank / AT_BANK[name])

    def _empty(self, folder):
        for left in folder.iterdir():
            if left.is_file():
                left.unlink()

    def connect(self, systems):
        """Tell the connections where the systems are."""
        code = (
            f"changed = env['fin.demo']._connect({systems!r})\nenv.cr.commit()\n"
            "print('demo:', changed, env['fin.database']._is_released())\n"
        )
        answer = self._odoo("shell", "--no-http", "--max-cron-threads=0", read=code)
        line = next((line for line in answer.splitlines() if line.startswith("demo: ")), None)
        if line is None:
            sys.exit(f"The connections could not be set. Odoo said:\n{answer[-3000:]}")
        self.is_released = line.endswith("True")

    def release(self):
        """Let this database send, if it may not yet."""
        if not self.is_released:
            answer = self._odoo("finance release", "--environment", "test", "--reason", "the demo")
            say(next((line for line in answer.splitlines() if " is released" in line), "released"))

    def _odoo(self, verb, *options, read=""):
        """Run one of Odoo's commands on the database; returns what it wrote."""
        command = [self.odoo, *verb.split(), "-c", self.conf, "-d", self.database, *options]
        ran = subprocess.run(
            command, input=read, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
        )
        if ran.returncode:
            sys.exit(f"`odoo {verb}` failed:\n{ran.stdout[-3000:]}")
        return ran.stdout

    def wake(self):
        """Tell the cron threads to look now; a server that has just started wakes nobody for up to a minute."""
        connection = psycopg2.connect(dbname="postgres")
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify('cron_trigger', %s)", (self.database,))
        connection.close()


def _given(name):
    return os.environ.get(name) or sys.exit(f"{name} is not set: start the demo with `make demo`.")


def say(words):
    print(f"[{time.strftime('%T')}] {words}", flush=True)
