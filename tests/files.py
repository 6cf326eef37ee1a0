"""Small files as publishers send them, and workspaces made of them; every coordinate lies on land in Peru."""

import datetime as dt
import json
import zipfile
from pathlib import Path

import geopandas as gpd
import shapely

from lindero.layers.model.schema import LAYERS
from lindero.layers.workspace import manifest_file
from lindero.layers.workspace.manifest_file import SourceEntry
from tests.needed import missing

SHARED = Path(__file__).parents[2] / "shared" / "data"
WEST, SOUTH = -78.5, -7.0  # Cajamarca
TODAY = dt.date(2026, 11, 1)
SIDE = 0.01  # degrees: some 120 ha


def shared(name):
    """A file of the received data; where there is none the test is skipped, and under CI it fails."""
    path = SHARED / name
    if not path.exists():
        missing("../shared/data is not here")
    return path


def square(column=0, row=0, *, side=SIDE):
    """A square of a grid whose cells touch."""
    west, south = WEST + column * SIDE, SOUTH + row * SIDE
    return shapely.box(west, south, west + side, south + side)


def concessions(count=3, *, row=0, **columns):
    """Concessions side by side, with accents; a frame in degrees."""
    names = [f"Peñón Ñandú {number}" for number in range(1, count + 1)]
    codes = [f"C{number}" for number in range(1, count + 1)]
    fields = {"code": codes, "name": names, "holder": "Compañía Minera Sánchez", "status": "granted", **columns}
    shapes = [square(column, row) for column in range(count)]
    return gpd.GeoDataFrame(fields, geometry=shapes, crs="OGC:CRS84")


def feature(properties, geometry):
    if isinstance(geometry, shapely.Geometry):
        geometry = json.loads(shapely.to_geojson(geometry))
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def collection(features, **members):
    return json.dumps({"type": "FeatureCollection", **members, "features": list(features)}, ensure_ascii=False)


def geojson(path, frame, **members):
    """Write a frame as plain GeoJSON that states no reference system, unless `crs` is among the members."""
    rows = frame.drop(columns="geometry").to_dict("records")
    return text(path, collection(map(feature, rows, frame.geometry), **members))


def text(path, content, *, encoding="utf-8"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode(encoding))
    return path


def zipped(path, **members):
    """A ZIP archive of files (or of text); `a__shp` stands for the name `a.shp`."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            data = content.read_bytes() if isinstance(content, Path) else content
            archive.writestr(name if "." in name else name.replace("__", "."), data)
    return path


def incidents(*rows, header="code,occurred_on,place_text,visibility,longitude,latitude"):
    return "\n".join([header, *rows]) + "\n"


class Files:
    """A workspace that grows by files written into it; what its manifest does not say is filled in."""

    def __init__(self, folder, *, country="PE"):
        self.space = manifest_file.create_workspace(folder, title="Prueba", country=country)
        self.folder = folder

    def add(self, layer, content, *, name=None, **entry):
        """Add a source: a frame (as GeoJSON), text (as CSV) or the path of a file."""
        source = entry.pop("id", layer)
        day = entry.pop("snapshot_on", "2026-01-01")
        if not isinstance(content, Path):
            suffix = "csv" if isinstance(content, str) else "geojson"
            path = self.folder.parent / f"received-{source}-{day}" / (name or f"{layer}.{suffix}")
            content = text(path, content) if isinstance(content, str) else geojson(_made(path), content)
        assert layer in LAYERS
        digest = manifest_file.file_sha256(content)
        known = {
            "publisher": "Editora",
            "coverage": "PE",
            "snapshot_on": day,
            "retrieved_on": day,
            "sha256": digest,
            "comparable": any(known.id == source for known in self.space.sources),
            **entry,
        }
        taken = SourceEntry(id=source, layer=layer, file=f"files/{digest[:12]}/{content.name}", **known)
        self.space = manifest_file.add_source(self.space, taken, content)
        return self.space.sources[-1]


def _made(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
