#!/bin/bash
# ruff, pylint-odoo, eslint, prettier and the sizes; --fix rewrites what can be rewritten.
. "$(dirname "$0")/env.sh"
scripts/setup.sh python
BIN=$RUN/venv/bin FAILED=0
mapfile -t ADDONS < <(product_addons; optional_addons)
check() { say "$1"; shift; "$@" || FAILED=1; }

if [ "${1:-}" = --fix ]; then FIX=1; "$BIN/ruff" check --fix --quiet . || true; "$BIN/ruff" format .; else FIX=; fi
check "ruff" "$BIN/ruff" check .
check "ruff format" "$BIN/ruff" format --check .
[ ${#ADDONS[@]} = 0 ] || check "pylint-odoo" "$BIN/pylint" --rcfile=.pylintrc "${ADDONS[@]}"

if command -v npm >/dev/null; then
  digest=$(cat package.json package-lock.json 2>/dev/null | sha256sum || true)
  if [ "$(cat "$RUN/npm.digest" 2>/dev/null)" != "$digest" ] || [ ! -d node_modules ]; then
    say "npm: eslint and prettier"
    if npm $([ -f package-lock.json ] && echo ci || echo install --no-package-lock) --no-audit --no-fund --silent </dev/null >"$RUN/log/npm.log" 2>&1; then
      echo "$digest" >"$RUN/npm.digest"
    else say "npm could not install: $(tail -1 "$RUN/log/npm.log")"; FAILED=1; fi
  fi
  mapfile -t FILES < <(git ls-files -co --exclude-standard '*.js' '*.xml' ':!*/tests/samples/*' ':!*/static/lib/*')
  if [ -d node_modules ] && [ ${#FILES[@]} -gt 0 ]; then
    check "eslint" node_modules/.bin/eslint --no-error-on-unmatched-pattern '**/static/**/*.js'
    check "prettier" node_modules/.bin/prettier $([ $FIX ] && echo --write || echo --check) --log-level warn "${FILES[@]}"
  fi
else say "eslint and prettier are left out: npm is not on this machine"; fi

check "sizes" "$BIN/python" scripts/size.py
[ $FAILED = 0 ] && say "Nothing to complain about" || say "FAILED"
exit $FAILED
