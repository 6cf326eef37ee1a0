"""How many people live in a region: each figure with its source, and all together what the census counted."""

from lindero.layers.reference import base_data
from lindero.layers.reference.state_facts import load_population

COUNTED = 29_381_884  # what INEI states for all of Peru


def test_the_figures_of_a_country_add_up_to_what_its_census_counted():
    found = load_population()

    assert set(found.index) == set(base_data.load_regions("PE")["code"])
    assert found["population"].sum() == COUNTED


def test_each_figure_names_who_counted_when_and_where_that_can_be_read():
    found = load_population()

    assert found["source_url"].str.startswith("https://").all()
    assert set(found["verified"]) == {"yes", "sum"}
    assert found["counted_on"].dt.year.eq(2017).all()
    assert (found["publisher"] != "").all()
