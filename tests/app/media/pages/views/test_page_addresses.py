"""An address that names what is not on the map says so: nothing else is answered in its place."""

import pytest

from tests.answered import at_page
from tests.shown_tables import tables

NEW = "demo-communities/INV-COM-CUS-008"
OLD = "demo-communities/2026-06-30/INV-COM-CUS-008"


@pytest.mark.parametrize(
    ("name", "param"),
    [
        ("community", "id"),
        ("case", "id"),
        ("holder", "id"),
        ("exposure", "id"),
        ("commitments", "id"),
        ("browse", "level"),
        ("browse", "by"),
        ("browse", "region"),
        ("browse", "one"),
        ("overlaps", "left"),
    ],
)
def test_an_unknown_address_is_said_and_nothing_is_chosen(demonstration, name, param):
    page = at_page(demonstration[0] / "build", name, **{param: "c-campesina/2025-01-01/61"})

    assert "`c-campesina/2025-01-01/61`, which is not on this map" in page.warning[-1].value
    assert [box.value for box in page.selectbox].count(None) == 1


@pytest.mark.parametrize("name", ["community", "exposure"])
@pytest.mark.parametrize("id_", [NEW, OLD])
def test_an_address_of_before_opens_what_it_named(demonstration, name, id_):
    page = at_page(demonstration[0] / "build", name, id=id_)

    assert page.selectbox[0].value == NEW
    assert page.query_params["id"] in (NEW, [NEW])


def test_what_has_been_chosen_on_the_page_itself_is_no_unknown_address(demonstration):
    page = at_page(demonstration[0] / "build", "browse")
    next(box for box in page.selectbox if box.label == "Compare").set_value("province").run()

    assert not any("which is not on this map" in part.value for part in page.warning)
    assert tables(page)


FILTERED = {  # the page, its address, and the label and value of what the address sets
    "exposure": (
        {"status": ["applied"], "weight-share": "3.0"},
        {"Concession statuses to count": ["applied"], "Land under concession": 3.0},
    ),
    "new": ({"by": "snapshots", "change": ["gone"], "land": "true"}, {"Changes to show": ["gone"]}),
    "overlaps": (
        {"certainty": ["possible"], "share": "20"},
        {"Certainty": ["possible"], "Minimum share of either area (%)": 20},
    ),
    "protection": (
        {"by": "province", "per": "communities"},
        {"Compare": "province", "Compare attacks with the number of": "communities"},
    ),
}


@pytest.mark.parametrize("name", FILTERED)
def test_filters_stand_in_the_address_by_their_codes(demonstration, name):
    query, asked = FILTERED[name]
    page = at_page(demonstration[0] / "build", name, **query)
    told = {one.label: one.value for one in (*page.selectbox, *page.multiselect, *page.slider)}

    assert {label: told[label] for label in asked} == asked


def test_what_is_usual_stands_in_no_address_and_none_of_them_does(demonstration):
    page = at_page(demonstration[0] / "build", "exposure")
    assert "status" not in page.query_params

    page.multiselect[0].set_value([]).run()
    assert page.query_params["status"] in ("-", ["-"])
