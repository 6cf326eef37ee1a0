"""Records that name a region or a country alone are counted for every place that they may lie in."""

import pytest
import shapely

from lindero.app.answers.record import unplaced
from lindero.app.answers.record.unplaced import (
    Count,
    UnplacedCounts,
    UnplacedRecords,
    count_unplaced_regions,
    unplaced_text,
)
from lindero.app.text import i18n

RECORDS = UnplacedRecords(
    (
        ("PE-MDD", "PE", Count(3, 3, 0)),
        ("PE-CUS", "PE", Count(2, 1, 4)),
        (None, "PE", Count(21, 21, 0)),
        (None, "CO", Count(5, 5, 0)),
        (None, None, Count(0, 0, 1)),
    )
)
PUERTO_MALDONADO = (-12.5974, -69.1876)


def test_a_place_has_those_of_its_region_those_of_its_country_and_those_of_nowhere():
    found = RECORDS.count_at_position(*PUERTO_MALDONADO)

    assert (found.regions, found.countries) == (("PE-MDD",), ("PE",))
    assert (found.in_region, found.in_country, found.nowhere) == (Count(3, 3, 0), Count(21, 21, 0), Count(0, 0, 1))
    assert found.filter_kind("conflicts") == UnplacedCounts(("PE-MDD",), ("PE",), nowhere=Count(0, 0, 1))
    assert not UnplacedRecords().count_at_position(*PUERTO_MALDONADO)


def test_an_area_over_a_boundary_has_those_of_both_regions_and_the_sea_those_of_nowhere():
    area = shapely.box(-71.5, -13.5, -70.0, -12.5)

    assert RECORDS.count_in_area(area).in_region == Count(5, 4, 4)
    assert RECORDS.count_at_position(-10.0, -90.0) == UnplacedCounts(nowhere=Count(0, 0, 1))


def test_they_are_counted_by_place_for_a_map_that_counts_them_itself():
    by_place = {(known_by, code): count.attacks for known_by, code, count in RECORDS.count_by_place()}

    assert by_place[unplaced.REGION, "PE-MDD"] == 3
    assert by_place[unplaced.COUNTRY, "PE"] == 21
    assert unplaced.place_outline(unplaced.REGION, "PE-MDD").contains(shapely.Point(*PUERTO_MALDONADO[::-1]))
    assert unplaced.place_outline(unplaced.NOWHERE, "") is None


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            (
                "Recorded without an exact place; they may have happened here: 3 killings somewhere in Madre de "
                "Dios; 21 killings in Peru, region not known; 1 conflict, place not known."
            ),
        ),
        (
            "es",
            (
                "Registrados sin lugar exacto; pueden haber ocurrido aquí: 3 asesinatos en algún lugar de Madre de "
                "Dios; 21 asesinatos en Perú, sin región conocida; 1 conflicto, sin lugar conocido."
            ),
        ),
    ],
)
def test_they_are_said_kind_by_kind_and_killings_by_their_name(language, said):
    i18n.set_language(language)

    assert unplaced_text(RECORDS.count_at_position(*PUERTO_MALDONADO)) == said
    assert (unplaced_text(UnplacedCounts()), count_unplaced_regions(UnplacedCounts())) == ("", [])
