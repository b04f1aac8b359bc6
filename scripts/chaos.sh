#!/bin/bash
# Twenty seeded faults on a real database: chaos.sh [seed]
. "$(dirname "$0")/env.sh"
{ scripts/setup.sh all; load_env; "$FIG_PYTHON" scripts/database.py template; } >&2
PYTHONPATH=tests "$FIG_PYTHON" -W ignore tests/chaos.py "${1:-2026}"
