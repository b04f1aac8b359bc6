"""What the simulated systems and the connections to them share. Plain Python: the launcher runs without Odoo."""

BANK_PASSWORD = "demo-bank"
PLANNING_USER, PLANNING_PASSWORD = "planner", "demo-planning"
SECRETS = {"demo-bank": BANK_PASSWORD, "demo-planning": PLANNING_PASSWORD}

# Folders of the demo by what lies in them, below the first folder that the installation allows.
FOLDERS = {"demo-folder": "inbox", "demo-budgets": "planning", "demo-readers": "published"}
# And those on the bank's server: statements and answers that it gives, files of payments that it takes.
AT_BANK = {"demo-bank": "out", "demo-payments": "in", "demo-answers": "answers"}

# Where they are until the launcher says otherwise.
SETTINGS = {
    "demo-folder": {"pattern": "*.xml"},
    "demo-budgets": {"pattern": "*.csv"},
    "demo-readers": {},
    "demo-bank": {"pattern": "*.xml", "credentials": "stored:demo-bank"},
    "demo-payments": {"credentials": "stored:demo-bank"},
    "demo-answers": {"pattern": "*.xml", "credentials": "stored:demo-bank"},
    "demo-planning": {
        "base_url": "http://127.0.0.1:8090",
        "auth_url": "http://127.0.0.1:8090",
        "login": "password",
        "user": PLANNING_USER,
        "secret": "stored:demo-planning",
        "workspace": "W1",
        "model": "A1B2C3D4E5F6A1B2C3D4E5F6A1B2C3D4",
        "import_action": "Actuals",
        "view": "101000000001",
    },
}


def located(root, bank):
    """Where the folders are: connection -> location, below a folder's URL and a server's, both ending with a slash."""
    return {code: f"{root}{name}" for code, name in FOLDERS.items()} | {
        code: f"{bank}{name}" for code, name in AT_BANK.items()
    }
