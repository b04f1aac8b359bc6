#!/bin/bash
# Unpack packages of Debian below a folder, without root and without installing anything:
#   debian.sh odoo|postgres|chromium DEST
# The list of sources is private and made from the machine's own mirror; signatures are checked as always.
set -euo pipefail
WHAT=${1:?what} DEST=${2:?folder}
KEY=/usr/share/keyrings/debian-archive-keyring.gpg
[ -f "$KEY" ] || { echo "this is no Debian: $KEY is missing"; exit 1; }
mirror() { apt-get indextargets --format '$(SITE) $(COMPONENT)' 'Created-By: Packages' 2>/dev/null | awk -v end="/$1/?\$" '$2 == "main" && $1 ~ end {print $1; exit}'; }
MIRROR=$(mirror debian) SECURITY=$(mirror debian-security)
MIRROR=${MIRROR:-http://deb.debian.org/debian}

WORK=$(mktemp -d); trap 'rm -rf "$WORK"' EXIT
mkdir -p "$DEST" "$WORK"/lists/partial "$WORK"/cache/archives/partial "$WORK/debs"
private_apt() {
  (cd "$WORK/debs" && "$1" -o Dir::Etc::SourceList="$WORK/sources.list" -o Dir::Etc::SourceParts=/dev/null \
    -o Dir::State::Lists="$WORK/lists" -o Dir::Cache="$WORK/cache" -o APT::Sandbox::User="$(id -un)" -o Acquire::Languages=none \
    -qq "${@:2}")
}
fetch() {  # suites packages
  for suite in $1; do echo "deb [signed-by=$KEY] $MIRROR $suite main"; done >"$WORK/sources.list"
  private_apt apt-get update
  private_apt apt-get download $2
  for deb in "$WORK"/debs/*.deb; do dpkg-deb -x "$deb" "$DEST"; done
}

case $WHAT in
odoo)
  # Odoo's static files are links into these packages. Two come from the older suite: the newer ones have lost the files.
  fetch "sid bookworm" "odoo-19 libjs-jquery libjs-jquery-form libjs-underscore fonts-font-awesome/bookworm fonts-roboto-unhinted fonts-montserrat fonts-inconsolata/bookworm fonts-ocr-b"
  python=$DEST/usr/lib/python3/dist-packages
  rm -rf "$python/addons"  # a second, partial copy that confuses addons paths
  # Removed by Debian as non-free, still named in the asset bundles; blurs the background of video calls.
  stub=$python/odoo/addons/mail/static/lib/selfie_segmentation
  mkdir -p "$stub"; echo '/* removed by Debian */' >"$stub/selfie_segmentation.js"
  # Absolute links lead to the machine's own packages, which it may not have.
  find "$python" -type l -lname '/usr/*' | while read -r link; do ln -sfn "$DEST$(readlink "$link")" "$link"; done
  dangling=$(find "$python" -xtype l | head -3)
  [ -z "$dangling" ] || { echo "links without a target: $dangling"; exit 1; } ;;
postgres)
  . /etc/os-release
  echo "deb [signed-by=$KEY] $MIRROR $VERSION_CODENAME main" >"$WORK/sources.list"
  private_apt apt-get update
  version=$(private_apt apt-cache depends postgresql | sed -n 's/.*Depends: postgresql-\([0-9]*\)$/\1/p')
  fetch "$VERSION_CODENAME" "postgresql-$version postgresql-client-$version libpq5" ;;
chromium)
  # With it everything that it needs and this machine lacks; the machine's list of packages is read, never written.
  . /etc/os-release
  echo "deb [signed-by=$KEY] $MIRROR $VERSION_CODENAME main" >"$WORK/sources.list"
  [ -z "$SECURITY" ] || echo "deb [signed-by=$KEY] $SECURITY $VERSION_CODENAME-security main" >>"$WORK/sources.list"
  private_apt apt-get update
  private_apt apt-get install --download-only --yes --no-install-recommends -o Debug::NoLocking=1 chromium fonts-roboto-unhinted
  for deb in "$WORK"/cache/archives/*.deb; do dpkg-deb -x "$deb" "$DEST"; done
  cat >"$DEST/run" <<RUN
#!/bin/bash
export LD_LIBRARY_PATH="$DEST/usr/lib/$(uname -m)-linux-gnu:$DEST/usr/lib"
[ -d /etc/fonts ] || export FONTCONFIG_PATH="$DEST/etc/fonts"
exec "$DEST/usr/lib/chromium/chromium" --no-sandbox "\$@"
RUN
  chmod +x "$DEST/run"; "$DEST/run" --version ;;
*) echo "debian.sh knows odoo, postgres and chromium, not $WHAT"; exit 1 ;;
esac
