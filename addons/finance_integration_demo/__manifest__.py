{
    "name": "Finance Integrations: Demo",
    "summary": "Companies, people, flows and files to try the suite with, and simulated systems",
    "version": "19.0.1.0.0",
    "category": "Accounting/Accounting",
    "author": "Finance Integration Project",
    "website": "https://github.com/finance-integration/finance-integration",
    "license": "LGPL-3",
    "depends": ["finance_integration_governance", "connector_bank", "connector_planning"],
    "data": ["data/company.xml", "data/people.xml"],
}
