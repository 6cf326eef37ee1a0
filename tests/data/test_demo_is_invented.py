"""Nothing of the demonstration map stands in the real files, and its departments are the real ones."""

import csv
import io
import json
from functools import cache
from random import Random

from shapely.geometry import mapping, shape

from lindero.data.demo_parts import words
from tests.demo_files import SETTING, TERRITORIES, features, in_metres, plain, records, territory_of
from tests.files import shared


@cache
def received_features():
    files = sorted(shared("").glob("peru-*/*.geojson"))
    return [each for file in files for each in json.loads(file.read_text(encoding="utf-8-sig"))["features"]]


def test_no_name_is_one_of_the_received_files():
    theirs = {
        plain(value) for each in received_features() for value in each["properties"].values() if isinstance(value, str)
    }
    killings = shared("killings-global-witness/global_witness_led_22-09-22.csv")
    for row in csv.reader(io.StringIO(killings.read_bytes().decode("utf-8", "replace"))):
        theirs |= {plain(value) for value in row}
    ours = {
        plain(record[column])
        for layer in ("concessions", "communities", "protected_areas")
        for record in records(layer)
        for column in ("name", "holder")
        if column in record
    }

    assert len(theirs) > 10_000
    assert not ours & theirs
    assert not set(map(plain, words.place_names(Random(0), SETTING.words["names"]))) & theirs


def test_no_ground_is_one_of_the_received_files():
    theirs = {
        ring for each in received_features() if each["geometry"] for ring in rings(each["geometry"]["coordinates"])
    }
    grounds = [
        each["geometry"] for layer in ("concessions", "communities", "protected_areas") for each in records(layer)
    ]
    # One of the received files holds UTM metres.
    grounds += [in_metres(territory_of(each), each["geometry"]) for each in records("concessions")]
    ours = {ring for ground in grounds for ring in rings(mapping(ground)["coordinates"])}

    assert len(theirs) > 10_000
    assert not ours & theirs


def rings(coordinates):
    """Yield the corners of each ring, however deep, to some 10 m in degrees and to the metre in metres."""
    if not isinstance(coordinates[0], int | float):
        if isinstance(coordinates[0][0], int | float):
            places = 4 if abs(coordinates[0][0]) <= 180 else 0
            yield frozenset((round(x, places), round(y, places)) for x, y, *_ in coordinates)
        else:
            for inner in coordinates:
                yield from rings(inner)


def test_every_territory_lies_inside_the_department_that_it_names():
    file = shared("peru-admin/peru_departamental_simple.geojson")
    departments = {
        plain(each["properties"]["NOMBDEP"]): shape(each["geometry"])
        for each in json.loads(file.read_text(encoding="utf-8"))["features"]
    }
    for territory in TERRITORIES:
        department = departments[plain(territory.region)]
        for layer in ("concessions", "communities"):
            for each in features(layer):
                if f"-{territory.code}-" in each["code"]:
                    assert department.covers(each["geometry"]), each["code"]
