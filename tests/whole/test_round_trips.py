"""What is exported, added to an empty workspace and built is the same map again: rows, places, hectares, shared ground."""

import pytest

from lindero.app.builder.build import build_map
from lindero.app.media.files.formats import KINDS
from lindero.layers.database import map_database
from lindero.layers.disk import builds
from lindero.layers.model.schema import LAYERS
from lindero.layers.workspace import manifest_file
from tests.files import Files, concessions, incidents, square

ROUNDS = [kind for kind in KINDS if kind != "json"]  # which is the answer of a program, and is not read as a layer
ENDINGS = {"shp": "zip"}
KEPT = {
    "concessions": ("code", "name", "holder", "status"),
    "communities": ("code", "name"),
    "incidents": ("code", "place_text", "occurred_on", "visibility", "location_precision"),
}
NEAR_HA, NEAR_DEG = 1e-6, 1e-6  # of the whole; a hand's breadth


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """A map of titles, one with a hole, that lie on half of two communities, and of two attacks."""
    files = Files(tmp_path_factory.mktemp("first") / "space")
    titles = concessions(3)
    titles.loc[2, "geometry"] = square(2).difference(square(2, side=0.004))
    files.add("concessions", titles)
    lands = concessions(2).drop(columns=["holder", "status"]).assign(code=["K1", "K2"])
    files.add("communities", lands.set_geometry(lands.translate(xoff=0.005)), id="tierras")
    attacks = [f"A{n},2020-01-0{n},Peñón {n},public_record,-78.4{n},-7.1" for n in (1, 2)]
    files.add("incidents", incidents(*attacks), id="hechos")
    build_map(files.space)
    return files.folder, held(files.folder)


def held(folder):
    """Rows by their code or name, places, hectares of each, and the ground that titles and communities share."""
    with map_database.connect(builds.current_map(folder / "build")) as con:
        rows = {name: map_database.read_layer(con, LAYERS[name]).set_index(KEPT[name][0]).sort_index() for name in KEPT}
        shared = map_database.read_overlaps(con, "concessions", "communities")
    return rows, sorted(shared["area_ha"])


@pytest.mark.parametrize("kind", ROUNDS)
def test_the_same_rows_and_hectares_come_back(first, typed, tmp_path, kind):
    folder, (before, shared_before) = first
    assert typed("init", "again", "--country", "PE")[0] == 0
    for layer in KEPT:
        file = f"{layer}.{ENDINGS.get(kind, kind)}"
        assert typed("export", layer, "-o", file, "--workspace", folder)[0] == 0
        words = ["--layer", layer, "--publisher", "Editora", "--yes", "--workspace", "again"]
        words += ["--sublayer", layer] if kind == "gpkg" else []
        code, _, told = typed("add", file, *words)
        assert code == 0, told
    again = tmp_path / "again"
    build_map(manifest_file.load_workspace(again))
    after, shared_after = held(again)

    for layer, columns in KEPT.items():
        one, other = before[layer], after[layer]
        assert list(other.index) == list(one.index)
        for column in columns[1:]:
            assert other[column].tolist() == one[column].tolist(), column
        for here, there in zip(one.geometry, other.geometry, strict=True):
            assert here.hausdorff_distance(there) < NEAR_DEG
        if "area_ha" in one:
            assert other["area_ha"].tolist() == pytest.approx(one["area_ha"].tolist(), rel=NEAR_HA)
    assert len(shared_before) > 1
    assert shared_after == pytest.approx(shared_before, rel=NEAR_HA)
