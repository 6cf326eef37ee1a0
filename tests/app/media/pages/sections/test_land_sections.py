"""The pages of land: the dossier, signed and as `lindero verify` wants it, and pictures of their maps."""

import io
import zipfile

import pytest
from streamlit.testing.v1 import AppTest

from lindero.app.media.court import signature, verify
from lindero.app.media.pages.current import open_map
from lindero.app.media.pages.downloads import picture
from lindero.app.media.paper import sheet
from lindero.app.text import i18n
from tests.answered import at_page

SECONDS = 120


def offered():
    from lindero.app.media.pages.sections import land_sections

    land_sections.offer_dossier("demo-communities/INV-COM-APU-022", "Alto <b>Qori</b>")


@pytest.fixture
def opened(demonstration, tmp_path, monkeypatch):
    """The page of who operates the demonstration, whose key would lie in `key.pem`."""
    i18n.set_language("en")
    monkeypatch.setattr(signature, "default_key_file", lambda: tmp_path / "key.pem")
    open_map.use_folder(demonstration[0] / "build")
    open_map.set_operated_workspace(demonstration[0])
    yield AppTest.from_function(offered, default_timeout=SECONDS)
    open_map.set_operated_workspace(None)


def test_nobody_else_is_offered_one(opened, tmp_path):
    signature.create_key(tmp_path / "key.pem")
    open_map.set_operated_workspace(None)

    assert not opened.run().button
    assert not opened.markdown


def test_without_a_key_it_says_how_to_make_one(opened):
    said = opened.run().markdown[0].value

    assert "lindero keys init" in said
    assert not opened.button


def test_what_is_made_verifies_and_its_key_is_told(opened, tmp_path):
    public = signature.create_key(tmp_path / "key.pem")
    opened.run().button[0].click().run()
    packed = opened.session_state["dossier"][1]
    zipfile.ZipFile(io.BytesIO(packed)).extractall(tmp_path / "court")
    (made,) = (tmp_path / "court").iterdir()

    assert made.name == "Alto-b-Qori-b"
    assert verify.verify_dossier(made, signer=public).broken == []
    assert any(signature.key_fingerprint(public) in told.value for told in opened.markdown)
    assert opened.get("download_button")


@pytest.mark.parametrize(("name", "said"), [("community", "of its land: "), ("holder", "under this name")])
def test_a_picture_of_the_map_says_whose_land_and_titles_and_what_was_found(demonstration, monkeypatch, name, said):
    pictures = []
    monkeypatch.setattr(
        picture, "offer_picture", lambda made, _name, **_said: pictures.append(sheet.render_svg(made()))
    )

    page = at_page(demonstration[0] / "build", name)
    if name == "holder":  # its first choice is all of them
        pictures.clear()
        page.selectbox[0].select_index(1).run()

    (drawn,) = pictures
    assert page.selectbox[0].format_func(page.selectbox[0].value).partition(" (")[0] in drawn
    assert said in drawn
    assert "Overlap, certain" in drawn
    assert "(as of June 30, 2026)" in drawn
