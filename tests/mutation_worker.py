"""What scripts/mutation.py has done in forks of an Odoo worker: functions replaced by those of a mutant, tests run."""

import contextlib
import inspect
import io
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def judge(_env, file, text, tests):
    """killed where a test fails, survived where none does, None where the mutant lies outside all functions."""
    name = "odoo.addons." + file.removesuffix(".py").removeprefix("addons/").replace("/", ".")
    if text != (ROOT / file).read_text() and not _replace(sys.modules[name], compile(text, file, "exec")):
        return None
    _env.cr.rollback()
    with contextlib.redirect_stdout(io.StringIO()):
        code = pytest.main(["-x", "-q", "-p", "no:cacheprovider", f"--rootdir={ROOT}", *(f"{ROOT}/{t}" for t in tests)])
    return "survived" if code == 0 else "killed"


def _replace(module, mutant):
    """Put the mutant's code into the functions of the loaded module; returns how many differ."""
    return sum(_put(function, code) for function, code in _functions(vars(module), mutant))


def _functions(found, mutant):
    """(function that is loaded, code of the mutant) for functions of the module and of its classes."""
    for code in filter(inspect.iscode, mutant.co_consts):
        owner = found.get(code.co_name)
        if isinstance(owner, type):
            yield from _functions(vars(owner), code)
        elif owner:
            yield owner, code


def _put(function, code):
    function = inspect.unwrap(getattr(function, "fget", None) or getattr(function, "__func__", function))
    if not inspect.isfunction(function) or _told(function.__code__) == _told(code):
        return 0
    function.__code__ = code
    return 1


def _told(code):
    """What decides whether two codes do the same; repr tells 1 from True."""
    inner = [_told(c) if inspect.iscode(c) else repr(c) for c in code.co_consts]
    return code.co_code, code.co_names, inner
