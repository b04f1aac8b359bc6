"""Shared by all rings of tests; see `make help` for the rings."""

import pytest


def pytest_collect_directory(path, parent):
    """Tests of core/ are plain: their folders are no packages of an addon."""
    return pytest.Dir.from_parent(parent, path=path) if "core" in path.parts else None
