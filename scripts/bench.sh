#!/bin/bash
# Benchmarks, one JSON line per measure: bench.sh [name]. One name may stand for several files: bench_<name>_<part>.py
. "$(dirname "$0")/env.sh"
{ scripts/setup.sh all; load_env; "$FIG_PYTHON" scripts/database.py template; } >&2
ran=0
for file in benchmarks/bench_${1:-*}.py ${1:+benchmarks/bench_$1_*.py}; do
  [ -f "$file" ] || continue
  say "$file" >&2
  "$FIG_PYTHON" "$file"
  ran=1
done
[ $ran = 1 ] || die "There is no benchmark ${1:+named $1 }in benchmarks/: $(ls benchmarks 2>/dev/null | sed -n 's/^bench_\(.*\)\.py$/\1/p' | tr '\n' ' ')"
