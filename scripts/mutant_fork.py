"""Mutants in forks of a process that has everything loaded: each gets its change, its tests and a limit of time.

A mutant of plain Python is imported anew in its fork. A mutant of what an Odoo process has loaded gives its functions,
their defaults and its plain constants to the loaded module; what else stands outside of functions stays what it was.
"""

import contextlib
import gc
import importlib.machinery
import inspect
import json
import os
import signal
import sys
import tempfile
import threading
import traceback
import types
import unittest
from decimal import Decimal
from functools import cached_property
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

ROOT = Path(__file__).resolve().parent.parent
RUN = Path(os.environ.get("FIG_RUN") or ROOT / ".run")
OPTIONS = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", f"--rootdir={ROOT}"]
WITHOUT_ODOO = ["-p", "core_namespaces", "-p", "no:odoo"]
PLAIN = (bool, int, float, str, bytes, tuple, list, dict, set, frozenset, Decimal, type(None))
LONGER = 3  # a mutant may take that many times what its tests take without it ...
AT_LEAST = 15  # ... and seconds


def in_fork(work, *args, seconds=0):
    """(exit code, what it returned) of work done in a fork, which is ended after so many seconds."""
    sys.stdout.flush()
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        code = 1
        try:
            os.close(reading)
            signal.alarm(seconds)
            told = json.dumps(work(*args))
            with os.fdopen(writing, "w") as stream:
                stream.write(told)
            code = 0
        finally:
            if code:
                traceback.print_exc()
            sys.stdout.flush()
            os._exit(code)  # the parent's stack is not the fork's to unwind
    os.close(writing)
    with os.fdopen(reading) as stream:
        told = stream.read()
    _pid, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), json.loads(told) if told else None


@contextlib.contextmanager
def database():
    """A database for these forks: a copy of the template, which Odoo's configuration names for as long."""
    sys.path.insert(0, str(ROOT / "tests"))
    from harness import Database

    # Tests of secrets need a key, as every installation has one.
    own = Database("fig_mutants", RUN / "mutants").create().configure(secret_key=Fernet.generate_key().decode())
    before = os.environ["ODOO_RC"]
    os.environ["ODOO_RC"] = str(own.config)
    try:
        yield
    finally:
        os.environ["ODOO_RC"] = before
        own.drop()


class Plain:
    """Tests of core/, without Odoo."""

    def __init__(self):
        import hypothesis

        sys.path.insert(0, str(ROOT / "scripts"))
        # The same examples for each mutant, and no search for the smallest one that fails.
        phases = (hypothesis.Phase.explicit, hypothesis.Phase.generate)
        hypothesis.settings.register_profile("mutants", phases=phases, database=None, derandomize=True, deadline=None)
        hypothesis.settings.load_profile("mutants")

    def watch(self, files, tests):
        """What is reached without a mutant; told by a fork, so that nothing is imported here."""
        return in_fork(lambda: watched(files, tests, WITHOUT_ODOO))[1]

    def judge(self, jobs):
        """The verdicts on (file, text, tests, seconds)."""
        return [result(*in_fork(lambda: self._run(*job[:3]), seconds=job[3])) for job in jobs]  # noqa: B023 - done at once

    def _run(self, file, text, tests):
        path, get_code = str(ROOT / file), importlib.machinery.SourceFileLoader.get_code

        def changed(loader, name):
            return compile(text, path, "exec") if loader.path == path else get_code(loader, name)

        importlib.machinery.SourceFileLoader.get_code = changed
        return run(tests, WITHOUT_ODOO)


class Loaded:
    """Tests of models, in forks of an Odoo process that has its registry and these tests loaded.

    A class of tests is set up once, without a mutant; the forks of it inherit its open transaction, one after the
    other, and it goes back to where it was behind each. What a mutant does to the setup alone, and tests over HTTP, get
    forks with a session of their own.
    """

    def watch(self, files, tests):
        # Not in a fork: what is loaded and cached here, every fork has.
        told = watched(files, tests, ["--odoo-http"])
        gc.freeze()
        self.known = told and told.get("tests", {})
        return told

    def judge(self, jobs):
        """The verdicts on (file, text, tests, seconds)."""
        verdicts = dict.fromkeys(range(len(jobs)), "survived")
        for name in sorted({self.known[test]["class"] for job in jobs for test in job[2]}, key=self._seconds):
            self._judge_class(name, jobs, verdicts)
            alive = [*verdicts.values()].count("survived")
            print(f"  {name.rpartition('::')[2]}: {alive} of {len(jobs)} left", flush=True)
        return [*verdicts.values()]

    def _seconds(self, name):
        """Tests over HTTP last, else the quickest class first."""
        own = [found for found in self.known.values() if found["class"] == name]
        return own[0]["is_http"], sum(found["seconds"] for found in own)

    def _judge_class(self, name, jobs, verdicts):
        waiting = {}
        for number, (_file, _text, tests, _seconds) in enumerate(jobs):
            own = [test for test in tests if self.known[test]["class"] == name]
            if own and verdicts[number] == "survived":
                waiting[number] = own
        if any(self.known[test]["is_http"] for tests in waiting.values() for test in tests):
            for number, tests in waiting.items():
                verdicts[number] = self._apart(jobs[number], tests)
            return
        while waiting:
            code, told = in_fork(self._of_class, name, jobs, waiting)
            if code:
                raise RuntimeError(f"{name} could not be set up")
            for number, verdict in told:
                verdicts[number] = verdict
                del waiting[number]

    def _apart(self, job, tests):
        file, text, _tests, seconds = job
        _close(every=True)
        return result(*in_fork(lambda: put(loaded(file), text) and run(tests, ["--odoo-http"]), seconds=seconds))

    def _of_class(self, name, jobs, waiting):
        """[(number, verdict)], up to the first fork that was ended in the midst of what it asked the database."""
        file, _colons, cls = name.partition("::")
        cls = getattr(loaded(file), cls)
        self._as_in_tests()
        cls.setUpClass()
        _close(every=False)
        verdicts, killers, cr = [], {}, cls.cr._obj
        cr.execute("SAVEPOINT mutants")
        for number, tests in waiting.items():
            # Whatever killed another mutant of the same lines is tried first.
            before = killers.setdefault(tuple(tests), {})
            file, text, _tests, _seconds = jobs[number]
            ordered = sorted(tests, key=lambda test: (-before.get(test, 0), self.known[test]["seconds"]))
            code, told = in_fork(self._in_class, cls, file, text, ordered, seconds=limit(self.known, tests))
            verdicts.append((number, result(code, told)))
            if told and told["code"]:
                before[told["said"]] = before.get(told["said"], 0) + 1
            if code:
                break  # it may have left the connection in the midst of an answer
            cr.execute("ROLLBACK TO SAVEPOINT mutants")
        return verdicts

    def _as_in_tests(self):
        from odoo.tools import config

        threading.current_thread().testing = config["test_enable"] = True

    def _in_class(self, cls, file, text, tests):
        import odoo.modules.module

        try:
            if not put(loaded(file), text):
                return None
        except Exception as error:  # noqa: BLE001 - a mutant that cannot even be loaded, whatever it raises
            return {"code": 1, "said": repr(error)}
        for test in tests:
            told, one = unittest.TestResult(), cls(test.rpartition("::")[2])
            odoo.modules.module.current_test = one
            one.run(told)
            if not told.wasSuccessful():
                return {"code": 1, "said": test}
        return {"code": 0}


def result(code, told):
    """killed, survived, untried where the mutant could not be put in place; a fork that was ended counts as killed."""
    if code < 0:
        return "killed"
    verdict = {0: "survived", 1: "killed"}.get(told["code"]) if told else "untried"
    if code or not verdict:
        sys.exit(f"A mutant could not be judged: {told}")
    return verdict


def loaded(file):
    return sys.modules["odoo.addons." + file.removesuffix(".py").removeprefix("addons/").replace("/", ".")]


def _close(every):
    """Close the connections to the database that a fork would share: all, or those that nobody uses."""
    from odoo import sql_db

    if every:
        return sql_db.close_all()
    for pool in filter(None, (sql_db._Pool, sql_db._Pool_readonly)):
        for connection in [one for one in pool._connections if not one._pool_in_use]:
            pool._connections.remove(connection)
            connection.close()
    return None


def put(module, text):
    """Give what the text says to the loaded module; returns how much differs."""
    fresh = types.ModuleType(module.__name__)
    vars(fresh).update({name: getattr(module, name) for name in ("__package__", "__file__", "__spec__")})
    exec(compile(text, module.__file__, "exec"), vars(fresh))  # noqa: S102 - the file's own text, one place changed
    return _put(module, fresh)


def _put(owner, fresh):
    return sum(_put_one(owner, name, vars(owner).get(name), new) for name, new in [*vars(fresh).items()])


def _put_one(owner, name, old, new):
    # By type, because some things (proxies) are asked for their class in vain.
    if issubclass(type(old), type) and issubclass(type(new), type):
        # What was imported is another one's.
        return _put(old, new) if old.__module__ == new.__module__ == getattr(owner, "__module__", owner.__name__) else 0
    if type(old) in PLAIN and type(new) in PLAIN and not _is_declared(owner, name):
        if repr(old) == repr(new) or "object at 0x" in repr(new):
            return 0
        setattr(owner, name, new)
        return 1
    old, new = _function(old), _function(new)
    if old is None or new is None or old is new or _says(old) == _says(new):
        return 0
    if len(old.__code__.co_freevars) != len(new.__code__.co_freevars):
        return 0
    old.__code__, old.__defaults__, old.__kwdefaults__ = new.__code__, new.__defaults__, new.__kwdefaults__
    return 1


def _is_declared(owner, name):
    """What a model says of itself (_order, _inherit) was read when the registry was made."""
    return name.startswith("__") or (isinstance(owner, type) and name.startswith("_"))


def _function(value):
    inner = {property: "fget", classmethod: "__func__", staticmethod: "__func__", cached_property: "func"}
    value = getattr(value, inner[type(value)]) if type(value) in inner else value
    return inspect.unwrap(value) if type(value) is types.FunctionType else None


def _says(function):
    return _code(function.__code__), repr(function.__defaults__), repr(function.__kwdefaults__)


def _code(code):
    """What decides whether two codes do the same; repr tells 1 from True."""
    inner = [_code(c) if inspect.iscode(c) else repr(c) for c in code.co_consts]
    return code.co_code, code.co_names, code.co_varnames, inner


# Tests


def run(tests, options):
    """The exit code of pytest (0 all passed, 1 some failed), and the end of what it said."""
    code, said = _pytest(tests, options)
    return {"code": code, "said": said[-600:]}


def watched(files, tests, options):
    """What each test takes and reaches of these files, or why the tests do not pass; see Watch."""
    watch = Watch(files)
    code, said = _pytest(tests, options, watch)
    return {"tests": watch.told()} if code == 0 else {"failed": said[-2000:]}


def _pytest(tests, options, *plugins):
    # A real file: Odoo's logger asks for its number.
    with tempfile.TemporaryFile("w+") as said, contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = pytest.main([*OPTIONS, *options, *(str(ROOT / test) for test in tests)], [*plugins])
        said.seek(0)
        return int(code), said.read()


class Watch:
    """Notes for each test how long it takes and which lines of some files it reaches, while it runs or is set up."""

    def __init__(self, files):
        self.files = {str(ROOT / file): file for file in files}
        self.seconds, self.calls, self.setups, self.http = {}, {}, {}, {}
        self.lines = None

    def told(self):
        """Test -> its class, seconds, and the lines reached by itself and by the class's setup."""
        return {
            test: {
                "class": test.rpartition("::")[0],
                "seconds": self.seconds[test],
                "is_http": self.http[test],
                "call": sorted(self.calls[test]),
                "setup": sorted(self.setups.get(test.rpartition("::")[0], ())),
            }
            for test in self.calls
        }

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_setup(self, item):
        yield from self._traced(self.setups.setdefault(item.nodeid.rpartition("::")[0], set()))

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_call(self, item):
        self.http[item.nodeid] = any(base.__name__ == "HttpCase" for base in getattr(item.cls, "__mro__", ()))
        yield from self._traced(self.calls.setdefault(item.nodeid, set()))

    def pytest_runtest_logreport(self, report):
        self.seconds[report.nodeid] = self.seconds.get(report.nodeid, 0) + report.duration

    def _traced(self, lines):
        if not self.files:
            return (yield)
        self.lines = lines
        threading.settrace(self._enter)
        sys.settrace(self._enter)
        yield
        sys.settrace(None)
        return threading.settrace(None)

    def _enter(self, frame, _event, _arg):
        if frame.f_code.co_filename not in self.files:
            return None
        self._line(frame, None, None)
        return self._line

    def _line(self, frame, _event, _arg):
        self.lines.add(f"{self.files[frame.f_code.co_filename]}:{frame.f_lineno}")
        return self._line


def chosen(told, file, span):
    """(tests that reach these lines of the file, the quickest first; seconds that they may take)."""
    reached = {f"{file}:{line}" for line in span}

    tests = [test for test, found in told.items() if reached.intersection(found["call"])]
    tests = tests or [test for test, found in told.items() if reached.intersection(found["setup"])]
    return sorted(tests, key=lambda test: told[test]["seconds"]), limit(told, tests)


def limit(told, tests):
    """Seconds that these tests may take with a mutant."""
    return int(AT_LEAST + LONGER * sum(told[test]["seconds"] for test in tests))
