"""The tables of a page as its reader gets them, read from what is sent to the browser."""

import json
import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from lindero.app.media.text import cells, html_table


def sent(page: AppTest) -> list[dict[str, Any]]:
    """Give what is sent of each table of a page, in their order."""
    every = (part.proto for part in page.get("bidi_component"))
    return [json.loads(proto.json) for proto in every if proto.component_name == html_table.NAME]


@contextmanager
def unpaged() -> Generator[None]:
    """Show every table on one page, however long it is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(html_table, "MAX_ROWS", sys.maxsize)
        yield


def tables(page: AppTest) -> list[pd.DataFrame]:
    """
    Give the tables of a page, whole: numbers and shares as numbers, all else in the words of the screen.

    What is shown as a dash is missing. Where a column's texts are links, `COLUMN>` holds what they open pages on; where
    something stands under its values, `COLUMN~` holds that. A page
    with a table of several pages is run once more with all of its rows on one.
    """
    if any(told["total"] > told["size"] for told in sent(page)):
        with unpaged():
            page.run()
    return [_frame(told) for told in sent(page)]


def figures(page: AppTest) -> dict[str, str]:
    """Return the figures of a page by their labels."""
    return {metric.label: metric.value for metric in page.metric}


def texts(page: AppTest, *kinds: str) -> str:
    """Return what a page says in its paragraphs, and in elements of other kinds."""
    return "\n".join(str(part.value) for kind in ("markdown", *kinds) for part in getattr(page, kind))


def _frame(told: dict[str, Any]) -> pd.DataFrame:
    columns: dict[str, list[Any]] = {}
    for column in told["columns"]:
        values = column.get("values")
        texts = [None if text == cells.UNKNOWN else text for text in column["texts"]]
        columns[column["name"]] = texts if values is None else values
        if "hrefs" in column:
            columns[f"{column['name']}>"] = [href and _opened(href) for href in column["hrefs"]]
        if "notes" in column:
            columns[f"{column['name']}~"] = column["notes"]
    frame = pd.DataFrame(columns)
    assert len(frame) == told["total"]
    return frame


def _opened(href: str) -> str:
    return dict(parse_qsl(href.partition("?")[2]))[{"/browse": "region"}.get(href.partition("?")[0], "id")]
