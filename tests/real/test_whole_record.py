"""The killings, the conflicts and the seed's three cases, as received, in one build."""

import csv
from pathlib import Path

import pandas as pd
import pytest

from lindero.app.answers.record.coarse_places import department_shapes
from lindero.app.answers.record.incidents import read_record
from lindero.app.builder.add.plan import plan_source
from lindero.app.builder.build import build_map
from lindero.app.media.site.release import publish_release
from lindero.app.media.site.verify import check_publication
from lindero.app.text import i18n
from lindero.layers.database import map_database
from lindero.layers.disk import builds
from lindero.layers.tiles.tile_query import TILE_LAYERS
from lindero.layers.workspace import manifest_file
from lindero.layers.workspace.source_options import SourceOptions
from tests.amount import WHOLE
from tests.files import TODAY, Files, shared, text
from tests.secret_files import Secret, csv_of, made, put

KILLINGS = "killings-global-witness/global_witness_led_22-09-22.csv"
CONFLICTS = "peru-conflicts/conflictos.xlsx"
PUBLIC_RECORD = Path(__file__).parents[2] / "lindero" / "data" / "public_record"
BESIDE = {"Peru", "Ecuador"}


@pytest.fixture(scope="module")
def space(tmp_path_factory):
    return with_record(tmp_path_factory.mktemp("record"), shared(KILLINGS))


def with_record(folder, killings):
    """A workspace with its map of killings, of the conflicts and of the three cases."""
    i18n.set_language("en")
    files = Files(folder / "space")
    for source_id, path in (("killings", killings), ("conflicts", shared(CONFLICTS))):
        taken = plan_source(str(path), SourceOptions(id=source_id), files.space, today=TODAY)
        files.space = manifest_file.add_source(files.space, taken.entry, path)
    for entry in manifest_file.load_workspace(PUBLIC_RECORD).sources:
        files.space = manifest_file.add_source(files.space, entry, PUBLIC_RECORD / entry.file)
    build_map(files.space)
    return files.space


@pytest.fixture(scope="module")
def built(space):
    with map_database.connect(builds.current_map(space.build_folder), spatial=True) as con:
        yield con


@pytest.fixture(scope="module")
def told(built):
    return read_record(built)


@pytest.fixture(scope="module")
def received():
    rows = pd.read_csv(shared(KILLINGS))
    return rows[rows["country"] == "Peru"]


def of_peru(told, source):
    incidents = told.incidents
    return incidents[(incidents["country"] == "PE") & (incidents["source_id"] == source)]


def test_killings_conflicts_and_the_three_cases_stand_in_one_build(told):
    assert len(of_peru(told, "killings")) == 51
    assert len(of_peru(told, "conflicts")) == 81
    assert len(of_peru(told, "public-record-incidents")) == 3
    assert len(told.attacks) == 1_733 + 3  # a conflict is not an attack
    assert sorted(of_peru(told, "public-record-incidents")["region"]) == ["Cajamarca", "Cajamarca", "Cusco"]


def test_killings_by_year_add_up_to_those_of_the_file(told, received):
    ours = of_peru(told, "killings").groupby("year")["people"].sum()
    theirs = received.groupby(pd.to_datetime(received["date"]).dt.year)["number_of_victims"].sum()

    assert {int(year): int(count) for year, count in ours.items()} == theirs.to_dict()


def test_killings_by_department_add_up_to_those_of_the_file_and_what_it_does_not_say_is_nowhere(told, received):
    ours = of_peru(told, "killings").groupby("region", dropna=False)["people"].sum()
    spelt = {"Apurimac": "Apurímac", "Mara, Apurímac": "Apurímac", "Cotabambas": "Apurímac", "Pataz": "La Libertad"}
    theirs = received.groupby(received["local_region"].replace(spelt), dropna=False)["number_of_victims"].sum()

    assert ours.sum() == theirs.sum()
    assert ours.dropna().to_dict() == theirs.dropna().to_dict()
    assert int(ours[ours.index.isna()].sum()) == int(received["local_region"].isna().sum())


def test_no_killing_is_finer_than_a_region_and_none_is_a_point(told):
    killings = told.incidents[told.incidents["source_id"] == "killings"]

    assert set(killings["location_precision"]) == {"region", "country"}
    assert not killings["is_placed"].any()
    assert (killings["location_precision"] == "region").eq(killings["region_code"].notna()).all()


def test_no_point_of_a_conflict_is_drawn_because_it_stands_for_its_district(built, told):
    drawn = next(layer for layer in TILE_LAYERS if layer.name == "incidents").only
    count = built.sql(f"SELECT count(*) FROM incidents WHERE {drawn}").fetchone()[0]

    assert of_peru(told, "conflicts")["is_placed"].all()
    assert count == 0


def test_the_seed_s_cases_are_told_with_their_steps(told):
    steps = told.case_steps["step"].tolist()

    assert sorted(steps) == ["acquittal", "acquittal", "acquittal", "appeal"]
    assert told.victims[told.victims["incident_id"].str.startswith("public-record")]["count"].sum() == 20


@pytest.fixture(scope="module")
def to_publish(request, tmp_path_factory):
    """The whole record, whose tiles of all continents take a minute; of a share the killings of Peru and beside it."""
    if WHOLE:
        return request.getfixturevalue("space")
    folder = tmp_path_factory.mktemp("share")
    killings = folder / Path(KILLINGS).name
    with shared(KILLINGS).open(encoding="utf-8", newline="") as all_of_it, killings.open("w", newline="") as share:
        rows = csv.DictReader(all_of_it)
        written = csv.DictWriter(share, rows.fieldnames)
        written.writeheader()
        written.writerows(row for row in rows if row["country"] in BESIDE)
    return with_record(folder, killings)


@pytest.fixture(scope="module")
def published(to_publish, tmp_path_factory):
    """The publication of the record with a vault: 26 restricted records, of which 24 are in one department."""
    space = to_publish
    root = tmp_path_factory.mktemp("published")
    held = made(space.folder)
    rows = [
        Secret(n, "restricted").row(occurred_on=f"{year}-03-02", region=region, location_precision="region")
        | {"longitude": "", "latitude": ""}
        for n, (region, year) in enumerate([("Ucayali", 2024)] * 12 + [("Ucayali", 2023)] * 12 + [("Puno", 2024)] * 2)
    ]
    put(held, space, text(root / "casos.csv", csv_of(rows)))
    told = []
    publish_release(space, held, root / "publication", today=TODAY, prove=lambda _new: None, announce=told.append)
    return told[0], root / "publication", held


@pytest.mark.slow
def test_the_record_is_published_and_every_promise_holds_on_its_files(published):
    _, folder, held = published

    findings = check_publication(folder, held)

    assert findings.broken == []
    assert any("no secret of the vault in any byte" in line for line in findings.proofs)


def test_killings_conflicts_and_cases_are_all_published_each_as_the_area_that_is_known(published):
    incidents = published[0].layers["incidents"]
    of_peru = incidents[incidents["country"] == "PE"]

    assert set(incidents["source_id"]) == {"public-record"}
    assert of_peru["sources"].str.split(",").str[0].value_counts().to_dict() == {
        "Defensoría del Pueblo": 81,
        "Global Witness": 51,
        "Amnesty International": 3,
    }
    assert set(incidents.geometry.dropna().geom_type) <= {"Polygon", "MultiPolygon"}


def test_killings_are_published_as_their_regions(published):
    incidents = published[0].layers["incidents"]
    killings = incidents[incidents["sources"].str.startswith("Global Witness")]
    by_region = killings[killings["location_precision"] == "region"]
    shapes = department_shapes().set_index(["country", "name"])["geometry"]

    drawn = by_region[by_region.geometry.notna()]  # a name that several regions bear is drawn as none

    assert len(drawn[drawn["country"] == "PE"]) > 0
    assert all(row.geometry.equals(shapes[row.country, row.region]) for row in drawn.itertuples())
    assert killings.loc[killings["location_precision"] == "country", "geometry"].isna().all()
    assert killings.loc[killings["location_precision"] == "country", ["region", "place_text"]].isna().all(axis=None)


def test_published_killings_by_year_and_region_add_up_to_those_of_the_file(published, received):
    incidents, victims = (published[0].layers[name] for name in ("incidents", "victims"))
    ours = incidents[incidents["sources"].str.startswith("Global Witness") & (incidents["country"] == "PE")]
    people = victims.groupby("incident_id")["count"].sum().reindex(ours["id"]).to_numpy()
    years = pd.to_datetime(ours["occurred_on"]).dt.year
    theirs = received.groupby(pd.to_datetime(received["date"]).dt.year)["number_of_victims"].sum()

    assert pd.Series(people).groupby(years.to_numpy()).sum().astype(int).to_dict() == theirs.to_dict()


def test_restricted_records_beside_them_are_rounded_counts_and_small_ones_nowhere(published):
    pub = published[0]
    counts = pub.counts

    assert sorted(zip(counts["department"], counts["year"], counts["count"], strict=True)) == [
        ("Ucayali", 2023, 10),
        ("Ucayali", 2024, 10),
    ]
    assert pub.withheld["restricted"] == 2
