"""Communities in a list are told apart, the pieces of one community, too."""

import pandas as pd
import pytest

from lindero.app.answers.overlap.land import choice_names
from tests.answered import at_page
from tests.built import build
from tests.files import concessions


def test_rows_of_one_name_are_told_apart_by_hectares_and_else_by_id():
    rows = [
        ("a", "Supayacu", 48935.2),
        ("b", "Supayacu", 7737.7),
        ("c", "El Tingo", 3991.6),
        ("d", "Naranjos", 5.0),
        ("e", "Naranjos", 5.0),
        ("f", "Yanac", None),
        ("g", "Yanac", 10.0),
    ]

    assert choice_names(pd.DataFrame(rows, columns=["id", "name", "area_ha"])) == {
        "a": "Supayacu (48,935 ha)",
        "b": "Supayacu (7,738 ha)",
        "c": "El Tingo",
        "d": "Naranjos (d)",
        "e": "Naranjos (e)",
        "f": "Yanac",
        "g": "Yanac (10 ha)",
    }


@pytest.mark.parametrize("name", ["community", "exposure"])
def test_the_page_offers_each_piece_of_a_community_by_its_own_name(files, name):
    lands = concessions(2, name=["Supayacu"] * 2).drop(columns=["holder", "status"])
    lands.loc[1, "geometry"] = lands.geometry[1].buffer(0.001)
    files.add("communities", lands, id="lands")
    files.add("concessions", concessions(2), id="titles", coverage="PE-CAJ")
    page = at_page(build(files.space).path.parent, name)

    names = next(box for box in page.selectbox if box.label == "Community").options
    assert len(names) == len(set(names)) == 2
    assert all(name.startswith("Supayacu (") for name in names)
