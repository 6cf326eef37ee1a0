#!/usr/bin/env bash
# The servers of tests/layers/services/test_real_services.py: MapServer from Debian, Koop's FeatureServer from npm, pygeoapi in a
# Python environment of its own, because its pins are not the map's. Each is pinned by hash; nothing is done twice.
set -euo pipefail
cd "$(dirname "$0")"
python="${PYTHON:-python3}"

packages=()
command -v mapserv >/dev/null || packages+=(cgi-mapserver)
command -v npm >/dev/null || packages+=(nodejs npm)
if [ "${#packages[@]}" -gt 0 ]; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}"
fi

into="${LINDERO_TEST_SERVERS:-$(cd ../.. && pwd)/.servers}"
mkdir -p "$into/koop"

(
  cp koop/package.json koop/package-lock.json koop/server.js "$into/koop"
  cd "$into/koop"
  if ! cmp -s package-lock.json .installed; then
    npm ci --silent --legacy-peer-deps --no-audit --no-fund --ignore-scripts --omit=optional
    cp package-lock.json .installed
  fi
) &
koop=$!

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
wait "$pygeoapi"
