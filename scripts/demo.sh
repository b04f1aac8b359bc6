#!/bin/bash
# The demo: a database with the suite and its demo data, Odoo, the simulated outside systems, and what ran.
#   ONCE=1 ends after every flow has run; RESET=1 starts from a new database; PORT=n chooses Odoo's port
. "$(dirname "$0")/env.sh"
LAUNCHER=addons/finance_integration_demo/launcher.py
SERVER='' CONDUCTOR=''

stop() {  # the launcher first: it ends the outside systems that it started
  local process
  for process in $CONDUCTOR $SERVER; do kill "$process" 2>/dev/null && wait "$process" 2>/dev/null || true; done
  rm -f "$RUN/demo.pid"
}

if [ -f "$RUN/demo.pid" ] && kill -0 "$(cat "$RUN/demo.pid")" 2>/dev/null; then
  die "The demo is running already (process $(cat "$RUN/demo.pid")): stop it with \`make stop\`."
fi
scripts/setup.sh all; load_env
mkdir -p "$RUN/files"
"$FIG_PYTHON" scripts/database.py demo

port=$(sed -n 's/^http_port = //p' "$ODOO_RC")
export FIG_URL=http://localhost:$port
[ "$port" = "${PORT:-8069}" ] || say "Port 8069 is taken, so Odoo gets $port (PORT=n chooses another)"
[ -f "$LAUNCHER" ] || die "The database is ready, but $LAUNCHER is not there: the demo addon brings the flows and the outside systems. Odoo alone: .run/venv/bin/odoo -c .run/odoo.conf"

"$FIG_ODOO_BIN" -c "$ODOO_RC" >"$RUN/log/demo-server.log" 2>&1 </dev/null &
SERVER=$!; echo $$ >"$RUN/demo.pid"
trap stop EXIT; trap 'exit 130' INT; trap 'exit 143' TERM
for _ in $(seq 120); do
  kill -0 $SERVER 2>/dev/null || die "Odoo did not start: $(tail -3 "$RUN/log/demo-server.log")"
  "$FIG_PYTHON" -c 'import sys, urllib.request as u; u.urlopen(sys.argv[1] + "/web/health?db_server_status=1", timeout=2)' "$FIG_URL" 2>/dev/null && break
  sleep 0.5
done
say "Odoo answers at $FIG_URL (log: $RUN/log/demo-server.log)"
"$FIG_PYTHON" "$LAUNCHER" ${ONCE:+--once} &
CONDUCTOR=$!
wait $CONDUCTOR
