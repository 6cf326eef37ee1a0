"""Every file of the second corpus is refused with help, or read as it truly is; what is not so is told."""

import re
from collections import Counter

import pytest

import tests.corpus.beyond
import tests.corpus.elsewhere
import tests.corpus.further
import tests.corpus.ministries  # noqa: F401  each adds to the corpus
from lindero.app.builder.add.plan import plan_source, plan_text
from lindero.layers.errors import LayerError
from lindero.layers.workspace.source_options import SourceOptions
from tests.amount import amount
from tests.corpus.make import COLUMNS, CORPUS, moved, true
from tests.files import TODAY, Files

pytestmark = pytest.mark.statistics

OLD = (
    "EC_shp",
    "24877",
    "24880",
    "24879",
    "29192",
    "24720",
    "4618",
    "4248",
    "4225",
    "5361",
    *(
        "_21037",
        "_26392",
        "_24344",
        "_21036",
        "_20137",
        "_2136",
        "_20935",
        "_2736",
        "_4253",
        "_4210",
        "_4127",
    ),
)  # SIRGAS-Chile by SAD69 in PROJ
NEAR_M = 20  # what old datums' transformations leave open


def test_the_corpus_is_large_enough():
    assert len(CORPUS) >= 370


WITHOUT_SYSTEM = [name for name in CORPUS if name.endswith("_sin_sistema")]
SLOW = {name for name in WITHOUT_SYSTEM if name.startswith("CL_")}  # Chile's coast is long
FIRST = {name[:2]: name for name in reversed(WITHOUT_SYSTEM)}  # of each country the file in its newest datum
SAID = re.compile(r"([A-Z]{2}_\d+)_(dicho|en_el_archivo|gpkg)")  # country and system, and how the system is told
SYSTEMS = {name: said for name in CORPUS if (said := SAID.fullmatch(name))}
TURN = {system: i for i, system in enumerate(dict.fromkeys(said[1] for said in SYSTEMS.values()))}


def _has_its_turn(name):
    """Whether a system is told in this way in the share of every run: of its ways each system has one, in turn."""
    ways = [other for other, said in SYSTEMS.items() if said[1] == SYSTEMS[name][1]]
    return ways[TURN[SYSTEMS[name][1]] % len(ways)] == name


SHARE = [
    name
    for name in CORPUS
    if (name not in WITHOUT_SYSTEM or FIRST[name[:2]] == name) and (name not in SYSTEMS or _has_its_turn(name))
]


def test_each_system_and_each_way_to_tell_it_is_among_the_share():
    said = [SYSTEMS[name] for name in SHARE if name in SYSTEMS]

    assert {each[1] for each in said} == {each[1] for each in SYSTEMS.values()}
    assert min(Counter(each[2] for each in said).values()) >= 10


def test_a_file_without_a_system_is_among_the_share_of_every_country():
    assert {name[:2] for name in SHARE} >= {name[:2] for name in WITHOUT_SYSTEM}
    assert len(SHARE) >= 300


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[pytest.mark.slow] if name in SLOW else []) for name in amount(SHARE, [*CORPUS])],
    ids=str,
)
def test_a_file_is_read_as_it_is_or_refused_with_help(tmp_path, name):
    case = CORPUS[name]
    space = Files(tmp_path / "space", country=case.country).space
    folder = tmp_path / "received"
    folder.mkdir()
    path = case.write(folder)
    wishes = SourceOptions(**{"layer": case.layer, "publisher": "P", "snapshot_on": "2026-01-01", **case.wishes})
    if case.refused:
        with pytest.raises(LayerError, match="--crs" if case.refused == "SYSTEM" else case.refused) as refused:
            plan_source(str(path), wishes, space, today=TODAY)
        assert case.refused != "SYSTEM" or names_it(str(refused.value), name, case.country)
        return
    taken = plan_source(str(path), wishes, space, today=TODAY)
    rows, account = taken.tables[case.layer], taken.source.iloc[0]

    assert path.name in plan_text(taken)  # whichever country it lies in
    assert account["rows_read"] == account["rows_kept"] + account["rows_rejected"]
    assert account["rows_kept"] == case.kept
    assert taken.rejects["reason"].value_counts().to_dict() == case.rejects
    assert set(taken.findings["finding"]) - {"datum_shifted"} == set(case.findings)
    shifted = taken.findings.loc[taken.findings["finding"] == "datum_shifted", "detail"]
    assert len(shifted) == any(code in name for code in OLD)
    assert shifted.str.contains(r" to WGS 84 \(\d+\) \(± [\d.]+ m\)$").all()
    hold_true(rows, true(case.country).set_index("code"), case.lacks)


def names_it(advice, name, country):
    """Whether one of the systems that are named puts the rows where they are."""
    truth = true(country)
    metres = moved(country, int(name.split("_")[1])).geometry
    named = [metres.set_crs(code, allow_override=True) for code in re.findall(r"EPSG:\d+", advice)]
    placed = (each.to_crs(truth.crs).iloc[0] for each in named)
    return any(distance_m(shape, truth.geometry.iloc[0]) < 5 for shape in placed)


def hold_true(rows, truth, lacks):
    for row in rows.to_dict("records"):
        known = truth.loc[row["code"]]
        for column in {*COLUMNS} - {"code", *lacks}:
            value = row[column].isoformat() if column == "granted_on" else row[column]
            assert value == known[column]
        if "place" not in lacks:
            assert distance_m(row["geometry"], known["geometry"]) < NEAR_M
            if row["geometry"].geom_type != "Point":
                assert row["area_ha"] == pytest.approx(known["area_official_ha"], rel=0.02)


def distance_m(one, other):
    dx, dy = one.centroid.x - other.centroid.x, one.centroid.y - other.centroid.y
    return 111_320 * (dx**2 + dy**2) ** 0.5
