"""The list of pairs repeats no name that its page gives already."""

import pandas as pd

from lindero.app.answers.overlap.overlaps_answer import pairs_table
from lindero.app.answers.record.consultation_text import COLUMN


def columns(*consulted, of_one_right=False):
    count = len(consulted)
    measures = dict.fromkeys(("area_ha", "certain_ha", "possible_ha", "share_of_left", "share_of_right"), [1.0] * count)
    names = {f"{side}_{name}": ["x"] * count for side in ("left", "right") for name in ("id", "name", "holder")}
    pairs = pd.DataFrame({**names, **measures, "certainty": ["certain"] * count, COLUMN: [*consulted]})
    return pairs_table(pairs, "concessions", "communities", of_one_right=of_one_right).columns.keys()


def test_of_one_land_neither_its_name_nor_one_answer_for_all_is_a_column():
    assert {"right_name", COLUMN}.isdisjoint(columns("no data here", "no data here", of_one_right=True))
    assert COLUMN in columns("no data here", "held", of_one_right=True)
    assert {"right_name", COLUMN} <= columns("no data here", "no data here")
