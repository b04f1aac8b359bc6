"""How big the code is: the median function, the long files, and the reasons they have.

Product code only, tests left out. A function counts its lines from `def` to its end, without decorators and docstring.
Fails when the median is over 8 lines or a file over 400; names the files over 300 with the reason that stands in
pyproject.toml, and fails when there is none.
"""

import ast
import statistics
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MEDIAN, LONG, TOO_LONG = 8, 300, 400
KINDS = (".py", ".js")  # prettier decides how long a view is


def main():
    files = list(product_files())
    lengths = sorted(length for path in files if path.suffix == ".py" for length in functions(path))
    return show_functions(lengths) + show_files(files)


def product_files():
    """Everything below an addon that is neither a test, nor data, nor somebody else's."""
    for manifest in (*ROOT.glob("*/__manifest__.py"), *ROOT.glob("addons/*/__manifest__.py")):
        for path in sorted(manifest.parent.rglob("*")):
            inside = path.relative_to(manifest.parent).parts
            if path.suffix in KINDS and not {"tests", "lib", "demo", "i18n"}.intersection(inside):
                yield path


def functions(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.end_lineno - node.lineno + 1 - docstring_lines(node)


def docstring_lines(node):
    first = node.body[0]
    is_docstring = (
        isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    )
    return first.end_lineno - first.lineno + 1 if is_docstring else 0


def show_functions(lengths):
    if not lengths:
        print("functions: none yet")
        return 0
    median = statistics.median(lengths)
    print(f"functions: {len(lengths)}, median {median:g} lines (at most {MEDIAN}), longest {lengths[-1]}")
    return int(median > MEDIAN)


def show_files(files):
    reasons = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["fig"]["long-files"]
    failed = 0
    for path in files:
        name, lines = str(path.relative_to(ROOT)), len(path.read_text().splitlines())
        if lines > LONG:
            print(
                f"{name}: {lines} lines: {reasons.get(name, 'no reason given in pyproject.toml [tool.fig.long-files]')}"
            )
            failed |= lines > TOO_LONG or name not in reasons
    print(f"files: {len(files)}, none may have more than {TOO_LONG} lines")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
