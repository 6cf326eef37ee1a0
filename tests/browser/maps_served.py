"""Maps served to the browser for the whole session: the demonstration, the files as received, texts of strangers."""

import itertools
import shutil
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from lindero.app.builder.build import DATA, build_map, load_demonstration
from lindero.layers.model.layer import Column, Layer, Shape
from lindero.layers.model.schema import LAYERS
from lindero.layers.model.vocabularies import VOCABULARIES
from lindero.layers.workspace import manifest_file
from tests.files import Files, shared, square
from tests.once import made_once
from tests.real import plans

# Text fields hold these; each would set `window.ran` if it were ever taken for more than text.
PAYLOADS = [
    "<img src=x onerror=window.top.ran=1>",
    "<script>window.top.ran=1</script>",
    "</script><script>window.top.ran=1</script>",
    "`${window.top.ran=1}`",
    "${window.top.ran=1}",
    "\\`${window.top.ran=1}\\`",
    "'-(window.top.ran=1)-'",
    '"-(window.top.ran=1)-"',
    "{{ 7 * 7 }}{% raw %}",
    "[press](javascript:window.top.ran=1)",
    "![x](http://192.0.2.1/x.png)",
    "\u2028window.top.ran=1//",
    "<svg/onload=window.top.ran=1>",
]
CODES = {"visibility": "public_record", "location_precision": "exact", "date_precision": "day", "level": "province"}


def of_the_demonstration(folder: Path) -> Path:
    """Build the demonstration from a copy; gives its folder of builds."""
    for part in ("demo", "public_record"):
        shutil.copytree(DATA / part, folder / part)
    space = load_demonstration(folder)
    build_map(space)
    return space.build_folder


def received(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build once a map of all the received files, as a reader adds them; gives its folder of builds."""

    def made(folder: Path) -> Path:
        files = Files(folder / "space")
        for name in plans.SAID_BY_NO_FILE:
            shared(name)  # or the tests that need them are skipped
        for name in plans.received_files():
            files.space = manifest_file.add_source(
                files.space, plans.plan_of(tmp_path_factory, name).entry, shared(name)
            )
        build_map(files.space)
        return files.space.build_folder

    return made_once(tmp_path_factory, "received", made)


def of_strangers(folder: Path, texts: list[str]) -> Path:
    """
    Build a map in which every text field of every layer is one of `texts`; gives its folder of builds.

    Each text has a square of `tests.files` of its own, with a feature of every layer; the concessions have a later
    snapshot, in which each has another holder. The sources are called by all texts at once.
    """
    files = Files(folder / "space")
    for layer in LAYERS.values():
        _add(files, layer, texts)
    turned = [*texts[1:], texts[0]]
    _add(files, LAYERS["concessions"], texts, snapshot_on="2026-02-01", holder=turned)
    build_map(files.space)
    return files.space.build_folder


def _add(files: Files, layer: Layer, texts: list[str], snapshot_on: str = "2026-01-01", **columns: object) -> None:
    known = {column.name: _values(column, texts) for column in layer.own_columns}
    source = dict.fromkeys(("title", "publisher", "licence"), " ".join(texts)) | {"snapshot_on": snapshot_on}
    rows = pd.DataFrame(known | columns).drop(columns=["area_ha"], errors="ignore")
    shapes = [square(at) for at in range(len(texts))]
    if layer.shape in {Shape.POLYGON, Shape.SITE, Shape.PLACE} and layer.name != "incidents":
        files.add(layer.name, gpd.GeoDataFrame(rows, geometry=shapes, crs="OGC:CRS84"), **source)
        return
    if layer.shape is not Shape.NONE:
        rows = rows.assign(longitude=[shape.centroid.x for shape in shapes], latitude=[s.centroid.y for s in shapes])
    files.add(layer.name, rows.to_csv(index=False), **source)


def _values(column: Column, texts: list[str]) -> list[object]:
    """Give a column's values: texts, codes of its vocabulary, days, numbers, or ids of what it tells about."""
    count = len(texts)
    if column.name.endswith("_id"):
        of = {"incident_id": "incidents", "community_id": "communities", "concession_id": "concessions"}[column.name]
        day = "2026-02-01" if of == "concessions" else "2026-01-01"
        return [f"{of}/{day}/{text.strip()}" for text in texts]
    if column.vocabulary:
        codes = [CODES[column.name]] if column.name in CODES else VOCABULARIES[column.vocabulary]
        return list(itertools.islice(itertools.cycle(codes), count))
    texts = ["PE", *texts[1:]] if column.name == "jurisdiction" else texts
    given = {"VARCHAR": texts, "DATE": ["2020-03-04"] * count, "BOOLEAN": [True] * count}
    return given.get(column.type, [1] * count)
