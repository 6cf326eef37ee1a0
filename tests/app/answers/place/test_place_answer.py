"""The answer about a place: what is here is not absent, directions and dates as they are, and messages in each language."""

import re
from dataclasses import replace

import geopandas as gpd
import pytest
import shapely

from lindero.app.answers.coverage.coverage import read_coverage
from lindero.app.answers.overlap.land import read_concessions_on_land
from lindero.app.answers.place import area_text
from lindero.app.answers.place.nearby import find_nearby_features
from lindero.app.answers.place.place_answer import (
    PlaceFacts,
    format_message,
    format_sms,
    incidents_section,
    near_section,
)
from lindero.app.answers.place.spot import Spot
from lindero.app.media.phone import sentences
from lindero.app.text import i18n, sms
from lindero.layers.database import map_database
from lindero.layers.model.schema import LAYERS
from tests.built import build
from tests.files import concessions, incidents, square

NAMES = ("concessions", "communities", "protected_areas", "incidents")
LANGUAGES = ("es", "en", "pt", "fr")
HEADER = "code,place_text,visibility,longitude,latitude,location_precision"


def facts_of(con, *, is_approximate=False):
    spot = Spot("Sitio", -6.995, -78.495, None, is_approximate)
    rows = find_nearby_features(con, spot, within_km=25, layers=[LAYERS[name] for name in NAMES])
    covered = read_coverage(con)
    around = spot.coverages(covered, NAMES, within_km=25)
    return PlaceFacts(spot, 25, rows, ground=spot.coverages(covered, NAMES), around=around)


@pytest.fixture
def facts(files):
    """A place on the first of three concessions, in the land of a community, with a conflict known by its district."""
    dates = {"granted_on": ["2020-01-02"] * 3, "applied_on": ["2010-03-04"] * 3}
    files.add("concessions", concessions(**dates))
    land = gpd.GeoDataFrame({"code": ["L"], "name": ["Tierra"]}, geometry=[square()], crs="OGC:CRS84")
    files.add("communities", land)
    files.add("incidents", incidents("A,Otro,public_record,-78.45,-6.99,district", header=HEADER))
    with map_database.connect(build(files.space).path) as con:
        yield facts_of(con)


def test_a_layer_that_is_here_is_not_absent_though_nothing_else_of_it_is_near(facts):
    i18n.set_language("en")

    assert "communities" not in near_section(facts).note.lower()
    assert "protected areas" in near_section(facts).note.lower()


def test_what_a_filter_hides_is_not_said_to_be_absent(facts):
    i18n.set_language("en")
    hidden = near_section(facts, [])
    attacks = incidents_section(facts, 9, [])

    assert hidden.table is None
    assert "concessions" not in hidden.note.lower()
    assert attacks.lines == ()
    assert attacks.finding == incidents_section(facts, 9).finding != ""


def test_a_concession_is_dated_by_its_grant_before_its_application(facts):
    table = near_section(facts).table

    assert [str(since)[:10] for since in table.rows["since"]] == ["2020-01-02"] * 2


@pytest.mark.parametrize(
    ("west", "south", "direction", "bearing"),
    [(0.2, 0.0, "e", 90), (-0.2, 0.0, "w", 270), (0.0, 0.2, "n", 0), (0.0, -0.2, "s", 180), (0.2, 0.2, "ne", 45)],
)
def test_a_direction_leads_from_the_land_to_what_is_near(files, west, south, direction, bearing):
    land = shapely.box(-78.5, -7.0, -78.45, -6.95)
    other = shapely.affinity.translate(land, west, south)
    files.add("concessions", gpd.GeoDataFrame({"code": ["T"], "name": ["T"]}, geometry=[other], crs="OGC:CRS84"))
    files.add("communities", gpd.GeoDataFrame({"code": ["L"], "name": ["L"]}, geometry=[land], crs="OGC:CRS84"))
    with map_database.connect(build(files.space).path) as con:
        spot = sentences.find_areas_by_key(con, ["communities:communities/L"])["communities:communities/L"]
        place = Spot("L", -6.975, -78.475, spot)
        (row,) = find_nearby_features(con, place, within_km=40, layers=[LAYERS["concessions"]])

    assert row["direction"] == direction
    assert abs((row["bearing"] - bearing + 180) % 360 - 180) < 1


def test_a_place_known_approximately_is_answered_by_what_is_around(facts):
    i18n.set_language("en")
    import dataclasses

    unsure = dataclasses.replace(facts, spot=dataclasses.replace(facts.spot, is_approximate=True))
    ground = area_text.summarize_surroundings(unsure.nearby_rows, 25, unsure.around)

    assert "3 concessions within 10 km" in ground.finding
    assert "covers this place" not in ground.finding
    assert "Tierra" in ground.besides
    assert unsure.filter_at_place("concessions") == []
    assert format_sms(unsure).startswith("Sitio; 3 concessions within 10 km; ")
    assert near_section(unsure).table.rows["km"].isna().all()


def test_lands_that_overlap_are_told_in_words(files):
    lands = gpd.GeoDataFrame(
        {"code": ["L", "M"], "name": ["Tierra", "Chugur"]}, geometry=[square(side=0.05), square(4, 4, side=0.05)]
    )
    files.add("concessions", concessions())
    files.add("communities", lands.set_crs("OGC:CRS84"))
    with map_database.connect(build(files.space).path) as con:
        ((_key, found),) = sentences.iter_measured_areas(
            con, read_coverage(con), ["communities:communities/L"], read_concessions_on_land(con)[0], {}
        )
    i18n.set_language("es")

    told = re.sub(r"\[([^]]+)\]\([^)]*\)", r"\1", area_text.shared_land_text(found.report.shared))
    assert "Una parte también figura como tierra de" in told
    assert [(part.name, round(part.footprint_ha)) for part in found.report.shared] == [("Chugur", 122)]


def test_a_message_begins_with_a_capital_letter(facts):
    told = format_message(replace(facts, report=None, spot=replace(facts.spot, name="a 2 km de Santa")))

    assert told.startswith("A 2 km de Santa. ")


def test_messages_carry_the_same_facts_in_four_languages(demonstration):
    _folder, con = demonstration
    ids = [id_ for (id_,) in con.execute("SELECT id FROM communities ORDER BY id LIMIT 64").fetchall()]
    pairs = read_concessions_on_land(con)[0]
    keys = [f"communities:{id_}" for id_ in ids]
    seen = 0
    for _key, facts in sentences.iter_measured_areas(con, read_coverage(con), keys, pairs, {}):
        messages, figures = [], []
        for language in LANGUAGES:
            i18n.set_language(language)
            text = format_sms(facts)
            assert sms.fits_sms(text)
            messages.append(text.split("; "))
            figures.append(re.sub(r"\D", "", format_message(facts)))
        assert len({len(parts) for parts in messages}) == 1, messages
        numbers = [[re.findall(r"\d+", part) for part in parts] for parts in messages]
        assert all(one == numbers[0] for one in numbers), messages
        seen += 1
    assert seen > 30
