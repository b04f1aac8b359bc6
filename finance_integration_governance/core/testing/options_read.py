"""Which options the code of an addon reads, found in its source, so that no declaration can drift from it."""

import ast
from pathlib import Path


def options_read(*paths):
    """Dotted names of the options that Python files, or all files below folders, read.

    Options are whatever is called `options`, or comes from `_options(...)`, `.get("options", ...)` or `["options"]`;
    what `.limit(name)` reads counts as "limits.name".
    """
    files = [file for path in map(Path, paths) for file in (path.rglob("*.py") if path.is_dir() else [path])]
    found = {name for file in files for name in _read_in(ast.parse(file.read_text()))}
    return {name for name in found if not any(other.startswith(f"{name}.") for other in found)}


def _read_in(tree):
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            reader = _Reader()
            reader.visit(function)
            yield from reader.found


class _Reader(ast.NodeVisitor):
    """The options that one function reads; `told` remembers which local name holds which part of them."""

    def __init__(self):
        self.found, self.told, self.loops = set(), {}, {}

    def visit_Assign(self, node):
        self.generic_visit(node)
        for target in node.targets:
            pairs = [(target, node.value)]
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                pairs = list(zip(target.elts, node.value.elts, strict=True))
            for name, value in pairs:
                if isinstance(name, ast.Name) and (place := self._place(value)) is not None:
                    self.told[name.id] = place

    def visit_GeneratorExp(self, node):
        for loop in node.generators:
            if isinstance(loop.target, ast.Name) and isinstance(loop.iter, ast.Tuple):
                self.loops[loop.target.id] = [one.value for one in loop.iter.elts if isinstance(one, ast.Constant)]
        self.generic_visit(node)

    def visit_Call(self, node):
        self._place(node)
        if isinstance(node.func, ast.Attribute) and node.func.attr == "limit" and len(node.args) == 2:
            self.found |= {f"limits.{name}" for name in self._names(node.args[0])}
        self.generic_visit(node)

    def visit_Subscript(self, node):
        self._place(node)
        self.generic_visit(node)

    def _place(self, node):
        """What of the options this is: "" all of them, "group" a part, None something else."""
        match node:
            case ast.Name(id=name):
                return "" if name == "options" else self.told.get(name)
            case ast.BoolOp(op=ast.Or(), values=[first, *_]):
                return self._place(first)
            case ast.Call(func=ast.Attribute(attr="_options")):
                return ""
            case (
                ast.Call(func=ast.Attribute(value=inner, attr="get"), args=[key, *_])
                | ast.Subscript(value=inner, slice=key)
            ):
                return self._below(inner, key)
        return None

    def _below(self, inner, key):
        names, place = self._names(key), self._place(inner)
        if place is None:
            return "" if names == ["options"] else None
        told = [f"{place}.{name}".lstrip(".") for name in names]
        self.found |= set(told)
        return told[0] if told else None

    def _names(self, node):
        if isinstance(node, ast.Name):
            return self.loops.get(node.id, [])
        return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []
