import ast
import sys
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "tools" / "verify_audit.py"


def test_the_verifier_is_plain_python_3_9():
    tree = ast.parse(SCRIPT.read_text(), feature_version=(3, 9))
    assert not any(isinstance(node, ast.Match) for node in ast.walk(tree))


def test_the_verifier_needs_nothing_but_the_standard_library():
    tree = ast.parse(SCRIPT.read_text())
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert names <= sys.stdlib_module_names
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
