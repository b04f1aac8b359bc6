{
    "name": "Finance Integrations: Planning",
    "summary": "Actuals to planning systems until they tie; budgets and forecasts back, approved and compared",
    "version": "19.0.1.0.0",
    "category": "Accounting/Accounting",
    "author": "Finance Integration Project",
    "website": "https://github.com/finance-integration/finance-integration",
    "license": "LGPL-3",
    "depends": ["finance_integration_governance"],
    "data": [
        "security/budget_groups.xml",
        "security/ir.model.access.csv",
        "security/rules.xml",
        "views/fin_actual_period_views.xml",
        "views/fin_exception_views.xml",
        "views/fin_budget_views.xml",
        "views/fin_budget_round_views.xml",
        "views/fin_budget_variance_views.xml",
        "views/fin_dataset_views.xml",
        "views/fin_member_proposal_views.xml",
        "views/planning_settings_views.xml",
    ],
    "assets": {
        "web.assets_backend": [
            "connector_planning/static/src/**/*",
        ],
    },
    "uninstall_hook": "uninstall_hook",
}
