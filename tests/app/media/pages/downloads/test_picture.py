"""A picture that is taken along says what its page says, and leads back to it."""

from types import SimpleNamespace

import pandas as pd
import pytest
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.state import QueryParamsProxy
from streamlit.testing.v1 import AppTest
from typer.testing import CliRunner

from lindero.app.commands.index import program
from lindero.app.media.pages.charts import record_charts
from lindero.app.media.pages.current import open_map
from lindero.app.media.pages.downloads import picture
from lindero.app.media.pages.maps import map_picture
from lindero.app.media.paper import sheet
from lindero.app.media.paper.marks import Drawing
from lindero.app.text import i18n
from lindero.app.text.escape import remove_markup
from tests import small_map
from tests.answered import at_page
from tests.shown_tables import tables

LINK = "https://map.example/attacks?since=2020"
NASTY = '"><script>alert(1)</script>'


@pytest.fixture(autouse=True)
def _english():
    i18n.set_language("en")


def offered():
    from lindero.app.media.pages.downloads import picture
    from lindero.app.media.paper.marks import Drawing
    from lindero.app.media.paper.sheet import Sheet

    picture.offer_picture(
        lambda: Sheet("Attacks", "Found", Drawing("", 700, 10), "A source", picture.page_address()),
        "attacks",
        title="Attacks",
        finding="Found",
    )


def test_a_picture_keeps_the_address_of_its_page_though_it_is_made_where_nobody_knows_it(tmp_path, monkeypatch):
    small_map.publish(tmp_path / "build")
    open_map.use_folder(tmp_path / "build")
    made = []
    monkeypatch.setattr(DeltaGenerator, "download_button", lambda _self, _label, data, **_how: made.append(data))
    monkeypatch.setattr(picture, "page_address", lambda: LINK)
    page = AppTest.from_function(offered, default_timeout=120).run()
    (code,) = [told.value for told in page.text]
    monkeypatch.setattr(picture, "page_address", lambda: "")

    drawn = [data() for data in made]

    assert LINK in drawn[1].decode()
    assert page.expander
    assert code.startswith(f'<a href="{LINK}"><img src="attacks-es.png" alt="Attacks. Found"')


def test_the_code_for_a_website_holds_text_of_others_as_text():
    code = picture.embed_code(f"{NASTY}.png", NASTY, LINK)

    assert "<script" not in code
    assert code.count('"') == 8
    assert picture.embed_code("a.png", "A", "").startswith("<img")


def test_the_picture_of_overlaps_has_the_finding_of_its_page_as_its_title(demonstration, monkeypatch):
    drawn = []
    monkeypatch.setattr(picture, "offer_picture", lambda made, _name, **_said: drawn.append(sheet.render_svg(made())))

    page = at_page(demonstration[0] / "build", "overlaps")

    finding = next(told.value for told in page.markdown if " hectares, each counted once, in " in told.value)
    assert f"<title>{remove_markup(finding.strip('*'))}</title>" in drawn[0]


def test_the_picture_of_overlaps_is_framed_by_the_largest_and_names_it(demonstration, monkeypatch):
    framed = []
    monkeypatch.setattr(map_picture, "draw_map", lambda bounds, _layers: framed.append(bounds) or Drawing("", 700, 10))
    monkeypatch.setattr(picture, "offer_picture", lambda made, _name, **_said: drawn.append(sheet.render_svg(made())))
    drawn = []

    page = at_page(demonstration[0] / "build", "overlaps")

    west, south, east, north = framed[0]
    assert max(east - west, north - south) < 3  # the demonstration spans twelve degrees
    assert f"In the picture: {tables(page)[0]['left_name'].iloc[0]}" in drawn[0]


def test_an_address_is_named_only_if_the_operator_stated_one(monkeypatch):
    page = SimpleNamespace(url="http://127.0.0.1:8741/attacks?embed=true", query_params=None)
    monkeypatch.setattr(picture.st, "context", page)
    monkeypatch.setattr(picture.st, "query_params", QueryParamsProxy())

    assert picture.page_address() == ""
    open_map.set_public_url("https://map.example.org/lindero/")
    try:
        assert picture.page_address() == "https://map.example.org/lindero/attacks"
        page.url = "https://map.example.org/lindero/attacks"  # behind a server that keeps the prefix
        assert picture.page_address() == "https://map.example.org/lindero/attacks"
    finally:
        open_map.set_public_url("")


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8501",
        "http://localhost",
        "map.example.org",
        "ftp://map.example.org",
        "https://map.example.org/?a=1",
        "https://me:secret@map.example.org",
        "https://map.example.org:99999",
    ],
)
def test_a_public_address_must_be_one_that_others_can_open(url):
    told = CliRunner().invoke(program, ["serve", "--public-url", url])

    assert told.exit_code == 2
    assert "--public-url" in told.output


def test_the_text_of_a_picture_has_one_full_stop_and_no_markup(tmp_path):
    small_map.publish(tmp_path / "build")
    open_map.use_folder(tmp_path / "build")
    finding = r"**Most** in [Perú S\.A\.](holder:1) in 2015 \(12\)."
    drawn = picture.build_sheet("Overlaps", finding, Drawing("", 700, 10), layers=[])

    assert picture.alternative_text("Overlaps.", finding) == "Overlaps. Most in Perú S.A. in 2015 (12)."
    assert drawn.finding == "Most in Perú S.A. in 2015 (12)."


def test_the_legend_of_years_names_only_what_is_drawn(monkeypatch):
    signs = []
    monkeypatch.setattr(picture, "show_chart", lambda *_values, key, **_options: signs.extend(key))

    record_charts.draw_attacks_by_year(pd.DataFrame({"year": [2012, 2013], "killings": [1, 2], "others": [0, 0]}))

    assert [sign.label for sign in signs] == ["Killings"]
