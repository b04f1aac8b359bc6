#!/bin/bash
# Writes i18n/<addon>.pot of every product addon from what Odoo finds to translate: translations.sh [--check]
# With --check nothing is written, and the first template that is not as it should be is shown.
. "$(dirname "$0")/env.sh"
"$ROOT/scripts/setup.sh" all
load_env
"$FIG_PYTHON" scripts/database.py template
DATABASE=fig_translations_$$ FOLDER=$(mktemp -d) FAILED=0
"$FIG_PYTHON" scripts/database.py copy "$DATABASE"
trap '"$FIG_PYTHON" scripts/database.py drop "$DATABASE"; rm -rf "$FOLDER"' EXIT
for addon in $(product_addons); do
  "$FIG_ODOO_BIN" i18n export -c "$ODOO_RC" -d "$DATABASE" -l pot -o "$FOLDER/$addon.pot" "$addon" 2>"$FOLDER/log" || { cat "$FOLDER/log"; exit 1; }
  # When it was made says nothing about what is in it.
  sed -i -E '/^"(POT-Creation|PO-Revision)-Date:/d' "$FOLDER/$addon.pot"
  if [ "${1:-}" = --check ]; then
    diff -u "$addon/i18n/$addon.pot" "$FOLDER/$addon.pot" >"$FOLDER/diff" || { head -40 "$FOLDER/diff"; FAILED=1; }
  else
    mkdir -p "$addon/i18n" && cp "$FOLDER/$addon.pot" "$addon/i18n/$addon.pot"
  fi
done
[ "$FAILED" = 0 ] || die "The templates of translations are old: make translations"
