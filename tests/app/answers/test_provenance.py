import datetime as dt
import json
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from lindero.app.answers import provenance
from lindero.layers.database.map_database import Source

ROOT = Path(__file__).parents[3]
REGISTER = Source(
    "cadastre", dt.date(2026, 6, 30), "concessions", "Cadastre *of* [mines](x)", "A ministry", "CC-BY-4.0", None,
    dt.date(2026, 7, 2), 3, 3, 0, 0, is_current=True, invented=False,
)  # fmt: skip


def record(**changed):
    given = {"method": "changes", "parameters": {"since": "2020-01-01"}, "sources": [REGISTER], "seed": 7}
    return provenance.Provenance(**{**given, "command": ["lindero", "changes", "--since", "a day"], **changed})


def test_the_record_holds_what_gives_the_figures_again():
    held = json.loads(json.dumps(record().to_dict(), default=str))

    assert held["described_in"] == "docs/methods-analysis.md, Change"
    assert (held["parameters"], held["seed"]) == ({"since": "2020-01-01"}, 7)
    assert held["sources"][0]["snapshot_on"] == "2026-06-30"
    assert held["command"] == "lindero changes --since 'a day'"


@pytest.mark.parametrize("method", provenance.DOCS)
def test_every_method_is_described_where_the_record_says(method):
    file, section = provenance.DOCS[method]
    headings = [line for line in (ROOT / file).read_text(encoding="utf-8").splitlines() if line.startswith("## ")]

    assert method in provenance.METHOD_SUMMARIES
    assert sum(line.startswith(f"## {section}") for line in headings) == 1


def test_only_the_current_sources_of_the_layers_named_are_taken():
    older = Source(**{**vars(REGISTER), "is_current": False})
    other = Source(**{**vars(REGISTER), "layer": "communities"})

    assert provenance.current_sources([older, REGISTER, other], ["concessions"]) == (REGISTER,)


def _page():
    import pandas as pd

    from lindero.app.media.pages.provenance_panel import show_provenance
    from lindero.app.text import i18n
    from tests.app.answers.test_provenance import record

    i18n.set_language("en")
    show_provenance(record(limits=["It says *nothing* of why."]), pd.DataFrame({"name": ["=1+1"]}), name="changes")


def test_a_page_says_method_settings_seed_sources_and_command_as_text(monkeypatch):
    led = []
    monkeypatch.setattr(st, "page_link", lambda view, **told: led.append((view, told["query_params"])))
    page = AppTest.from_function(_page).run()
    told = page.expander[0].markdown[0].value

    assert not page.exception
    assert "docs/methods-analysis.md" in told
    assert led == [("media/pages/views/methods.py", {"of": "change"})]
    assert "Random seed: 7." in told
    assert r"Cadastre \*of\* \[mines\]\(x\) · A ministry" in told
    assert "June 30, 2026" in told
    assert page.expander[0].text[0].value == "lindero changes --since 'a day'"


def test_the_record_with_its_rows_is_written_when_it_is_asked_for(monkeypatch):
    offered = []
    monkeypatch.setattr(st, "page_link", lambda *_args, **_more: None)
    monkeypatch.setattr(st, "download_button", lambda _label, data, **_more: offered.append(data))
    page = AppTest.from_function(_page).run()

    assert not page.exception
    assert callable(offered[0])
    assert json.loads(offered[0]())["rows"] == [{"name": "=1+1"}]
