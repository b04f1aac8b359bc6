"""Freeze the schemas of contracts that have none yet, in `<addon>/core/schemas/`. What is frozen is never rewritten."""

import json
import sys
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main():
    sys.path.insert(0, str(ROOT / "scripts"))
    import_module("core_namespaces")  # the addons' names without Odoo
    core = "odoo.addons.finance_integration_governance.core"
    schema = import_module(f"{core}.contract").schema
    file_name = import_module(f"{core}.testing.frozen_contracts").file_name
    for addon in sorted(path.parent.name for path in ROOT.glob("*/__manifest__.py")):
        for cls in contracts(addon):
            path = ROOT / addon / "core" / "schemas" / file_name(cls.contract)
            path.parent.mkdir(exist_ok=True)
            if not path.exists():
                path.write_text(json.dumps(schema(cls), indent=2, ensure_ascii=False) + "\n")
                print(path.relative_to(ROOT))


def contracts(addon):
    """What the addon's connectors carry, and what its list CONTRACTS names."""
    core = import_module(f"odoo.addons.{addon}.core")
    carried = (cls for connector in getattr(core, "CONNECTORS", ()) for cls in connector.carries)
    return {*carried, *getattr(core, "CONTRACTS", ())}


if __name__ == "__main__":
    main()
