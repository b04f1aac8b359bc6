{
    "name": "Finance Integrations: Planning",
    "summary": "Actuals by account, month and company to planning systems, read back until they tie",
    "version": "19.0.1.0.0",
    "category": "Accounting/Accounting",
    "author": "Finance Integration Project",
    "website": "https://github.com/finance-integration/finance-integration",
    "license": "LGPL-3",
    "depends": ["finance_integration_governance"],
    "uninstall_hook": "uninstall_hook",
}
