"""Twenty questions about overlaps, asked of the command, the library and the page: each figure is the same."""

import json
from itertools import product

import geopandas as gpd
import numpy as np
import pytest
import shapely
from typer.testing import CliRunner

import lindero
from lindero.app.answers.overlap.pair_filter import PairFilter
from lindero.app.commands.index import program
from lindero.app.current import map_layers, open_map
from lindero.layers.model.schema import CRS
from tests.built import build
from tests.files import Files

SIDES = [
    ("concessions", "communities"),
    ("communities", "concessions"),
    ("concessions", "protected_areas"),
    ("communities", "protected_areas"),
    ("protected_areas", "communities"),
]
FILTERS = [PairFilter(), PairFilter(least_ha=900), PairFilter(least_share=0.3), PairFilter(contains="ñandu 1")]


def squares(seed, count, side, kind):
    """Squares here and there, with names of which some are alike."""
    corner = np.random.default_rng(seed).uniform((-78.5, -7.5), (-78.2, -7.2), (count, 2))
    shapes = shapely.box(*corner.T, *(corner + side).T)
    named = {"code": [f"{kind}{n}" for n in range(count)], "name": [f"{kind} Ñandú {n}" for n in range(count)]}
    return gpd.GeoDataFrame(named, geometry=shapes, crs=CRS)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    files = Files(tmp_path_factory.mktemp("twenty") / "space")
    files.add("concessions", squares(1, 40, 0.04, "T").assign(holder="Minera", status="Titulado"), id="titles")
    files.add("communities", squares(2, 12, 0.09, "C"), id="lands")
    files.add("protected_areas", squares(3, 6, 0.12, "P"), id="parks")
    build(files.space)
    open_map.use(files.space.build_folder)
    return files


@pytest.mark.parametrize(("sides", "wanted"), list(product(SIDES, FILTERS)))
def test_command_library_and_page_give_the_same_figures(world, sides, wanted):
    words = ["overlaps", *sides, *wanted.options(), "--workspace", str(world.folder), "--format", "json"]
    told = json.loads(CliRunner().invoke(program, words).stdout)

    page = wanted.of(map_layers.overlaps_of(*sides).pairs)
    totals = map_layers.totals(*sides, tuple(zip(page["left_id"], page["right_id"], strict=True)))
    library = wanted.of(lindero.open(world.folder).overlaps(*sides))

    assert told["pairs"] == len(page) == len(library) > 0
    for name in ("left_features", "right_features"):
        assert told[name] == getattr(totals, name)
    for name in ("gross_ha", "footprint_ha", "certain_ha", "possible_ha"):
        assert told[name] == pytest.approx(getattr(totals, name), abs=1e-3), name
    assert told["gross_ha"] == pytest.approx(library["area_ha"].sum(), abs=1e-3)
    same = [
        {(row["left_id"], row["right_id"], round(row["area_ha"], 3)) for row in rows}
        for rows in (told["overlaps"], page.to_dict("records"), library.to_dict("records"))
    ]
    assert same[0] == same[1] == same[2]
