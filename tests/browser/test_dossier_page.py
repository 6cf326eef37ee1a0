"""The page inside a dossier checks it in a browser, from the disk, without a network and without Lindero."""

import datetime as dt
import json
import shutil
from pathlib import Path

import pytest

from lindero.app.media.court import bag, folder, signature
from lindero.app.text import i18n
from lindero.layers.workspace import manifest_file
from tests.promises.conftest import PAYLOADS

LAND = "demo-communities/INV-COM-APU-022"


@pytest.fixture(scope="module")
def sealed(demonstration, tmp_path_factory):
    i18n.set_language("es")
    root = tmp_path_factory.mktemp("sealed")
    signature.create_key(root / "key.pem")
    held = signature.load_key(root / "key.pem")
    folder.write_dossier(
        manifest_file.load_workspace(demonstration[0]), LAND, root / "dossier", held, today=dt.date(2026, 11, 26)
    )
    return root / "dossier", signature.key_fingerprint(signature.public_key_hex(held))


@pytest.fixture(scope="module")
def window(apart):
    """One for every dossier in turn, with what went wrong in it, and what it asked for."""
    page = apart.new_page(viewport={"width": 360, "height": 740})
    page.wrong, page.asked = [], []
    page.on("pageerror", lambda error: page.wrong.append(str(error)))
    page.on("console", lambda told: page.wrong.append(told.text) if told.type == "error" else None)
    page.on("request", lambda request: page.asked.append(request.url))
    yield page
    page.close()


def checked(page, of):
    """Open the page by its file, choose the folder, and give what it says in the end."""
    page.wrong.clear()
    page.asked.clear()
    page.goto((of / "check.html").as_uri())
    page.set_input_files("#folder", of)
    page.wait_for_selector("#result .good, #result .bad")
    assert not page.wrong
    assert (of / "check.html").as_uri() in page.asked
    assert [url for url in page.asked if not url.startswith(("file:", "data:"))] == []
    return page


def test_the_page_says_that_a_dossier_agrees_and_who_signed_it(window, sealed):
    page = checked(window, sealed[0])
    told = page.inner_text("#result")

    assert "20 archivos están, byte por byte" in told
    assert sealed[1] in told or "Ed25519" in told  # an older browser says that it cannot check the signature
    assert "Áreas de superposición medidas de nuevo con data/rows/boundaries.geojson: 18." in told
    page.click("text=English")
    assert "None differs by more than 0.001 ha" in page.inner_text("#result")
    assert "20 files are byte for byte" in page.inner_text("#result")
    assert page.evaluate("document.documentElement.scrollWidth <= 360")


@pytest.mark.parametrize("name", ["data/rows/overlaps.csv", "data/brief.pdf", "bag-info.txt", "manifest-sha256.txt", "signature.json"])  # fmt: skip
def test_the_page_names_what_was_changed(window, sealed, tmp_path, name):
    copy = Path(shutil.copytree(sealed[0], tmp_path / "copy"))
    content = bytearray((copy / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / name).write_bytes(content)
    page = checked(window, copy)
    told = page.inner_text("#result")

    assert name in told
    assert "no pasó la comprobación" in told


def with_other_areas(of, copy, ids=(None,)):
    """Copy a dossier, change an area for each of `ids`, and sign it anew, as whoever holds a key can; gives the first."""
    shutil.copytree(of, copy)
    told = json.loads((copy / "data" / "figures.json").read_text(encoding="utf-8"))
    for pair, left_id in zip(told["pairs"], ids, strict=False):
        pair.update(area_ha=pair["area_ha"] + 0.01, left_id=left_id or pair["left_id"])
    (copy / "data" / "figures.json").write_text(json.dumps(told), encoding="utf-8")
    for name in (signature.SIGNATURE, bag.TAGS, bag.MANIFEST):
        (copy / name).unlink()
    signature.create_key(copy.with_name("forged.pem"))
    bag.seal_bag(copy, signature.load_key(copy.with_name("forged.pem")), today=dt.date(2026, 11, 27))
    return told["pairs"][0]["left_id"]


def test_an_area_that_was_changed_and_signed_anew_is_not_that_of_the_boundaries(window, sealed, tmp_path):
    changed = with_other_areas(sealed[0], tmp_path / "copy")
    page = checked(window, tmp_path / "copy")
    told = page.inner_text("#result")

    assert "no pasó la comprobación" in told
    assert changed in told
    assert "data/figures.json" in told
    assert page.evaluate("document.documentElement.scrollWidth <= 360")


def test_text_of_strangers_is_text_on_the_page(window, sealed, tmp_path):
    with_other_areas(sealed[0], tmp_path / "copy", PAYLOADS)
    page = checked(window, tmp_path / "copy")
    told = " ".join(page.evaluate("document.body.textContent").split())

    assert page.evaluate("window.hurt") is None
    assert [payload for payload in PAYLOADS if " ".join(payload.split()) not in told] == []


def test_firefox_measures_the_areas_too(firefox, sealed, tmp_path):
    changed = with_other_areas(sealed[0], tmp_path / "copy")
    for of, word in (
        (sealed[0], "Áreas de superposición medidas de nuevo con data/rows/boundaries.geojson: 18."),
        (tmp_path / "copy", changed),
    ):
        firefox.open((of / "check.html").as_uri())
        firefox.choose_folder("#folder", of)
        firefox.wait_for("document.querySelector('#result .good, #result .bad')")

        assert word in firefox.evaluate("return document.querySelector('#result').innerText;")


def test_firefox_checks_it_too_and_names_what_was_changed(firefox, sealed, tmp_path):
    copy = Path(shutil.copytree(sealed[0], tmp_path / "copy"))
    for changed in ("", "data/figures.json"):
        if changed:
            copy.joinpath(changed).write_bytes(copy.joinpath(changed).read_bytes().replace(b"1", b"2", 1))
        firefox.open((copy / "check.html").as_uri())
        firefox.choose_folder("#folder", copy)
        firefox.wait_for("document.querySelector('#result .good, #result .bad')")
        told = firefox.evaluate("return document.querySelector('#result').innerText;")

        assert ("no pasó la comprobación" in told) == bool(changed)
        assert (changed or sealed[1]) in told
