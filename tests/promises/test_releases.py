"""Promises 2 and 3. No cell under 5, no move of 1 to 4, no cell recovered; 365 releases of one place give one geometry."""

from collections import Counter

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog
from shapely import Point

from lindero.app.answers.record.coarse_places import known_areas
from lindero.layers.model.schema import CRS
from lindero.layers.publish.rules import OTHER_PROVINCES, Basis, count_records
from tests.files import text
from tests.secret_files import SECRETS, TODAY, Secret, chosen, csv_of, put

K = 5


def tables_of(seed):
    """Records of twelve departments with eight provinces each, in one year."""
    rng = np.random.default_rng(seed)
    sizes = {(f"D{d}", f"P{p}"): int(rng.poisson(rng.choice([1, 4, 10]))) for d in range(12) for p in range(8)}
    rows = [key for key, size in sizes.items() for _ in range(size)]
    return sizes, pd.DataFrame(rows, columns=["department", "province"]).assign(year=2024)


def recovered(sizes, constraints):
    """How many cells linear programming leaves one whole number for, given sums: (cells, at least, at most)."""
    cells = list(sizes)
    rows, limits = [], []
    for members, low, high in constraints:
        row = np.array([cell in members for cell in cells], dtype=float)
        rows += [row, -row]
        limits += [high, -low]
    exact = 0
    for position in range(len(cells)):
        goal = np.zeros(len(cells))
        goal[position] = 1
        bounds = [
            linprog(sign * goal, A_ub=np.array(rows), b_ub=limits, bounds=(0, None), method="highs").fun
            for sign in (1, -1)
        ]
        low, high = (None if value is None else sign * value for sign, value in zip((1, -1), bounds, strict=True))
        exact += low is not None and high is not None and np.ceil(low - 1e-6) == np.floor(high + 1e-6)
    return exact


def test_no_cell_can_be_had_by_linear_programming_over_all_that_is_published():
    exact_naive = exact = 0
    for department in range(6):
        sizes, records = tables_of(seed=department)
        mine = {key: size for key, size in sizes.items() if key[0] == f"D{department}" and size}
        records = records[records["department"] == f"D{department}"]
        published = count_records(records, Basis()).cells
        shown = {(place, province) for place, province, _ in published if province != OTHER_PROVINCES}
        constraints = [({cell}, published[*cell, 2024], published[*cell, 2024] + K - 1) for cell in shown]
        left = mine.keys() - shown
        rest = published.get((f"D{department}", OTHER_PROVINCES, 2024))
        constraints += [({cell}, 1, K - 1) for cell in left]  # what everybody may suppose of a cell that is not shown
        constraints += [(left, rest, rest + K - 1)] if rest else [(left, 1, K - 1)] if left else []
        exact += recovered(mine, constraints)
        naive = [({cell}, size, size) for cell, size in mine.items() if size >= K]
        small = {cell for cell, size in mine.items() if size < K}
        naive += [({cell}, 1, K - 1) for cell in small] + [(set(mine), sum(mine.values()), sum(mine.values()))]
        exact_naive += recovered(mine, naive) - sum(size >= K for size in mine.values())

    assert exact == 0
    assert exact_naive > 0, "the attack was to work against suppression alone"


def test_the_releases_of_a_growing_record_never_show_who_came_last():
    rng = np.random.default_rng(20_261_124)
    provinces = rng.integers(0, 6, 90)
    naive_moves, moves, basis = Counter(), Counter(), Basis()
    before, naive_before = {}, {}
    for known in range(1, len(provinces) + 1):
        records = pd.DataFrame({"department": "D", "province": provinces[:known].astype(str), "year": 2024})
        found = count_records(records, basis)
        cells = {cell: n for cell, n in found.cells.items() if cell[1] != OTHER_PROVINCES}
        moves.update(abs(n - before.get(cell, 0)) for cell, n in cells.items())
        for cell, n in cells.items():
            if n != before.get(cell, 0) and before.get(cell):
                assert found.basis.anchors[cell].count - basis.anchors[cell].count >= K
        naive = {cell: n for cell, n in Counter(records["province"]).items() if n >= K}
        naive_moves.update(n - naive_before[cell] for cell, n in naive.items() if cell in naive_before)
        basis, before, naive_before = found.basis, cells, naive

    assert set(moves) <= {0, 5, 10}
    assert naive_moves[1] > 0, "the attack was to see each new record"


def test_365_releases_of_one_place_give_one_geometry():
    place = Point(-74.512345, -8.312345)
    told = {"location_precision": "exact", "region": "Ucayali", "country": "PE", "occurred_on": TODAY}
    record = gpd.GeoDataFrame([told], geometry=[place], crs=CRS)

    shapes = {known_areas(record).iloc[0].wkb for _ in range(365)}

    rng = np.random.default_rng(20_261_124)
    distance, angle = rng.uniform(0.009, 0.045, 365), rng.uniform(0, 2 * np.pi, 365)
    jittered = np.c_[place.x + distance * np.cos(angle), place.y + distance * np.sin(angle)]
    metres = np.hypot(*((jittered.mean(axis=0) - (place.x, place.y)) * 111_000))
    assert len(shapes) == 1
    assert metres < 500, "the attack was to average the noise away"


def test_the_published_map_holds_the_cells_and_the_vault_what_they_were_made_from(world, held, tmp_path):
    pub = world.pub
    restricted = [secret for secret in SECRETS if secret.visibility == "restricted"]
    assert pub.counts["count"].sum() in range(len(restricted) - 4 * len(pub.counts), len(restricted) + 1)
    assert (pub.counts["count"] % K == 0).all()
    one_more = [Secret(60, "restricted").row(occurred_on="2024-05-05"), Secret(62, "confidential").row()]
    put(held, world.files.space, text(tmp_path / "mas.csv", csv_of(one_more)), id="mas")

    again = chosen(world.files.space, held)

    columns = ["department", "province", "year", "count"]
    assert again.counts[columns].equals(pub.counts[columns])
    assert again.withheld["confidential"] == pub.withheld["confidential"] + 1
    assert not set(again.layers["incidents"]["id"]) & set(pub.layers["incidents"]["id"])
    assert set(again.layers["incidents"].geometry.to_wkb()) == set(pub.layers["incidents"].geometry.to_wkb())


@pytest.mark.parametrize("visibility", ["restricted", "confidential", "", "publico", "Public_Record", "public-record"])
def test_nothing_else_than_public_record_leaves_the_vault(world, held, visibility, tmp_path):
    titles = [secret.row()["title"] for secret in SECRETS]
    row = Secret(70, visibility).row(id=f"v-{visibility or 'none'}", title=f"ninguno {visibility}")
    put(held, world.files.space, text(tmp_path / "v.csv", csv_of([row])), id="v")

    found = chosen(world.files.space, held).layers["incidents"]

    assert not set(found["title"]) & {row["title"], *titles}
    assert set(found["visibility"]) == {"public_record"}
