"""The databases of this checkout: base, template, demo, copy NAME [SOURCE], with NAME ADDON, still NAME, drop NAME.

base      `account` with the generic chart, no demo data; built again only when Odoo changes
template  a copy of base with the suite's addons; built again when their content changes
demo      demo data, the suite and the demo addon; kept between starts, upgraded when the content changes

A template keeps its attachments in the database, because CREATE DATABASE ... TEMPLATE copies no files, and lets nobody
connect. What it was made from stands in its comment.
"""

import ast
import fcntl
import hashlib
import os
import re
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import psycopg2
from psycopg2 import sql

ROOT = Path(os.environ.get("FIG_ROOT") or Path(__file__).resolve().parent.parent)
RUN = Path(os.environ.get("FIG_RUN") or ROOT / ".run")
BASE, TEMPLATE, DEMO = (os.environ.get(f"FIG_{name}") or f"fig_{name.lower()}" for name in ("BASE", "TEMPLATE", "DEMO"))
ODOO = [str(RUN / "venv/bin/odoo"), "-c", str(RUN / "odoo.conf")]
QUIETLY = ["--no-http", "--max-cron-threads=0"]
NOT_CONTENT = {"tests", "__pycache__", "readme", "description"}

# No warning of these comes from an addon: they speak of the machine.
HARMLESS = re.compile(r"pg_trgm|unaccent|wkhtmltopdf|geoip", re.I)

QUIET = """
env["res.company"].search([]).iap_enrich_auto_done = True
env["ir.config_parameter"].set_param("iap.endpoint", "http://127.0.0.1:1")
cron = env.ref("mail.ir_cron_module_update_notification", raise_if_not_found=False)
if cron:
    cron.active = False
"""
CHART = """
if not env.company.chart_template:
    env["account.chart.template"].try_loading("generic_coa", env.company, install_demo=False)
"""
IN_DATABASE = """
env["ir.config_parameter"].set_param("ir_attachment.location", "db")
env["ir.attachment"].force_storage()
"""
ASSETS = """
env["ir.qweb"]._pregenerate_assets_bundles()
"""


def main(verb, *names):
    with locked():
        VERBS[verb](*names)


def base():
    digest = odoo_digest()
    if comment(BASE) == digest:
        return
    build = f"{BASE}_new"
    drop(build)
    odoo("base", build, "-i", "account", words="a database with `account` (about a minute, once)")
    python(build, QUIET + CHART + IN_DATABASE)
    keep(build, BASE, digest)


def template():
    addons = product_addons()
    digest = f"{odoo_digest()} {content_digest(addons)}"
    known = comment(TEMPLATE)
    if known == digest or (known and os.environ.get("FIG_KEEP_TEMPLATE")):
        return
    base()
    build = f"{TEMPLATE}_new"
    copy(build, BASE)
    if addons:
        odoo(
            "template",
            build,
            "-i",
            ",".join(addon.name for addon in addons),
            words="the template of the tests",
            strict=True,
        )
    fill_assets(build, f"{odoo_digest()} {assets_digest(addons)}")
    keep(build, TEMPLATE, digest)


def demo():
    addons = [*product_addons(), *(addon for addon in optional_addons() if addon.name == "finance_integration_demo")]
    digest = content_digest(addons)
    names = ",".join(addon.name for addon in addons)
    if os.environ.get("RESET"):
        drop(DEMO)
    known = comment(DEMO)
    if known == digest:
        return
    if known is None:
        drop(DEMO)
        odoo(
            "demo",
            DEMO,
            "-i",
            "account",
            "--with-demo",
            words="a database with `account` and its demo data (about a minute, once)",
        )
        python(DEMO, QUIET)
        remark(DEMO, "account")
    if names:
        odoo(
            "demo-suite",
            DEMO,
            "-i",
            names,
            "-u",
            names,
            "--with-demo",
            words="the suite and its demo data",
            strict=True,
        )
    python(DEMO, QUIET)
    remark(DEMO, digest)


def fill_assets(database, digest):
    """Bundles take half a minute; as long as no static file changes they are taken from last time."""
    kept, columns = RUN / "assets.copy", attachment_columns(database)
    stamp = RUN / "assets.digest"
    if kept.exists() and stamp.exists() and stamp.read_text() == digest:
        python(database, QUIET + IN_DATABASE)
        with connected(database) as cursor, kept.open("rb") as stream:
            cursor.copy_expert(f"COPY ir_attachment ({columns}) FROM STDIN", stream)
        return
    python(database, QUIET + IN_DATABASE + ASSETS)
    with connected(database) as cursor, kept.open("wb") as stream:
        bundles = f"SELECT {columns} FROM ir_attachment WHERE url LIKE '/web/assets/%'"  # noqa: S608 - names from the catalogue
        cursor.copy_expert(f"COPY ({bundles}) TO STDOUT", stream)
    stamp.write_text(digest)


def attachment_columns(database):
    query = """SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
                WHERE attrelid = 'ir_attachment'::regclass AND attnum > 0 AND NOT attisdropped AND attname <> 'id'"""
    with connected(database) as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]


def copy(name, source=""):
    drop(name)
    execute("CREATE DATABASE {} TEMPLATE {}", name, source or TEMPLATE)


def extended(name, addon):
    """A copy of the template with one more addon."""
    copy(name)
    odoo(addon, name, "-i", addon, words=f"a copy of the template with {addon}", strict=True)


def still(name):
    """No autovacuum in a database whose tests never commit.

    It sees what everybody sees: tables with pages and no rows. The planner then takes the thousands of rows of a test's
    own transaction for none, and joins of stock Odoo that take no time take hours.
    """
    tables = "SELECT format('ALTER TABLE %I.%I SET (autovacuum_enabled = false)', schemaname, tablename) FROM pg_tables"
    with connected(name) as cursor:
        cursor.execute(f"{tables} WHERE schemaname = 'public'")
        cursor.execute(";".join(statement for (statement,) in cursor.fetchall()))


def drop(name):
    execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


def keep(build, name, digest):
    drop(name)
    execute("ALTER DATABASE {} RENAME TO {}", build, name)
    execute("ALTER DATABASE {} ALLOW_CONNECTIONS false", name)
    remark(name, digest)


def remark(name, digest):
    execute("COMMENT ON DATABASE {} IS {}", name, literal=digest)


def comment(name):
    query = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s"
    with connected() as cursor:
        cursor.execute(query, (name,))
        row = cursor.fetchone()
    return row and row[0]


def execute(statement, *names, literal=None):
    parts = [sql.Identifier(name) for name in names] + ([sql.Literal(literal)] if literal else [])
    with connected() as cursor:
        cursor.execute(sql.SQL(statement).format(*parts))


@contextmanager
def connected(database="postgres"):
    connection = psycopg2.connect(dbname=database)
    connection.autocommit = True
    try:
        yield connection.cursor()
    finally:
        connection.close()


@contextmanager
def locked():
    """Two builds of the same template would tear at each other."""
    with (RUN / "database.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def product_addons():
    return installable(ROOT)


def optional_addons():
    return installable(ROOT / "addons")


def installable(folder):
    return [
        manifest.parent for manifest in sorted(folder.glob("*/__manifest__.py"))
        if ast.literal_eval(manifest.read_text()).get("installable", True)
    ]  # fmt: skip


def odoo_digest():
    release = next(RUN.glob("venv/lib/python3*/site-packages/odoo.pth")).read_text().strip()
    package = Path(release) / "odoo"
    return hashlib.sha256((package / "release.py").read_bytes() + release.encode()).hexdigest()[:16]


def content_digest(addons):
    digest = hashlib.sha256()
    for addon in addons:
        for path in sorted(addon.rglob("*")):
            inside = path.relative_to(addon)
            if path.is_file() and not NOT_CONTENT.intersection(inside.parts) and path.suffix != ".md":
                digest.update(f"{addon.name}/{inside}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def assets_digest(addons):
    """Of what the bundles are made of; the time of a file counts, because Odoo names bundles by it."""
    digest = hashlib.sha256()
    for addon in addons:
        digest.update((addon / "__manifest__.py").read_bytes())
        for path in sorted((addon / "static").rglob("*")):
            digest.update(f"{path.relative_to(ROOT)} {path.stat().st_mtime_ns}\0".encode())
    return digest.hexdigest()[:16]


def odoo(log, database, *arguments, words, strict=False):
    """Run Odoo until it has done what it was asked; show how far it is; fail on what its log complains about."""
    began = time.monotonic()
    say(f"Building {words}")
    path = RUN / "log" / f"{log}.log"
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    command = [*ODOO, "-d", database, *arguments, "--stop-after-init", *QUIETLY]
    with path.open("w") as out, subprocess.Popen(command, cwd=ROOT, **streams) as process:
        complaints = list(follow(process.stdout, out))
    if process.returncode or (strict and complaints):
        sys.exit("\n".join(["", *complaints[:20], f"Odoo complained while installing. The whole log: {path}"]))
    say(f"  done in {time.monotonic() - began:.0f} s")


def follow(lines, out):
    shown = 0.0
    for line in lines:
        out.write(line)
        step = re.search(r"Loading module (\S+) \((\d+)/(\d+)\)", line)
        if step and time.monotonic() - shown > 10:
            shown = time.monotonic()
            print("  {} ({}/{})".format(*step.groups()), flush=True)
        if re.search(r"^\S+ \S+ \d+ (WARNING|ERROR|CRITICAL) ", line) and not HARMLESS.search(line):
            yield line.rstrip()


def python(database, code):
    """Run a piece of code in Odoo's shell and keep what it did."""
    command = [ODOO[0], "shell", *ODOO[1:], "-d", database, *QUIETLY]
    code = f"{code}\nenv.cr.commit()\nprint('kept')\n"
    ran = subprocess.run(command, input=code, text=True, capture_output=True, check=False, cwd=ROOT)
    if ran.returncode or "kept" not in ran.stdout:
        sys.exit(f"A step in {database} failed:\n{ran.stdout[-2000:]}\n{ran.stderr[-4000:]}")


def say(words):
    print(f"[{time.strftime('%T')}] {words}", flush=True)


VERBS = {verb.__name__: verb for verb in (base, template, demo, copy, still, drop)} | {"with": extended}

if __name__ == "__main__":
    main(*sys.argv[1:])
