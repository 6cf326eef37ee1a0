#!/usr/bin/env bash
# Install packages of Debian; arguments go to `apt-get install`. A mirror that is just being renewed answers with an index
# that does not fit its own list for some minutes. So a failed `apt-get update` is a warning, for the older lists may do,
# and what decides is whether the packages could be installed: five attempts, a minute apart.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive

for attempt in 1 2 3 4 5; do
  apt-get update -qq || echo "from_debian.sh: the package lists could not be renewed in full (attempt $attempt)" >&2
  if apt-get install -y -qq "$@"; then
    exit 0
  fi
  [ "$attempt" -eq 5 ] || sleep 60
done
echo "from_debian.sh: could not install: $*" >&2
exit 1
