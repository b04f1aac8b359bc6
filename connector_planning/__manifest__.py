{
    "name": "Finance Integrations: Planning",
    "summary": "Actuals by account, month and company to planning systems, read back until they tie",
    "version": "19.0.1.0.0",
    "category": "Accounting/Accounting",
    "author": "Finance Integration Project",
    "website": "https://github.com/finance-integration/finance-integration",
    "license": "LGPL-3",
    "depends": ["finance_integration_governance"],
    "data": [
        "security/ir.model.access.csv",
        "security/rules.xml",
        "views/fin_actual_period_views.xml",
        "views/fin_exception_views.xml",
    ],
    "uninstall_hook": "uninstall_hook",
}
