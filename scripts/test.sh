#!/bin/bash
# The rings of tests: test.sh core|test|slow|faults [pytest arguments]
# Paths among the arguments choose the rings by themselves: <addon>/core/... , <addon>/tests/... , tests/...
. "$(dirname "$0")/env.sh"
VERB=${1:-test}; shift || true
FAILED=0 RAN=0
WITHOUT_ODOO=(-p no:odoo)
LIMIT=300  # seconds of one test; whoever takes longer hangs, and is named
[ "$VERB" != slow ] && [ "$VERB" != faults ] || LIMIT=1200
# A wait for the database is in its library, where no timer of Python reaches it.
export PYTEST_TIMEOUT=$LIMIT PGOPTIONS="${PGOPTIONS:+$PGOPTIONS }-c lock_timeout=120s -c statement_timeout=$((LIMIT - 20))s"

options=() core_paths=() addon_paths=() suite_paths=()
for argument in "$@"; do
  file=${argument%%::*}
  case $file in *.py) [ -e "$file" ] || die "There is no $file." ;; esac
  case $file in
    -*) options+=("$argument") ;;
    tests|tests/*) suite_paths+=("$argument") ;;
    */core|*/core/*) core_paths+=("$argument") ;;
    *) if [ -e "$file" ]; then addon_paths+=("$argument"); else options+=("$argument"); fi ;;
  esac
done
[ $((${#core_paths[@]} + ${#addon_paths[@]} + ${#suite_paths[@]})) -gt 0 ] && CHOSEN=1 || CHOSEN=

has_tests() { [ -d "$1" ] && [ -n "$(find "$1" -name 'test_*.py' -print -quit)" ]; }

outcome() {  # pytest answers 5 when a choice by -k or -m leaves a ring empty
  local code=$1
  [ "$code" = 5 ] && [ ${#options[@]} -gt 0 ] && code=0
  [ "$code" = 0 ] || FAILED=$code
  RAN=1
}

ring_core() {
  local paths=("${core_paths[@]}") folder
  if [ -z "$CHOSEN" ]; then for folder in */core/tests addons/*/core/tests; do has_tests "$folder" && paths+=("$folder"); done; fi
  [ ${#paths[@]} -gt 0 ] || return 0
  say "Core ring: plain Python, no Odoo"
  PYTHONPATH=scripts${PYTHONPATH:+:$PYTHONPATH} "$FIG_PYTHON" -m pytest -q -p core_namespaces "${WITHOUT_ODOO[@]}" "${options[@]}" "${paths[@]}" && outcome 0 || outcome $?
}

# An optional addon is not in the template: its tests get a copy with it installed.
ring_optional() {
  local addon database=fig_run_$$_optional paths=() name
  for addon in $(optional_addons); do
    name=$(basename "$addon") paths=()
    if [ -z "$CHOSEN" ] && has_tests "$addon/tests"; then paths=("$addon/tests"); fi
    for argument in "${addon_paths[@]}"; do case $argument in "$addon"/*|./"$addon"/*) paths+=("$argument") ;; esac; done
    [ ${#paths[@]} -gt 0 ] || continue
    say "Addon ring: $name, on a copy with it installed"
    "$FIG_PYTHON" scripts/database.py with "$database" "$name"
    "$FIG_PYTHON" scripts/database.py still "$database"
    run_addon_tests "$database" "${paths[@]}"
    "$FIG_PYTHON" scripts/database.py drop "$database"
  done
}

run_addon_tests() {  # database paths
  local database=$1; shift
  "$FIG_PYTHON" -m pytest -q --odoo-http --odoo-database="$database" "${options[@]}" "$@" && outcome 0 || outcome $?
}

ring_addons() {
  local paths=() addon database=fig_run_$$ workers=${FIG_WORKERS:-1} copies=() worker
  for addon in "${addon_paths[@]}"; do case $addon in addons/*|./addons/*) ;; *) paths+=("$addon") ;; esac; done
  if [ -z "$CHOSEN" ]; then
    for addon in $(product_addons); do has_tests "$addon/tests" && paths+=("$addon/tests"); done
    workers=${FIG_WORKERS:-$(nproc)}; [ "$workers" -le 4 ] || workers=4
  fi
  [ ${#paths[@]} -gt 0 ] || return 0
  if [ "$workers" -gt 1 ]; then for ((worker = 0; worker < workers; worker++)); do copies+=("${database}_gw$worker"); done
  else copies=("$database"); fi
  say "Addon ring: Odoo, on ${#copies[@]} copies of the template"
  trap 'drop_databases '"${copies[*]}" EXIT
  for worker in "${copies[@]}"; do
    "$FIG_PYTHON" scripts/database.py copy "$worker"
    "$FIG_PYTHON" scripts/database.py still "$worker"
  done
  if [ "$workers" -gt 1 ]; then PYTHONPATH=scripts${PYTHONPATH:+:$PYTHONPATH} run_addon_tests "$database" -p odoo_workers -n "$workers" --dist loadfile "${paths[@]}"
  else run_addon_tests "$database" "${paths[@]}"; fi
  drop_databases "${copies[@]}"; trap - EXIT
}

drop_databases() { local name; for name in "$@"; do "$FIG_PYTHON" scripts/database.py drop "$name"; done; }

ring_suite() {  # marker expression
  local paths=("${suite_paths[@]}")
  if [ -z "$CHOSEN" ] && has_tests tests; then paths+=(tests); fi
  [ ${#paths[@]} -gt 0 ] || return 0
  say "Suite ring: servers, outside systems, the repository itself ($1)"
  "$FIG_PYTHON" -m pytest -q "${WITHOUT_ODOO[@]}" -m "$1" "${options[@]}" "${paths[@]}" && outcome 0 || outcome $?
}

# Random ledgers against a planning system: many more of them than each change can wait for.
ring_ledgers() {
  [ -z "$CHOSEN" ] || return 0
  export FIN_EXAMPLES=${FIN_EXAMPLES:-200}
  CHOSEN=1 options+=(-s) addon_paths=(connector_planning/tests/test_planning_property*.py)
  FIG_WORKERS=${FIG_WORKERS:-${#addon_paths[@]}} ring_addons
}

prepare() { scripts/setup.sh all; scripts/setup.sh browser; load_env; "$FIG_PYTHON" scripts/database.py template; }

case $VERB in
core) scripts/setup.sh python; ring_core ;;
mutant) ring_core; ring_addons; ring_optional; ring_suite "not (slow and faults)" ;;
test) prepare; ring_core; ring_addons; ring_optional; ring_suite "not slow and not faults" ;;
slow) prepare; ring_suite "slow or faults"; ring_ledgers ;;
faults) prepare; ring_suite faults ;;
*) die "test.sh knows core, test, slow and faults, not $VERB" ;;
esac
[ $RAN = 1 ] || die "There was nothing to test."
[ $FAILED = 0 ] && say "All passed in $((SECONDS / 60)) min $((SECONDS % 60)) s" || say "FAILED after $((SECONDS / 60)) min $((SECONDS % 60)) s"
exit $FAILED
