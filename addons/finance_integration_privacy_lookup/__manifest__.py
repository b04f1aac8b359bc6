{
    "name": "Finance Integrations: Privacy Lookup",
    "summary": "Odoo's privacy lookup finds what flows keep of a person, and leads to a subject request",
    "version": "19.0.1.0.0",
    "category": "Accounting/Accounting",
    "author": "Finance Integration Project",
    "website": "https://github.com/finance-integration/finance-integration",
    "license": "LGPL-3",
    "depends": ["finance_integration_governance", "privacy_lookup"],
    "data": ["wizard/privacy_lookup_wizard_views.xml"],
    "auto_install": True,
}
