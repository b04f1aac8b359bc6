{
    "name": "Finance Integrations: Benchmarks",
    "summary": "A source of lines and an object without an effect, to measure the engine by itself",
    "version": "19.0.1.0.0",
    "category": "Hidden",
    "author": "Finance Integration Project",
    "website": "https://github.com/finance-integration/finance-integration",
    "license": "LGPL-3",
    "depends": ["finance_integration_governance"],
}
