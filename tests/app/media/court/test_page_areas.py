"""The page inside a dossier measures the same areas as Lindero does, by its own way and without it."""

import datetime as dt
import json
from itertools import islice, product
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from lindero.app.media.court import folder, signature, verify
from lindero.geo import overlap, totals
from lindero.layers.workspace import manifest_file
from tests.client import ask

DRIVE = Path(__file__).with_name("measure.mjs")
LAND = "demo-communities/INV-COM-APU-022"
SIDE = 0.05


@pytest.fixture(scope="module")
def made(demonstration, tmp_path_factory):
    root = tmp_path_factory.mktemp("measured")
    signature.create_key(root / "key.pem")
    space = manifest_file.load_workspace(demonstration[0])
    folder.write_dossier(
        space, LAND, root / "dossier", signature.load_key(root / "key.pem"), today=dt.date(2026, 11, 26)
    )
    return root / "dossier"


def told(of):
    return tuple(
        json.loads((of / "data" / name).read_text(encoding="utf-8"))
        for name in ("figures.json", "rows/boundaries.geojson")
    )


def compared(figures, boundaries):
    (found,) = ask("compared", [[figures, boundaries]], drive=DRIVE)
    return found["agree"], [one["what"] for one in found["differ"]]


def shared_ha(own, *others):
    return all_shared_ha((own, *others))[0]


def all_shared_ha(*cases):
    """Hectares that the first of each case shares with the others of it, asked at once."""
    drawn = [[json.loads(shapely.to_geojson(shape)) for shape in case] for case in cases]
    asked = [[own, others, shapely.bounds(case[0])[0]] for case, (own, *others) in zip(cases, drawn, strict=True)]
    return [found / 10_000 for found in ask("shared", asked, drive=DRIVE)]


def frame(*shapes):
    ids = [str(number) for number in range(len(shapes))]
    return gpd.GeoDataFrame({"id": ids}, geometry=list(shapes), crs="OGC:CRS84")


def star(random, *, lon, lat, spread):
    """An outline of many corners round a place, with a hole."""
    angle = np.sort(random.uniform(0, 2 * np.pi, 60))
    rim = random.uniform(0.5, 1, 60) * spread
    ring = np.column_stack((lon + rim * np.cos(angle), lat + rim * np.sin(angle)))
    return shapely.Polygon(ring).difference(shapely.Point(lon, lat).buffer(spread / 5))


LATITUDES, SPREADS = (-54.0, -7.0, 0.0, 45.0, 71.0), (0.002, 0.05, 1.5)


def outlines(lat, spread):
    """An outline, and seven others near it."""
    random = np.random.default_rng(7)
    own = star(random, lon=-77.0, lat=lat, spread=spread)
    others = [
        star(
            random, lon=-77.0 + random.uniform(-1, 1) * spread, lat=lat + random.uniform(-1, 1) * spread, spread=spread
        )
        for _each in range(7)
    ]
    return own, others


@pytest.fixture(scope="module")
def shared():
    """What the page measures of random outlines, by latitude and spread: with all others, and with each; asked at once."""
    drawn = {place: outlines(*place) for place in product(LATITUDES, SPREADS)}
    cases = [case for own, others in drawn.values() for case in ((own, *others), *((own, other) for other in others))]
    found = iter(all_shared_ha(*cases))
    return {place: (next(found), list(islice(found, len(others)))) for place, (_own, others) in drawn.items()}


@pytest.mark.parametrize("lat", LATITUDES)
@pytest.mark.parametrize("spread", SPREADS)
def test_random_outlines_share_what_lindero_measures(shared, lat, spread):
    own, others = outlines(lat, spread)
    sides = frame(*others), frame(own)
    pairs = overlap(*sides, min_ha=0)
    with_all, with_each = shared[lat, spread]

    assert with_all == pytest.approx(totals(pairs, *sides).footprint_ha, rel=1e-7)
    assert [with_each[int(id_)] for id_ in pairs["left_id"]] == pytest.approx(
        pairs["area_ha"].tolist(), rel=1e-7, abs=1e-6
    )


def test_squares_that_touch_share_nothing_and_one_on_itself_shares_all():
    here, beside = shapely.box(-77, -7, -77 + SIDE, -7 + SIDE), shapely.box(-77 + SIDE, -7, -77 + 2 * SIDE, -7 + SIDE)
    whole = overlap(frame(here), frame(here))["area_ha"].iloc[0]

    assert shared_ha(here, beside) == pytest.approx(0, abs=1e-9)
    assert shared_ha(here, here, here) == pytest.approx(whole, rel=1e-9)
    assert shared_ha(here) == 0


def test_what_lies_across_the_line_of_dates_is_met_however_it_is_written():
    own, other = shapely.box(179.9, -17, 180.1, -16.9), shapely.box(-180.05, -17, -179.95, -16.9)
    want = shared_ha(shapely.box(9.9, -17, 10.1, -16.9), shapely.box(9.95, -17, 10.05, -16.9))

    assert want > 1000
    assert shared_ha(own, other) == pytest.approx(want, rel=1e-9)


def test_each_overlap_of_a_dossier_and_their_sums_are_measured(made):
    figures, boundaries = told(made)
    agree, differ = compared(figures, boundaries)

    assert differ == []
    assert agree == len(figures["pairs"]) + 2
    assert not verify.verify_dossier(made).broken


@pytest.mark.parametrize(
    ("change", "what"),
    [
        pytest.param(lambda told, _drawn: told["pairs"][0].update(area_ha=told["pairs"][0]["area_ha"] + 0.01),
                     "concessions ", id="an area"),
        pytest.param(lambda told, _drawn: told["pairs"].pop(), "concessions ", id="an overlap left out"),
        pytest.param(lambda told, _drawn: told["pairs"].append({**told["pairs"][0], "left_id": "none"}),
                     "concessions none", id="an overlap too many"),
        pytest.param(lambda told, _drawn: next(one for one in told["figures"] if one["figure"] == "footprint_ha")
                     .update(value=1.0), "concessions footprint_ha", id="a sum"),
        pytest.param(lambda _told, drawn: drawn["features"].pop(), "concessions ", id="a boundary left out"),
    ],
)  # fmt: skip
def test_what_was_changed_is_named(made, change, what):
    figures, boundaries = told(made)
    change(figures, boundaries)
    _agree, differ = compared(figures, boundaries)

    assert any(name.startswith(what) for name in differ)


def test_boundaries_that_differ_between_the_two_files_are_named(made, tmp_path):
    from lindero.app.media.court import verify

    (copied := tmp_path / "data" / "rows").mkdir(parents=True)
    for name in ("figures.json", "rows/dossier.gpkg", "rows/boundaries.geojson"):
        (tmp_path / "data" / name).write_bytes((made / "data" / name).read_bytes())
    assert verify.compare_areas(tmp_path).differing_rows == ()
    _figures, boundaries = told(tmp_path)
    moved, gone = boundaries["features"][1], boundaries["features"].pop()
    ring = moved["geometry"]["coordinates"]
    while isinstance(ring[0][0], list):
        ring = ring[0]
    ring[1][0] += 1e-6
    copied.joinpath("boundaries.geojson").write_text(json.dumps(boundaries), encoding="utf-8")

    named = {f"{one['properties']['layer']} {one['properties']['id']}" for one in (moved, gone)}
    assert set(verify.compare_areas(tmp_path).differing_rows) == named
