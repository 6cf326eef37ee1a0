#!/usr/bin/env bash
# The servers of tests/test_real_services.py: MapServer from Debian, Koop's FeatureServer from npm, pygeoapi in a
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

(
  cd koop
  if ! cmp -s package-lock.json node_modules/.installed; then
    npm ci --silent --legacy-peer-deps --no-audit --no-fund --ignore-scripts --omit=optional
    cp package-lock.json node_modules/.installed
  fi
) &
koop=$!

(
  cd pygeoapi
  if ! cmp -s requirements.txt .venv-pygeoapi/installed; then
    "$python" -m venv .venv-pygeoapi
    .venv-pygeoapi/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.txt
    cp requirements.txt .venv-pygeoapi/installed
  fi
) &
pygeoapi=$!

wait "$koop"
wait "$pygeoapi"
