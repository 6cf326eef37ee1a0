import datetime as dt
from types import SimpleNamespace

import pytest

from lindero.app.media.pages.current import open_map
from lindero.app.media.pages.downloads import citation
from tests.answered import at_page

PAGES = ["attacks", "browse", "case", "commitments", "community", "exposure", "holder", "hotspots", "new"]
PAGES += ["over_time", "overlaps", "protection", "sources"]


@pytest.mark.parametrize("name", PAGES)
def test_each_page_that_states_a_figure_offers_a_text_to_cite_with_its_finding(demonstration, name):
    page = at_page(demonstration[0] / "build", name)
    box = next(box for box in page.expander if box.label == "Cite this")
    finding = citation.remove_markup(
        next(part.value for part in page.markdown if part.value.startswith("**")).strip("*")
    )

    lines = box.text[0].value.splitlines()

    assert lines[0] == finding or lines[0].endswith(finding)
    assert lines[1].startswith("Sources: ")
    assert f"map {open_map.current_map().version}" in lines[2]


def _source(publisher, source_id, as_of):
    snapshot = as_of or dt.date(2026, 1, 1)
    return SimpleNamespace(
        publisher=publisher, title=source_id.title(), source_id=source_id, as_of=as_of, snapshot_on=snapshot
    )


def test_a_citation_names_sources_with_dates_address_and_command(demonstration):
    open_map.use_folder(demonstration[0] / "build")
    dated = _source("INGEMMET", "cadastre", dt.date(2026, 3, 10))
    undated = _source("", "communities", None)

    text = citation.citation(
        "183 of *them*.", [dated, undated], ["lindero", "near", "El Tingo"], address="http://a/b?c=1"
    )

    assert "Sources: INGEMMET (as of March 10, 2026); Communities (date not stated)." in text
    assert "http://a/b?c=1\nlindero near 'El Tingo'\n" in text


def test_near_me_cites_its_finding_with_the_command_and_no_place_in_the_address(demonstration, monkeypatch):
    addresses = []
    address = citation.picture.page_address
    monkeypatch.setattr(citation.picture, "page_address", lambda: addresses.append(address()) or "http://map.example/")
    page = at_page(demonstration[0] / "build", "near_me")

    page.text_input[0].set_value("-12.0464, -77.0428").run()

    box = next(box for box in page.expander if box.label == "Cite this")
    finding = citation.remove_markup(
        next(part.value for part in page.markdown if part.value.startswith("**")).strip("*")
    )
    lines = box.text[0].value.splitlines()
    assert lines[0].endswith(f"Lima, Peru: {finding}")
    assert "http://map.example/" in lines
    assert "lindero near -12.046400 -77.042800 --km 25 --format json" in lines
    assert box.markdown[0].value == "This text contains the place that you asked about."
    assert addresses
    assert not any("77.0" in told for told in addresses)
    assert {*page.query_params} <= {"lang"}
