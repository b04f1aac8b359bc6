"""What happens to the books of random ledgers, step by step, and how little of it stays."""

from contextlib import contextmanager

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from odoo.addons.finance_integration_governance.core.errors import TransientError
from odoo.addons.finance_integration_governance.core.stages import STAGES
