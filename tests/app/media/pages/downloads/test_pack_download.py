"""The pocket map on a community's page: for who operates the map, as `lindero publish FILE.html --check` wants it."""

import pytest
from streamlit.testing.v1 import AppTest

from lindero.app.media.pages.current import map_layers, open_map
from lindero.app.media.site.pack_check import check_pocket_map
from lindero.app.text import i18n

SECONDS = 120


def offered():
    from lindero.app.media.pages.downloads import pack_download
    from lindero.app.media.phone.about import Subject
    from lindero.app.text import i18n

    i18n.set_language("en")
    pack_download.offer_pocket_map(Subject.COMMUNITY, "demo-communities/INV-COM-APU-022")


@pytest.fixture
def opened(demonstration):
    """The page of who operates the demonstration."""
    i18n.set_language("en")
    open_map.use_folder(demonstration[0] / "build")
    open_map.set_operated_workspace(demonstration[0])
    yield AppTest.from_function(offered, default_timeout=SECONDS)
    open_map.set_operated_workspace(None)


def test_nobody_else_is_offered_one_but_told_who_can_make_it(opened):
    open_map.set_operated_workspace(None)

    assert not opened.run().button
    assert [text.value for text in opened.markdown] == [
        "A map for a phone without internet: the people who run this map can make it. Ask them for it."
    ]


def test_none_is_made_while_the_vault_is_open(opened, monkeypatch):
    monkeypatch.setattr(map_layers, "is_private", lambda: True)

    assert not opened.run().button


def test_what_is_made_is_a_publication_that_is_proved_and_named_by_place_and_day(opened, tmp_path):
    opened.run().button[0].click().run()
    _of, html, name = opened.session_state["pack"]
    page = tmp_path / name
    page.write_text(html, encoding="utf-8")

    assert name.startswith("lindero-huaymipampa-")
    assert len(html.encode()) <= 1_000_000
    assert check_pocket_map(page, None).broken == []
    assert opened.get("download_button")
