"""
On Peru's own files no place is told "none on record" where no source has data, nor refused an answer where one does.

The oracle knows what each file covers, from outside: the cadastre of 2026 is that of zone 17 South (west of 78° W), the
communities are those of Cajamarca, protected areas and conflicts those of Peru, killings those of every country. It asks
random places and the populated places of Peru, of all of them by `make test-all`.
"""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely

from lindero.app.answers.coverage.coverage import Verdict, read_coverage
from lindero.app.builder.rows.coverage import manifest_coverage
from lindero.app.builder.rows.row_location import Land
from lindero.geo.registers.extent import SHORE_DEGREES
from lindero.layers.database import map_database
from lindero.layers.model.schema import LAYERS as SCHEMA
from lindero.layers.reference import base_data
from lindero.layers.workspace import manifest_file
from tests.amount import amount
from tests.built import build
from tests.files import Files, shared
from tests.real.plans import plan_of

RANDOM = 2_000
FILES = {
    "cadastre": "peru-cadastre-2026/17s_100326.geojson",
    "peasant": "peru-cajamarca/c_campesina.geojson",
    "native": "peru-cajamarca/c_nativa.geojson",
    "national": "peru-protected-areas/anp_nacional_light.geojson",
    "regional": "peru-protected-areas/anp_acr_light.geojson",
    "conflicts": "peru-conflicts/conflictos.xlsx",
}
DECLARED = {"cadastre": "zone17s.geojson", "peasant": "PE-CAJ", "native": "PE-CAJ"}  # the others: all of Peru
PLACES = amount(200, 100_000)
COARSE = 0.05  # degrees, some 5 km: how far built-in outlines lie off
LOST = 0.01  # of the places with an answer, those that a built-in outline puts into the neighbour
LAND = base_data.load_countries().set_index("code").geometry["PE"].buffer(-COARSE)
LAYERS = ("concessions", "communities", "protected_areas", "conflicts")


@pytest.fixture(scope="module", params=["proposed", "declared"])
def covered(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("zeros")
    files = Files(folder / "space")
    gpd.GeoDataFrame(geometry=[shapely.box(-84, -19, -78, 1)], crs="OGC:CRS84").to_file(folder / "zone17s.geojson")
    for source_id, name in FILES.items():
        said = DECLARED.get(source_id, "PE") if request.param == "declared" else ""
        said = str(folder / said) if said.endswith("geojson") else said
        kept = [folder / "zone17s.geojson"] if "zone17s" in said else []
        covers = manifest_coverage(said, files.space, Land(base_data.load_countries(), files.space.country)).text
        entry = replace(plan_of(tmp_path_factory, name).entry, id=source_id, coverage=covers)
        files.space = manifest_file.add_source(files.space, entry, shared(name), coverage=kept)
    con = map_database.connect(build(files.space).path)
    return request.param, read_coverage(con), {name: map_database.read_layer(con, SCHEMA[name]) for name in LAYERS[:3]}


@pytest.fixture(scope="module")
def places():
    """Random places round Peru and its populated places, as points."""
    peru = base_data.load_places("PE").geometry
    west, south, east, north = peru.total_bounds
    drawn = np.random.default_rng(14).uniform((west, south), (east, north), size=(RANDOM, 2))
    every = gpd.GeoSeries([*shapely.points(drawn), *peru], crs="OGC:CRS84")
    return every if len(every) <= PLACES else every.sample(PLACES, random_state=14).reset_index(drop=True)


def oracle(layer, places, margin):
    """Whether any file of a layer has data at each place, by what its publisher says; `margin` widens it (degrees)."""
    if layer == "concessions":
        return ((places.x <= -78 + margin) & (places.x >= -84 - margin)).to_numpy()  # titles reach over the edge
    departments = gpd.read_file(shared("peru-admin/peru_departamental_simple.geojson")).to_crs("OGC:CRS84")
    chosen = departments["NOMBDEP"].str.upper() == "CAJAMARCA" if layer == "communities" else departments.index >= 0
    ground = shapely.union_all(departments.geometry[chosen].to_numpy())
    shore = (
        1.5 * SHORE_DEGREES if margin > 0 and layer != "communities" else 0.0
    )  # at sea the nation's own registers count
    return shapely.contains_xy(shapely.buffer(ground, margin + shore), places.x, places.y)


def test_no_place_is_told_none_where_no_source_has_data(covered, places, record_property):
    basis, found, rows = covered
    wrong, tally = [], {}
    for layer in LAYERS:
        has_data = oracle(layer, places, COARSE)
        here = np.zeros(len(places), dtype=bool)
        if layer in rows:
            at, _row = shapely.STRtree(rows[layer].geometry.to_numpy()).query(places.to_numpy(), predicate="within")
            here[at] = True
        verdicts = found.measure_shapes(layer, places)["verdict"].to_numpy()
        assert [found.point_coverage(layer, point.y, point.x).verdict for point in places[:40]] == list(verdicts[:40])
        false = (verdicts == Verdict.COVERED) & ~here & ~has_data
        wrong += [(layer, places[i].wkt) for i in np.flatnonzero(false)]
        tally[layer] = {verdict.value: int((verdicts == verdict).sum()) for verdict in Verdict}
        if basis == "declared":  # and an answer is given wherever there is one to give
            sure = oracle(layer, places, -COARSE) & shapely.contains_xy(LAND, places.x, places.y)
            assert (sure & (verdicts != Verdict.COVERED)).sum() <= LOST * sure.sum(), layer
    record_property(basis, f"{len(places)} places: {tally}")

    assert not wrong
