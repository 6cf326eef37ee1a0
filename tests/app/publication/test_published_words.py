"""The published site: whose data its map shows, and where something happened, each said once."""

import pandas as pd

from lindero.app.publication import site


def test_the_map_names_the_publishers_of_its_data():
    sources = pd.DataFrame({"publisher": ["INGEMMET", None, "SERNANP", "INGEMMET", "<b>"]})

    credit = site._credit(sources)

    assert credit == "INGEMMET, SERNANP, &lt;b&gt;, Natural Earth, GeoNames, GSHHG"


def test_where_something_happened_is_no_direction():
    assert site.words("es")["where"] == "Dónde está"
    assert site.words("en")["where"] == "Where it is"
