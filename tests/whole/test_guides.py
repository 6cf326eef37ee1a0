"""The guides for users, in each language: each command is typed and works, and each named button is on a screen."""

import re
import shutil

import geopandas as gpd
import pytest
from babel.messages.pofile import read_po
from shapely import box

from lindero.app.text import i18n
from tests.amount import amount
from tests.whole.test_first_steps import ROOT

PAGES = {"en": ("how-to.md", "cadastre", "cases", "case"), "es": ("guias.md", "catastro", "casos", "caso")}
FIELDS = {"en": ("CODE", "OWNER"), "es": ("CODIGO", "TITULAR")}
CASE = "{id}-001,,Threat,2026-10-10,day,,,PE,district,mining,unknown,,,,,restricted,,-6.75,-78.55\n"
MOST_STEPS, MOST_WORDS = 8, 1_300


def read_guide(language):
    return ROOT.joinpath("docs", PAGES[language][0]).read_text(encoding="utf-8")


def list_blocks(language):
    """Return the blocks of commands, without the indent of their step."""
    blocks = re.findall(r"^ *```sh\n(.*?)^ *```", read_guide(language), flags=re.DOTALL | re.MULTILINE)
    return [re.sub(r"^ +", "", block, flags=re.MULTILINE) for block in blocks]


@pytest.mark.slow
@pytest.mark.parametrize("language", amount(["es"], [*PAGES]))
def test_the_commands_of_the_guides_work(tmp_path, language, shell):
    _, register, cases, case = PAGES[language]
    demo, clone = ROOT / "lindero" / "data" / "demo", tmp_path / "clone"
    shutil.copytree(demo, clone / "lindero" / "data" / "demo", ignore=shutil.ignore_patterns("build"))
    code, holder = FIELDS[language]
    shape = box(-78.62, -6.77, -78.58, -6.73)
    gpd.GeoDataFrame({code: ["1"], holder: ["A"]}, geometry=[shape], crs="OGC:CRS84").to_file(
        tmp_path / f"{register}.geojson"
    )
    first, *rest = list_blocks(language)
    template = f"lindero template incidents > ../{cases}.csv\n"
    typed = "".join(rest).replace(template, f"{template}printf '{CASE.format(id=case)}' >> ../{cases}.csv\n")
    assert typed.count("printf") == 1

    settings = f"export XDG_DATA_HOME='{tmp_path}/data' LINDERO_VAULT_KEY='some words that are long'\n"
    told = shell(settings + first + typed, clone, language)

    for line in typed.splitlines():
        for name in re.findall(r"--output (\S+)", line):
            assert (tmp_path / "demo" / name).exists(), line
    assert f"{case}-001" in told
    assert (tmp_path / "dossier" if language == "en" else tmp_path / "dosier").joinpath("check.html").exists()
    assert len(list(tmp_path.glob("publi*/index.html"))) == 1
    for name in ("map.gpkg", "map.duckdb"):
        assert len(list(tmp_path.glob(f"publi*/{name}"))) == 1


@pytest.mark.parametrize("language", PAGES)
def test_each_word_of_a_screen_in_the_guides_is_on_a_screen(language):
    with (i18n.LOCALE_DIR / "es" / "LC_MESSAGES" / "lindero.po").open("rb") as file:
        catalogue = {message.id: message.string for message in read_po(file) if isinstance(message.id, str)}
    words = re.findall(r"(?<!\*)\*([^*\n]+)\*(?!\*)", read_guide(language).partition("\n## ")[2])

    assert len(words) >= 7
    assert {*words} - ({*catalogue} if language == "en" else {*catalogue.values()}) == set()


@pytest.mark.parametrize("language", PAGES)
def test_each_guide_is_short(language):
    steps = [re.findall(r"^\d+\. ", task, flags=re.MULTILINE) for task in read_guide(language).split("\n### ")[1:]]

    assert len(steps) == 14
    assert all(1 < len(each) <= MOST_STEPS for each in steps)
    assert len(read_guide(language).split()) <= MOST_WORDS


def test_both_languages_type_the_same_commands():
    def commands(language):
        return [re.findall(r"^lindero \w+|--[a-z-]+", block, flags=re.MULTILINE) for block in list_blocks(language)]

    assert commands("en") == commands("es")
