"""An address that names what is not on the map says so: nothing else is answered in its place."""

import pytest

from tests.answered import at_page

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
    assert page.selectbox[-1].value is None


@pytest.mark.parametrize("name", ["community", "exposure"])
@pytest.mark.parametrize("id_", [NEW, OLD])
def test_an_address_of_before_opens_what_it_named(demonstration, name, id_):
    page = at_page(demonstration[0] / "build", name, id=id_)

    assert page.selectbox[0].value == NEW
    assert page.query_params["id"] in (NEW, [NEW])


def test_what_has_been_chosen_on_the_page_itself_is_no_unknown_address(demonstration):
    page = at_page(demonstration[0] / "build", "browse")
    page.selectbox[0].set_value("province").run()

    assert not any("which is not on this map" in part.value for part in page.warning)
    assert page.dataframe
