"""pytest plugin of `make core`: the addons' names exist, Odoo does not.

`from odoo.addons.finance_integration_governance.core import errors` works, because `odoo`, `odoo.addons` and each addon
are registered as empty namespaces before anything imports them. `from odoo import models` is an ImportError at once,
on a machine with Odoo too.
"""

import sys
import types
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def namespace(name, *folders):
    module = types.ModuleType(name, "Empty on purpose: the core knows nothing of Odoo.")
    module.__path__ = [str(folder) for folder in folders]
    sys.modules[name] = module
    parent, _, child = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], child, module)


for loaded in [name for name in sys.modules if name.partition(".")[0] == "odoo"]:
    del sys.modules[loaded]
namespace("odoo")
namespace("odoo.addons")
for manifest in (
    *ROOT.glob("*/__manifest__.py"),
    *ROOT.glob("addons/*/__manifest__.py"),
    *ROOT.glob("*/core/__init__.py"),
):
    addon = manifest.parent.parent if manifest.parent.name == "core" else manifest.parent
    namespace(f"odoo.addons.{addon.name}", addon)


def pytest_collect_directory(path, parent):
    """An addon's folder is a plain folder here; as a package it would be imported, and Odoo with it."""
    return pytest.Dir.from_parent(parent, path=path)
