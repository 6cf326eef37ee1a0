"""The command that a page says to type gives the numbers of the page: *Overlaps*, *Browse*, *Companies and holders*."""

import pandas as pd
import pytest

from tests.answered import at_page, typed
from tests.shown_tables import tables


def listed_of(answer: dict) -> list[dict]:
    """Return the rows with hectares of an answer in JSON, beside which is how it was made; points have none."""
    lists = [rows for rows in answer.values() if isinstance(rows, list) and rows and isinstance(rows[0], dict)]
    listed = next(rows for rows in lists if {"area_ha", "conceded_ha"} & set(rows[0]))
    return [row for row in listed if row.get("area_ha", row.get("conceded_ha")) is not None]


def test_overlaps(demonstration, monkeypatch):
    page = at_page(demonstration[0] / "build", "overlaps")
    rows = listed_of(typed(page, demonstration[0], monkeypatch))
    listed = tables(page)[0]

    assert len(rows) == len(listed) > 100
    assert [round(row["area_ha"], 1) for row in rows] == pytest.approx(listed["area_ha"].tolist())


def test_regions(demonstration, monkeypatch):
    page = at_page(demonstration[0] / "build", "browse")
    rows = {row["name"]: row for row in listed_of(typed(page, demonstration[0], monkeypatch))}
    columns = ["conceded_ha", "concessions", "attacks"]
    groups = [table for table in tables(page) if "conceded_ha" in table]  # ranked, of a part, not known
    every = pd.concat(groups).set_index("name")
    listed = every.loc[every.index.isin(rows), columns].astype(float)  # provinces are listed inside one of them
    told = pd.DataFrame(rows).T.loc[listed.index, columns].astype(float).round()

    assert len(rows) == len(listed) > 1
    pd.testing.assert_frame_equal(listed, told, check_names=False)


def test_a_holder(demonstration, monkeypatch):
    page = at_page(demonstration[0] / "build", "holder")
    page.selectbox[0].select_index(1).run()
    rows = listed_of(typed(page, demonstration[0], monkeypatch))
    listed = next(table for table in tables(page) if "right_name" in table)

    assert len(rows) == len(listed) > 0
    assert [round(row["area_ha"], 1) for row in rows] == pytest.approx(listed["area_ha"].tolist())
