#!/bin/bash
# Take each guard of the laws out, one at a time, in a copy, and see its test fail: mutants.sh [name ...]
. "$(dirname "$0")/env.sh"
scripts/setup.sh all; load_env; "$FIG_PYTHON" scripts/database.py template
"$FIG_PYTHON" scripts/mutants.py "$@"
