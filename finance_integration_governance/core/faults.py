"""Fault points: places where a test may kill the process, as a power cut would.

A point is named by the engine itself, from the stage and the `yield` it stands at, so a new yield is a new point. In
production nothing is armed, and `reach` costs one comparison.
"""

import ast
import functools
import inspect
import os
import textwrap

ENVIRONMENT = "FIN_FAULT_POINT"


def reach(point):
    """Die here, without a word, if this point is armed (`name` or `name:n` for the n-th time it is reached)."""
    armed = os.environ.get(ENVIRONMENT)
    if armed and _hit(armed, point):
        os._exit(9)


_reached = {}


def is_armed():
    """Whether this process is to die at some point."""
    return ENVIRONMENT in os.environ


def _hit(armed, point):
    name, _colon, nth = armed.partition(":")
    if name != point:
        return False
    _reached[point] = _reached.get(point, 0) + 1
    return _reached[point] == int(nth or 1)


@functools.cache
def yields(function):
    """Line offsets of the yields of a generator function, in the order in which they stand."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    return sorted(node.lineno for node in ast.walk(tree) if isinstance(node, (ast.Yield, ast.YieldFrom)))


def ordinal(generator, function):
    """At which of its yields, counted from 1, the generator stands now."""
    line = generator.gi_frame.f_lineno - function.__code__.co_firstlineno + 1
    return max(i for i, at in enumerate(yields(function), 1) if at <= line)


def points(directions, stages):
    """Every point of an engine: before and after the commit of each yield and stage, and around sends.

    `directions` maps a direction to the object whose methods `_<stage>` are the stages; `calls` on a stage method names
    the outside calls that it makes.
    """
    for direction, pipeline in directions.items():
        for stage in stages:
            function = inspect.unwrap(getattr(type(pipeline), f"_{stage}"))
            names = [f"{direction}.{stage}.{n}" for n in range(1, len(yields(function)) + 1)] + [
                f"{direction}.{stage}.end"
            ]
            yield from (f"{name}.{side}" for name in names for side in ("before", "after"))
            for call in getattr(function, "calls", ()):
                yield from (f"{direction}.{stage}.{call}.{side}" for side in ("before", "after"))


def calling(*names):
    """Declares the outside calls of a stage method, so that its fault points can be listed."""

    def declare(function):
        function.calls = names
        return function

    return declare
