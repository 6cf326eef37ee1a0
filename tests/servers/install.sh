#!/usr/bin/env bash
# Programs of others that tests run: the servers of tests/layers/services/test_real_services.py (MapServer from Debian, Koop's
# FeatureServer from npm, pygeoapi in a Python environment of its own, because its pins are not the map's), QGIS from Debian,
# which is not pinned, npm's reader of styled map packages, and TypeScript, which reads the client's types. Each other is
# pinned by hash; nothing is done twice.
set -euo pipefail
cd "$(dirname "$0")"
python="${PYTHON:-python3}"

packages=()
command -v mapserv >/dev/null || packages+=(cgi-mapserver)
command -v openssl >/dev/null || packages+=(openssl)
command -v pdftotext >/dev/null || packages+=(poppler-utils)
/usr/bin/python3 -c 'import qgis.core' 2>/dev/null || packages+=(python3-qgis)
command -v npm >/dev/null || packages+=(nodejs npm)
if [ "${#packages[@]}" -gt 0 ]; then
  ./from_debian.sh --no-install-recommends "${packages[@]}"
fi

into="${LINDERO_TEST_SERVERS:-$(cd ../.. && pwd)/.servers}"

from_npm() {  # NAME COMMAND…: the folder of that name, with its packages by that command of npm
  mkdir -p "$into/$1"
  cp "$1"/* "$into/$1"
  cd "$into/$1"
  if ! cmp -s package-lock.json .installed; then
    cp package-lock.json .locked
    npm "${@:2}" --silent --legacy-peer-deps --no-audit --no-fund --ignore-scripts
    mv .locked .installed
  fi
}

(
  from_npm koop ci --omit=optional
) &
koop=$!

# Not `ci`: that asks for the packages of every other platform, too, which not every registry has.
(
  from_npm styled-map-package install --no-save
) &
packages_of_maps=$!

(
  from_npm typescript ci
) &
typescript=$!

(
  if ! cmp -s pygeoapi/requirements.txt "$into/pygeoapi/installed"; then
    "$python" -m venv "$into/pygeoapi"
    "$into/pygeoapi/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
      -r pygeoapi/requirements.txt
    cp pygeoapi/requirements.txt "$into/pygeoapi/installed"
  fi
) &
pygeoapi=$!

wait "$koop"
wait "$packages_of_maps"
wait "$typescript"
wait "$pygeoapi"
