import datetime as dt
from types import SimpleNamespace

import pytest
import shapely

from lindero.app.answers.changes import events, watchlist
from lindero.app.answers.changes.event_places import EventPlace
from lindero.app.answers.changes.event_text import event_sentence, event_to_dict, list_place_labels, recency_lines
from lindero.app.answers.changes.register_changes import compare_all_snapshots
from lindero.app.answers.changes.register_dates import dated_report
from lindero.app.media.site.pack import open_published_map
from lindero.app.text import i18n
from lindero.layers.database import map_database
from lindero.layers.services.catalogue import IN_FORCE, load_catalogue
from lindero.layers.workspace import manifest_file
from tests.built import build
from tests.files import SIDE, SOUTH, WEST, Files, concessions, square

TODAY = dt.date(2026, 6, 1)
MONTHS_WITH_A_HOLE = (("applied", "Compañía Minera Sánchez"), (None, None), ("granted", "Otra S.A.C."))
SNAPSHOTS = ("2026-01-01", "2026-02-01", "2026-03-01")


def land(*numbers):
    """The land of Alta: the ground of some of the concessions."""
    return concessions(6).drop(columns=["holder", "status"]).assign(name="Alta").iloc[[*numbers]]


def events_of(folder, frames, *, land_of=(1,), skip=(), since=None, first_coverage="PE", **source):
    """The events of a register whose snapshots are `frames`; those at the positions `skip` are not on the map."""
    files = Files(folder / "space")
    for position, (day, frame) in enumerate(zip(SNAPSHOTS, frames, strict=False)):
        if position not in skip:
            coverage = "PE" if position else first_coverage
            files.add("concessions", frame, **{"snapshot_on": day, "id": "cadastre", "coverage": coverage, **source})
    files.add("communities", land(*land_of), id="lands", snapshot_on="2026-01-01")
    with map_database.connect(build(files.space).path) as con:
        return events.list_register_events(con, since, TODAY)


def test_a_new_concession_is_one_event_with_land_certainty_source_and_date(tmp_path):
    (event,) = events_of(tmp_path, [concessions(1), concessions(2)], land_of=[1])

    assert (event.kind, event.record_id, event.dated_on) == ("new", "cadastre/C2", dt.date(2026, 2, 1))
    (place,) = event.places
    assert (place.key, place.name, place.before_ha) == ("community/lands/C2", "Alta", 0)
    assert place.after_ha == pytest.approx(event.area_ha, rel=0.01)
    assert 0 < place.certain_ha < place.after_ha
    said = event_sentence(event)
    for part in ("New concession: Peñón Ñandú 2, ", " ha of it on the land of Alta (certain: ", "February 1, 2026"):
        assert part in said
    assert "Holder: Compañía Minera Sánchez." in said


def test_a_value_that_a_register_left_out_for_a_month_hides_no_change(tmp_path):
    months = [concessions(1, status=status, holder=holder) for status, holder in MONTHS_WITH_A_HOLE]

    (event,) = events_of(tmp_path, months)

    assert (event.kinds, event.dated_on) == (("holder", "status"), dt.date(2026, 3, 1))
    assert (event.before, event.after) == ("Compañía Minera Sánchez", "Otra S.A.C.")
    assert event.also["status"] == ("applied", "granted")


def test_all_changes_of_a_concession_in_one_comparison_are_one_event(tmp_path):
    after = concessions(2)
    after.loc[1, ["holder", "status"]] = "Otra S.A.C.", "suspended"
    after.loc[1, "geometry"] = square(1, side=2 * SIDE)

    (event,) = events_of(tmp_path, [concessions(2), after])

    assert event.kinds == ("holder", "status", "boundary")
    said = event_sentence(event)
    assert "The holder was Compañía Minera Sánchez; now it is Otra S.A.C. The status was" in said
    assert " ha and lost 0 ha." in said


def move(frame, columns, rows=0.0):
    """The frame with its last concession moved by some sides of a square."""
    moved = frame.copy()
    moved.loc[len(moved) - 1, "geometry"] = shapely.affinity.translate(
        moved.geometry.iloc[-1], columns * SIDE, rows * SIDE
    )
    return moved


def test_a_concession_that_moves_within_a_communitys_land_is_told_to_it(tmp_path):
    before = concessions(2)
    before.loc[1, "geometry"] = square(1, side=SIDE / 2)

    (event,) = events_of(tmp_path, [before, move(before, 0, 0.3)])

    (place,) = event.places
    assert event.kinds == ("boundary",)
    assert place.before_ha == pytest.approx(place.after_ha, abs=0.04)


def test_a_concession_that_left_all_but_a_sliver_of_a_land_is_told_to_it(tmp_path):
    (event,) = events_of(tmp_path, [concessions(2), move(concessions(2), 1 - 0.0002 / SIDE)])

    (place,) = event.places
    assert place.before_ha > 10 > place.after_ha > 0


def test_a_boundary_that_moved_elsewhere_is_not_told_to_a_community(tmp_path):
    longer = concessions(2)
    longer.loc[1, "geometry"] = shapely.union(square(1), square(2))

    (event,) = events_of(tmp_path, [concessions(2), longer])

    assert (event.kinds, event.places) == (("boundary",), ())


@pytest.mark.parametrize("column", [1.1, 9.1], ids=["before", "after"])
def test_an_own_polygon_has_the_concession_that_left_it_and_the_one_that_came(tmp_path, column):
    west = WEST + column * SIDE
    around = shapely.to_wkt(shapely.box(west, SOUTH, west + SIDE / 2, SOUTH + SIDE))
    files = Files(tmp_path / "space")
    for day, frame in zip(SNAPSHOTS, [concessions(2), move(concessions(2), 8)], strict=False):
        files.add("concessions", frame, snapshot_on=day, id="cadastre", coverage="PE")
    with map_database.connect(build(files.space).path) as con:
        told = events.list_register_events(con, None, TODAY)
        (report,) = compare_all_snapshots(con)
        places = watchlist.find_watched_places(con, ["polygon"], around)

        assert [event.kind for event in events.filter_events(con, told, ["polygon"], around)] == ["boundary"]
        assert watchlist.is_watched_change(report, places).tolist() == [True]
    assert not {"geometry", "earlier_geometry"} & event_to_dict(told[0]).keys()


def test_an_id_neither_depends_on_the_day_nor_on_other_snapshots(tmp_path):
    frames = [concessions(1), concessions(2), concessions(3)]

    alone = events_of(tmp_path / "a", frames, skip=[0])
    later = events_of(tmp_path / "b", frames)

    assert [event.record_id for event in alone] == ["cadastre/C3"]
    assert {event.id for event in alone} < {event.id for event in later}


def test_json_has_neither_the_outline_of_an_event_nor_its_earlier_ids(tmp_path):
    event, _later = events_of(tmp_path, [concessions(1), concessions(2), concessions(3)])[::-1]

    assert len(event.later_ids) == 1
    assert {"geometry", "later_ids"}.isdisjoint(event_to_dict(event))


def test_what_changes_to_and_fro_is_told_each_time(tmp_path):
    told = events_of(tmp_path, [concessions(2), concessions(2, status="suspended"), concessions(2)])

    assert len({event.id for event in told}) == len(told) == 4
    assert {(event.before, event.after) for event in told} == {("granted", "suspended"), ("suspended", "granted")}


def test_only_later_snapshots_are_told(tmp_path):
    told = events_of(tmp_path, [concessions(n) for n in (1, 2, 3)], since=dt.date(2026, 2, 1))

    assert [event.record_id for event in told] == ["cadastre/C3"]


def test_what_left_a_register_has_not_vanished(tmp_path):
    (event,) = events_of(tmp_path, [concessions(2), concessions(1)])

    assert event.kind == "gone"
    assert "No longer in the register: Peñón Ñandú 2, " in event_sentence(event)


@pytest.mark.parametrize("is_named", [True, False], ids=["fetched", "received by hand"])
def test_a_register_of_what_is_in_force_does_not_show_that_a_concession_is_gone(tmp_path, is_named):
    known = next(entry for entry in load_catalogue().values() if entry.lists == IN_FORCE)
    source = {"id": known.name} if is_named else {"title": known.title, "publisher": known.publisher}

    (event,) = events_of(tmp_path, [concessions(2), concessions(1)], **source)

    assert event_sentence(event).startswith("No longer listed: Peñón Ñandú 2, ")
    assert "The register lists only what is in force." in event_sentence(event)


def test_the_comparison_of_a_register_of_what_is_in_force_says_so(tmp_path):
    known = next(entry for entry in load_catalogue().values() if entry.lists == IN_FORCE)
    files = Files(tmp_path / "space")
    for day, count in zip(SNAPSHOTS, (2, 1), strict=False):
        files.add("concessions", concessions(count), snapshot_on=day, id=known.name)
    with map_database.connect(build(files.space).path) as con:
        (report,) = compare_all_snapshots(con)

    assert any(doubt.startswith("The register lists only what is in force.") for doubt in report.list_doubts())


def test_where_the_other_snapshot_has_no_data_a_change_is_a_doubt(tmp_path):
    far = concessions(2)
    far.loc[1, "geometry"] = shapely.box(-75, -10, -74.99, -9.99)

    (event,) = events_of(tmp_path, [concessions(1), far], first_coverage="PE-CAJ")

    assert event.is_beyond
    assert event_sentence(event).startswith("Perhaps new: ")
    assert "may not be new" in event_sentence(event)


def test_terms_are_told_once_before_and_once_after_their_end(tmp_path):
    ends = ["2026-05-01", "2026-08-01", "2027-08-01", "2020-01-01"]

    told = events_of(tmp_path, [concessions(4, expires_on=ends)], land_of=[0])

    assert [(event.kind, event.record_id) for event in told] == [
        ("deadline", "cadastre/C2"),
        ("expired", "cadastre/C1"),
    ]
    assert "Its term ended on May 1, 2026; the register still lists it." in event_sentence(told[1])
    assert told[1].places[0].name == "Alta"


def test_a_register_with_one_snapshot_tells_what_it_dates(tmp_path):
    dates = {"applied_on": ["2025-12-01", "2020-01-01"], "granted_on": ["2026-01-01", None]}

    told = events_of(tmp_path, [concessions(2, **dates)])

    assert [(event.kind, event.after, event.record_id) for event in told] == [
        ("new", "granted", "cadastre/C1"),
        ("new", "applied", "cadastre/C1"),
    ]
    assert event_sentence(told[0]).startswith("Concession granted: Peñón Ñandú 1. It was granted on January 1, 2026.")


AREAS = {
    "everything": 3,
    "community/lands/C2": 1,
    "holder/OTRA SAC": 1,
    "holder/Nadie": 0,
    "region/PE-CAJ": 3,
    "region/PE-LOR": 0,
    "protected_area/x": 0,
}


@pytest.fixture(scope="module")
def three(tmp_path_factory):
    files = Files(tmp_path_factory.mktemp("three") / "space")
    files.add("concessions", concessions(3), snapshot_on=SNAPSHOTS[0], id="cadastre")
    after = concessions(4, holder=["Otra S.A.C.", *["Compañía Minera Sánchez"] * 3]).iloc[[0, 1, 3]]
    after.loc[1, "status"] = "suspended"
    files.add("concessions", after, snapshot_on=SNAPSHOTS[1], id="cadastre")
    files.add("communities", land(1), id="lands")
    with map_database.connect(build(files.space).path) as con:
        yield con, [event for event in events.list_register_events(con, None, TODAY) if event.kind != "gone"]


@pytest.mark.parametrize(("key", "count"), AREAS.items())
def test_an_area_has_the_events_on_its_ground(three, key, count):
    assert len(events.filter_events(*three, [key])) == count


def test_an_own_polygon_has_the_events_that_meet_it(three):
    around = shapely.to_wkt(shapely.box(WEST + 3.2 * SIDE, SOUTH, WEST + 3.5 * SIDE, SOUTH + SIDE))

    assert [event.record_id for event in events.filter_events(*three, ["polygon"], around)] == ["cadastre/C4"]
    assert [event.kind for event in events.filter_events(*three, ["everything"], kinds=["new"])] == ["new"]


def test_the_readers_own_land_comes_first(three):
    _con, told = three

    assert events.rank_events(told, ["community/lands/C2"])[0].record_id == "cadastre/C2"
    assert [event.kind for event in events.rank_events([event for event in told if not event.places])] == [
        "new",
        "holder",
    ]


def test_cases_have_the_same_ids_in_each_publication_and_no_point(demonstration):
    told = []
    for _time in range(2):
        with open_published_map(manifest_file.load_workspace(demonstration[0]), today=TODAY) as (_pub, con):
            told.append(events.list_case_events(con))

    assert [event.id for event in told[0]] == [event.id for event in told[1]]
    assert len({event.id for event in told[0]}) == len(told[0]) > 100
    assert {event.geometry for event in told[0]} == {None}
    assert {place.layer for event in told[0] for place in event.places} == {"regions"}
    assert event_sentence(told[0][0]).startswith("Court case: ")


def ids_of_cases(folder, *titles):
    """The ids of the same step of cases that have everything but their titles in common."""
    lines = "".join(f"c{n},{title},2024-05-02,Cajamarca,PE,region,public_record\n" for n, title in enumerate(titles))
    steps = "".join(f"casos/c{n},2026-04-02,trial\n" for n in range(len(titles)))
    files = Files(folder)
    heading = "code,title,occurred_on,region,country,location_precision,visibility\n"
    files.add("incidents", heading + lines, id="casos", coverage="PE", name="casos.csv")
    files.add("case_steps", f"incident_id,dated_on,step\n{steps}", id="pasos", name="pasos.csv")
    build(files.space)
    with open_published_map(files.space, today=TODAY) as (_pub, con):
        return {event.id for event in events.list_case_events(con)}


def test_a_renamed_case_is_told_once_and_two_cases_are_not_made_one(tmp_path):
    told = ids_of_cases(tmp_path / "a", "Amenaza")

    assert ids_of_cases(tmp_path / "b", "Amenaza a una comunera") == told
    both = ids_of_cases(tmp_path / "c", "Amenaza", "Desalojo")
    assert len(both) == 2
    assert both.isdisjoint(told)  # rather told again than not told


@pytest.mark.parametrize("language", i18n.languages())
def test_every_event_of_the_demonstration_can_be_said(demonstration, language):
    i18n.set_language(language)
    told = events.list_register_events(demonstration[1], None, TODAY)

    sentences = [event_sentence(event) for event in told]

    assert len({event.id for event in told}) == len(told) > 50
    assert not any("{" in said or ".." in said or "nan" in said.split() for said in sentences)


def test_each_register_says_how_recent_it_is():
    def source(id_, layer="concessions", *, is_current=True):
        return SimpleNamespace(
            source_id=id_, title=id_, publisher="", layer=layer, is_current=is_current, as_of=dt.date(2026, 1, 1)
        )

    sources = [source("a"), source("b"), source("c"), source("d", "incidents"), source("e", is_current=False)]

    assert recency_lines(sources, {"a": dt.date(2026, 2, 1)}, ["b"]) == [
        "a: as of January 1, 2026; last checked on February 1, 2026",
        "b: as of January 1, 2026; not updated since then",
        "c: as of January 1, 2026",
    ]


def test_a_cell_of_a_table_names_few_places_with_their_hectares():
    places = [EventPlace("communities", str(n), f"C{n}", 0.0, 120.0, "certain", 118.0) for n in range(4)]
    places.append(EventPlace("protected_areas", "p", "P", 0.0, 3.0, "possible", 0.0))
    event = events.Event("id", "new", "a/1", "concessions", "Sol", places=tuple(places))

    assert list_place_labels(event, "communities") == ["C0: 120 ha", "C1: 120 ha", "C2: 120 ha", "1 more"]
    assert list_place_labels(event, "protected_areas") == ["P: 3.0 ha (possible, not certain)"]


@pytest.mark.parametrize(
    ("holder", "title", "sentence"),
    [
        ("Grande SAC", "Merger or renewal of concessions: Junta", "It gathers 2 earlier concessions"),
        (
            "Otra SAC",
            "Concession where there were others before: Junta",
            "2 concessions that are no longer listed were",
        ),
    ],
)
def test_a_concession_whose_ground_was_under_concession_before_is_not_called_new(tmp_path, holder, title, sentence):
    joined = concessions(1, holder="Grande SAC", code="Z", name=["Junta"])
    joined.geometry = [shapely.union_all([square(0), square(1)])]

    told = events_of(tmp_path, [concessions(2, holder=holder), joined])

    (event,) = (event for event in told if event.kind == "new")
    said = event_sentence(event)
    assert said.startswith(title)
    assert sentence in said
    assert "new ground: 0 ha." in said


def test_a_concession_of_which_half_was_under_concession_before_is_new_and_says_how_much(tmp_path):
    wide = concessions(1, holder="Grande SAC", code="Z", name=["Ancha"])
    wide.geometry = [shapely.union_all([square(0), square(1)])]

    told = events_of(tmp_path, [concessions(1, holder="Otra SAC"), wide])

    (said,) = (event_sentence(event) for event in told if event.kind == "new")
    assert said.startswith("New concession: Ancha")
    assert "were under concession before." in said


def test_an_application_has_an_applicant_and_names_the_others_of_its_date_for_the_same_land(files):
    rows = concessions(3, applied_on=["2026-01-05", "2026-01-05", "2026-01-06"])
    rows.geometry = [square(1), square(1), square(1)]
    files.add("concessions", rows, snapshot_on="2026-03-10")
    con = map_database.connect(build(files.space).path)

    said = {event.record_id[-2:]: event_sentence(event) for event in events.list_act_events(con, dated_report(con))}

    assert f"1 other application of that date asks for the same land: {rows['name'][1]}." in said["C1"]
    assert "Applicant: " in said["C1"]
    assert "same land" not in said["C3"]


def test_a_new_record_applied_for_in_the_last_year_is_an_application_until_it_is_granted(tmp_path):
    after = concessions(
        3, applied_on=["2020-01-01", "2025-12-05", "2025-12-05"], status=["granted", "applied", "granted"]
    )

    told = events_of(tmp_path, [concessions(1), after])

    said = {event.record_id[-2:]: event_sentence(event) for event in told}
    assert said["C2"].startswith("Concession applied for: ")
    assert "It was applied for on December 5, 2025. Applicant: " in said["C2"]
    assert said["C3"].startswith("New concession: ")
    assert "Holder: " in said["C3"]
