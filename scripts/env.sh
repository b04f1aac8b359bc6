# Sourced by the other scripts: where things are, and the environment that tests and servers see.
set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
RUN=${FIG_RUN:-$ROOT/.run}
mkdir -p "$RUN/log"
cd "$ROOT"

say() { printf '[%s] %s\n' "$(date +%T)" "$*"; }
die() { printf '\n%s\n' "$*" >&2; exit 1; }

# The addons that are there, as folders: those at the top, and the optional ones.
product_addons() { for m in */__manifest__.py; do [ -f "$m" ] && dirname "$m"; done; true; }
optional_addons() { for m in addons/*/__manifest__.py; do [ -f "$m" ] && dirname "$m"; done; true; }

chromium_path() {
  local p
  for p in ${FIG_CHROMIUM:-} "$RUN/bin/chromium" chromium chromium-browser google-chrome google-chrome-stable; do
    command -v "$p" && return
  done
  return 1
}

# What setup has left behind; called again after each of its steps.
load_env() {
  export FIG_ROOT=$ROOT FIG_RUN=$RUN
  export FIG_PYTHON=$RUN/venv/bin/python FIG_ODOO_BIN=$RUN/venv/bin/odoo ODOO_RC=$RUN/odoo.conf
  export PYTHONDONTWRITEBYTECODE=${PYTHONDONTWRITEBYTECODE-1}
  unset PGDATABASE  # Odoo would read it as the name of its database
  if [ -n "${PGHOST:-}" ] && [ "${FIG_PG_KIND:-given}" = given ]; then export FIG_PG_KIND=given
  elif [ -f "$RUN/postgres.env" ]; then set -a; . "$RUN/postgres.env"; set +a; fi
  # On a server that others use too, the names of the templates tell checkouts apart.
  local mark=""
  [ "${FIG_PG_KIND:-}" = given ] && mark=_$(printf %s "$ROOT" | sha256sum | cut -c1-6)
  export FIG_BASE=${FIG_BASE:-fig_base$mark} FIG_TEMPLATE=${FIG_TEMPLATE:-fig_template$mark} FIG_DEMO=${FIG_DEMO:-fig_demo$mark}
  case :$PATH: in *":$RUN/bin:"*) ;; *) export PATH=$RUN/bin:$PATH ;; esac
  FIG_CHROMIUM=$(chromium_path || true); export FIG_CHROMIUM
  if [ -z "${FIG_SAMPLES:-}" ] && [ -d "$ROOT/../shared/samples" ]; then
    FIG_SAMPLES=$(cd "$ROOT/../shared/samples" && pwd); export FIG_SAMPLES
  fi
  return 0
}
load_env
