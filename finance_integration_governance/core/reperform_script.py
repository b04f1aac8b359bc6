"""Re-perform this evidence pack: read its payloads again and compare with its lists.

    python3 reperform.py [FOLDER]

FOLDER is the unpacked pack, by default the place of this file. Python 3.11 or later; it needs neither Odoo nor the
network: the code that reads the payloads lies beside it, below `code/`. Libraries for transports are replaced by
stand-ins, so nothing can be opened but the files of the pack. Ends with 0 where all is equal, else with 1 and the names
of what is not.
"""

import importlib
import importlib.abc
import importlib.machinery
import json
import sys
import types
from pathlib import Path

HERE = Path(__file__).resolve().parent
TRANSPORTS = ("fsspec", "paramiko", "cryptography", "requests", "authlib")


class StandIn(types.ModuleType):
    """A library that is not there: its names exist, so that code can be loaded, and do nothing."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (Exception,), {"__doc__": "Not in an evidence pack."})


class StandIns(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path=None, target=None):
        return importlib.machinery.ModuleSpec(name, self, is_package=True) if name.split(".")[0] in TRANSPORTS else None

    def create_module(self, spec):
        return StandIn(spec.name)

    def exec_module(self, module):
        """Nothing to run."""


def namespace(name, *folders):
    """An empty package of this name over these folders, whatever else is installed."""
    module = types.ModuleType(name)
    module.__path__ = [str(folder) for folder in folders]
    sys.modules[name] = module
    parent, _, child = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], child, module)


def load(code):
    """The module that re-performs, the connector classes of the pack by their code, and its contracts."""
    sys.meta_path.insert(0, StandIns())
    sys.dont_write_bytecode = True
    namespace("odoo")
    namespace("odoo.addons")
    addons = sorted(folder for folder in code.iterdir() if (folder / "core").is_dir())
    for folder in addons:
        namespace(f"odoo.addons.{folder.name}", folder)
    cores = [importlib.import_module(f"odoo.addons.{folder.name}.core") for folder in addons]
    classes = {cls.code: cls for core in cores for cls in getattr(core, "CONNECTORS", [])}
    contracts = [cls for core in cores for cls in getattr(core, "CONTRACTS", ())]
    return importlib.import_module("odoo.addons.finance_integration_governance.core.reperform"), classes, contracts


def main(arguments):
    folder = Path(arguments[0]) if arguments else HERE
    reperform, classes, contracts = load(HERE / "code")
    report = reperform.Reperformance(folder, classes, contracts).perform()
    for note in report.notes:
        print(f"note: {note}")
    for difference in report.differences:
        print(f"DIFFERENT: {difference}")
    print(json.dumps(report.counts, sort_keys=True))
    print("equal" if report.is_equal else f"{len(report.differences)} differences")
    return 0 if report.is_equal else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
