#!/bin/bash
# Take each guard of the laws out, one at a time, and see its test fail; then change the files that decide, one operator,
# number or branch at a time: mutants.sh [name of a guard ... | file or group ...]
. "$(dirname "$0")/env.sh"
scripts/setup.sh all; load_env; "$FIG_PYTHON" scripts/database.py template
case "${1:-}" in
  */* | totals | gates | approvals | seal | authority) exec "$FIG_PYTHON" scripts/mutation.py "$@" ;;
  ?*) exec "$FIG_PYTHON" scripts/mutants.py "$@" ;;
esac
failed=0
"$FIG_PYTHON" scripts/mutants.py || failed=1
"$FIG_PYTHON" scripts/mutation.py || failed=1
exit $failed
