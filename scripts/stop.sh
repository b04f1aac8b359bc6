#!/bin/bash
# Stop what this checkout started: the demo, then PostgreSQL.
. "$(dirname "$0")/env.sh"
if [ -f "$RUN/demo.pid" ] && kill "$(cat "$RUN/demo.pid")" 2>/dev/null; then
  say "The demo stops"
  for _ in $(seq 50); do [ -f "$RUN/demo.pid" ] || break; sleep 0.2; done
fi
rm -f "$RUN/demo.pid"
if [ -x "$FIG_PYTHON" ] && [ "${FIG_PG_KIND:-}" = private ]; then "$FIG_PYTHON" scripts/postgres.py down; fi
