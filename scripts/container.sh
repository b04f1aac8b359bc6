#!/bin/bash
# What the container `odoo` runs: its configuration with keys of its own, the database once, then the server.
set -euo pipefail
export FIG_DEMO=${FIG_DEMO:-fig_demo}
python3 scripts/config.py
if [ ! -f "$FIG_RUN/installed" ]; then
  addons=$(for manifest in */__manifest__.py addons/finance_integration_demo/__manifest__.py; do [ -f "$manifest" ] && basename "$(dirname "$manifest")"; done | paste -sd,)
  odoo -c "$FIG_RUN/odoo.conf" -i "$addons" --with-demo --stop-after-init --no-http
  touch "$FIG_RUN/installed"
fi
exec odoo -c "$FIG_RUN/odoo.conf"
