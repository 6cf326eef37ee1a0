"""The list of pairs repeats no name that its page gives already."""

import pandas as pd
import pytest

from lindero.app.record.consultation_text import COLUMN
from lindero.app.ui.tables import lists


@pytest.fixture
def shown(monkeypatch):
    seen = []
    monkeypatch.setattr(lists.columns, "table", lambda _rows, **how: seen.append(how))
    monkeypatch.setattr(lists.links, "of_layer", lambda _layer, ids: ids)
    monkeypatch.setattr(lists.links, "holders", lambda names: names)
    return seen


def pairs(*consulted):
    count = len(consulted)
    measures = dict.fromkeys(("area_ha", "certain_ha", "possible_ha", "share_of_left", "share_of_right"), [1.0] * count)
    names = {f"{side}_{name}": ["x"] * count for side in ("left", "right") for name in ("id", "name", "holder")}
    return pd.DataFrame({**names, **measures, "certainty": ["certain"] * count, COLUMN: [*consulted]})


def test_of_one_land_neither_its_name_nor_one_answer_for_all_is_a_column(shown):
    lists.pairs(pairs("no data here", "no data here"), "concessions", "communities", of_one_right=True)
    assert {"right_name", COLUMN}.isdisjoint(shown[0]["more"])

    lists.pairs(pairs("no data here", "held"), "concessions", "communities", of_one_right=True)
    assert COLUMN in shown[1]["more"]

    lists.pairs(pairs("no data here", "no data here"), "concessions", "communities")
    assert {"right_name", COLUMN} <= shown[2]["more"].keys()
