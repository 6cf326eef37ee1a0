#!/usr/bin/env bash
# The wheel of this clone in an empty environment of another Python: a build, an overlap, a notebook, a served map.
#   packaging/try_wheel.sh python3.12
# By hand, before a release, for each Python that pyproject.toml names, once `make test` has made .venv: a minute or two, and some
# hundred megabytes of packages from the index that uv is set to use.
set -euo pipefail
python="$1"
clone="$(cd "$(dirname "$0")/.." && pwd)"
folder="$(mktemp -d)"
trap 'kill "${server:-}" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"

uv="$clone/.venv/bin/uv"
"$uv" venv --quiet --python "$python" empty
install=("$uv" pip install --quiet --python empty/bin/python --no-deps)
"${install[@]}" --require-hashes --requirement "$clone/constraints-run.txt"
cp -r "$clone"/{lindero,pyproject.toml,README.md,LICENSE} --target-directory "$(mkdir clone && echo clone)"
"$clone/.venv/bin/python" -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir wheels ./clone
"${install[@]}" wheels/lindero-*.whl
export PYTHONUNBUFFERED=1 PATH="$folder/empty/bin:$PATH" XDG_DATA_HOME="$folder/data" XDG_CACHE_HOME="$folder/cache" LINDERO_LANG=en

mkdir -p run/docs && cp -r "$clone/docs/notebooks" "$clone/docs/notebooks.py" run/docs/
cd run
python - <<'PROGRAM'
import pathlib
import sys

import geopandas as gpd
import shapely

import lindero
from docs import notebooks
from lindero.app.builder.build import build_map, load_demonstration
from lindero.geo import overlap

assert pathlib.Path(lindero.__file__).is_relative_to(sys.prefix), lindero.__file__
print("Python", sys.version.split()[0], "build:", build_map(load_demonstration()).path.name)
frames = [
    gpd.GeoDataFrame({"id": [name]}, geometry=[shapely.box(west, -10, west + 0.1, -9.9)], crs="OGC:CRS84")
    for name, west in (("a", -75.0), ("b", -74.95))
]
print("overlap, hectares:", overlap(*frames)["area_ha"].round(1).tolist())
# of the other two one needs packages for statistics alone, and one files that the repository does not hold
notebook = notebooks.run_notebook(notebooks.FOLDER / "hotspots.ipynb", pathlib.Path.cwd())
print("notebook hotspots, cells:", sum(cell["cell_type"] == "code" for cell in notebook["cells"]))
PROGRAM

port="$(python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')"
lindero serve --port "$port" 2>server.log &
server=$!
python - "$port" <<'PROGRAM'
import sys
import time
import urllib.error
import urllib.request

for _ in range(240):
    try:
        print("served:", urllib.request.urlopen(f"http://localhost:{sys.argv[1]}/health", timeout=20).read().decode())
        break
    except urllib.error.URLError:
        time.sleep(0.5)
else:
    raise SystemExit("the map was not served")
PROGRAM
