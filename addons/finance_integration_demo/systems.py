"""What the simulated systems and the connections to them share. Plain Python: the launcher runs without Odoo."""

BANK_PASSWORD = "demo-bank"
PLANNING_TOKEN = "planning-demo-token"
SECRETS = {"demo-bank": BANK_PASSWORD, "demo-planning": PLANNING_TOKEN}

# Where they are until the launcher says otherwise.
SETTINGS = {
    "demo-folder": {"location": "file:///var/lib/finance-demo/inbox", "pattern": "*.xml"},
    "demo-bank": {
        "location": "sftp://bank@127.0.0.1:2222/out",
        "pattern": "*.xml",
        "credentials": "stored:demo-bank",
    },
    "demo-planning": {"base_url": "http://127.0.0.1:8090", "token": "stored:demo-planning"},
}
