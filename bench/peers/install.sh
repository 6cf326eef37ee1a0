#!/usr/bin/env bash
# PostGIS for bench/peers/postgis.py, from Debian or what is like it. Only its programs: no server is set up or started.
set -euo pipefail

if compgen -G "/usr/lib/postgresql/*/lib/postgis-3.so" >/dev/null; then
  exit 0
fi
mkdir -p /etc/postgresql-common/createcluster.d
echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.d/lindero-bench.conf
trap 'rm /etc/postgresql-common/createcluster.d/lindero-bench.conf' EXIT
apt-get update -qq
server=$(apt-cache depends postgresql-postgis | sed -n 's/.*Depends: \(postgresql-[0-9]*-postgis-[0-9]*\)$/\1/p' | head -1)
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$server"
