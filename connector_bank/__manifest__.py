{
    "name": "Finance Integrations: Banks",
    "summary": "Bank statements from files and servers into Odoo, complete, once, and tied to the bank's own balances",
    "version": "19.0.1.0.0",
    "category": "Accounting/Accounting",
    "author": "Finance Integration Project",
    "website": "https://github.com/finance-integration/finance-integration",
    "license": "LGPL-3",
    "depends": ["finance_integration_governance"],
    "data": ["views/fin_flow_views.xml"],
    "uninstall_hook": "uninstall_hook",
}
