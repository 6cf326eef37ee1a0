"""Links, lists and feeds of an old map, followed over three updates: none is broken, none is answered by another."""

import geopandas as gpd
import pandas as pd
import pytest

from lindero.app.answers.changes import watchlist
from lindero.app.answers.changes.succession import SuccessionResult, find_successor
from lindero.layers.database import map_database
from lindero.layers.errors import AnswerError
from lindero.layers.model.schema import COMMUNITIES, INCIDENTS
from tests.built import build
from tests.files import Files, concessions, incidents, square

DAYS = ("2025-01-01", "2025-06-01", "2026-01-01", "2026-06-01")
LANDS = [
    # what each community is, kept in `people`, and its name, cell and code in each file; None: it is not there
    ("a", ("Sorochuco", 0, None), ("SOROCHUCO", 0, None), ("Sorochucó", 0, None), ("Sorochuco", 0, None)),
    ("b", ("San Juan", 2, None), ("San Juan", 2, None), ("San Juan", 2, None), ("San Juan", 2, None)),
    ("c", ("San Juan", 4, None), ("San Juan", 4, None), ("San Juan", 4, None), ("San Juan", 4, None)),
    ("d", ("Quinua", 40, None), ("Quinua", 40, None), None, None),
    ("e", ("Encañada", 60, "E-1"), ("Encanada", 60, "E-1"), ("Encañada", 60, "E 1"), ("Encañada", 60, "77")),
    ("f", None, ("Nueva", 80, None), ("Nueva", 80, None), ("Nueva", 80, None)),
    ("g", None, None, ("Otra Quinua", 40, None), ("Otra Quinua", 40, None)),
    ("h", ("Doble", 90, "D"), ("Doble", 90, "D"), ("Doble", 90, "D"), ("Doble", 90, "D")),
    ("i", ("Doble Dos", 95, "D"), ("Doble Dos", 95, "D"), ("Doble Dos", 95, "D"), ("Doble Dos", 95, "D")),
]
EVENTS = [
    ("2024-03-01,Río Tigre,Amenaza", "2024-03-01,Rio Tigre,AMENAZA", "2024-03-01,Río Tigre,Amenaza de muerte"),
    ("2024-03-02,Andoas,Disparo", "2024-03-02,Andoas,Disparo", "2024-03-02,Andoas,Disparo"),
    ("2024-03-03,Pucacuro,Robo", "2024-03-03,Pucacuro,Robo", None),
]


def lands(snapshot: int) -> gpd.GeoDataFrame:
    """The communities of one file; each has its rows in another order."""
    here = [(what, *files[snapshot]) for what, *files in LANDS if files[snapshot] is not None]
    here = here[snapshot:] + here[:snapshot]
    codes = pd.Series([one[3] for one in here], dtype=object)
    fields = {"people": [one[0] for one in here], "name": [one[1] for one in here], "code": codes}
    return gpd.GeoDataFrame(fields, geometry=[square(one[2]) for one in here], crs="OGC:CRS84")


def old_links(snapshot: int) -> dict[str, str]:
    """What each link of the map of one day named: ids held the day, and the code or the number of the row."""
    rows = lands(snapshot)
    repeats = rows["code"].duplicated(keep=False) | rows["code"].isna()
    keys = [
        f"{code or ''}#{row + 1}" if again else code
        for row, (code, again) in enumerate(zip(rows["code"], repeats, strict=True))
    ]
    return {f"lands/{DAYS[snapshot]}/{key}": what for key, what in zip(keys, rows["people"], strict=True)}


@pytest.fixture(scope="module")
def updated(tmp_path_factory):
    """The map after each of the files has come."""
    files = Files(tmp_path_factory.mktemp("updates") / "space")
    maps = []
    for snapshot, day in enumerate(DAYS):
        files.add("communities", lands(snapshot), id="lands", snapshot_on=day)
        told = [event[min(snapshot, 2)] for event in EVENTS]
        rows = [f"{one},public_record,-78.{3 + at},-7" for at, one in enumerate(told) if one][:: -1 if snapshot else 1]
        header = "occurred_on,place_text,title,visibility,longitude,latitude"
        files.add("incidents", incidents(*rows, header=header), id="ong", snapshot_on=day)
        files.add("concessions", concessions(2 + snapshot), id="cadastre", snapshot_on=day)
        maps.append(map_database.connect(build(files.space).path))
    yield maps
    for con in maps:
        con.close()


def people(con) -> dict[str, str]:
    rows = map_database.read_layer(con, COMMUNITIES)
    return dict(zip(rows["id"], rows["people"], strict=True))


@pytest.mark.parametrize("snapshot", range(len(DAYS)))
def test_every_old_link_leads_to_the_same_community_or_says_that_it_is_gone(updated, snapshot):
    for after in range(snapshot, len(DAYS)):
        there = people(updated[after])
        for link, what in old_links(snapshot).items():
            found = find_successor(updated[after], COMMUNITIES, link)
            if what in there.values():
                assert there[found.id] == what, (link, DAYS[after])
            else:
                assert (found.id, str(found.gone_on), found.name) == (None, "2026-01-01", "Quinua")


@pytest.mark.parametrize("snapshot", range(len(DAYS)))
def test_ids_of_a_map_hold_over_updates_and_two_snapshots_share_them(updated, snapshot):
    for id_, what in people(updated[snapshot]).items():
        there = people(updated[-1])
        found = find_successor(updated[-1], COMMUNITIES, id_)
        assert there.get(found.id) == (what if what in there.values() else None)
    ever = map_database.read_layer(updated[snapshot], COMMUNITIES, every_snapshot=True)
    assert not ever["id"].str.contains(r"\d{4}-\d{2}").any()
    assert len(set(ever.loc[ever["people"] == "a", "id"])) == 1
    assert not ever.duplicated(["id", "snapshot_on"]).any()


def test_what_has_gone_says_what_lies_on_its_ground_now(updated):
    gone = find_successor(updated[-1], COMMUNITIES, "lands/2025-01-01/#4")

    assert [people(updated[-1])[one] for one in gone.instead] == ["g"]
    assert find_successor(updated[-1], COMMUNITIES, "lands/2019-01-01/61") == SuccessionResult(None)
    assert find_successor(updated[-1], COMMUNITIES, "nothing") == SuccessionResult(None)


def test_incidents_are_found_again_by_what_they_tell(updated):
    titles = map_database.read_layer(updated[-1], INCIDENTS).set_index("id")["title"].to_dict()

    found = [find_successor(updated[-1], INCIDENTS, f"ong/{DAYS[0]}/{row}") for row in (1, 2, 3)]

    assert [titles.get(one.id) for one in found] == ["Amenaza de muerte", "Disparo", None]
    assert (str(found[2].gone_on), found[2].name) == ("2026-01-01", "")


def test_a_list_of_an_old_map_holds_what_it_held(updated):
    keys = [f"community/{link}" for link, what in old_links(0).items() if what != "d"]

    chosen = watchlist.find_watched_places(updated[-1], keys)

    assert [people(updated[-1])[each.id] for each in chosen] == [what for what in old_links(0).values() if what != "d"]
    with pytest.raises(AnswerError, match="community/lands/2025-01-01/#4"):
        watchlist.find_watched_places(updated[-1], ["community/lands/2025-01-01/#4"])
