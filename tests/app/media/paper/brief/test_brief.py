"""The text that is drawn from a brief's PDF has the numbers of the commands; text of strangers stays text."""

import json
import re
import shutil
import subprocess

import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import Polygon, box

from lindero.app.answers.answer import Answer, Section
from lindero.app.answers.profile import region
from lindero.app.media.paper import ruled_map, typst_pdf
from lindero.app.media.paper.brief import community
from lindero.app.media.paper.typst_pdf import Brief
from lindero.app.text import i18n
from lindero.app.text.escape import escape_markdown, remove_markup
from lindero.app.text.i18n import format_number, format_share
from lindero.layers.workspace import manifest_file
from tests.amount import amount
from tests.promises.conftest import PAYLOADS
from tests.real_servers import needed
from tests.small_map import publish

LAND = "demo-communities/INV-COM-APU-022"
HOLDER = "Corporación Aurífera Simulada S.A.C."
LAID = ("communities", "protected_areas")


def drawn(pdf):
    """The text of a PDF as a reader who is not ours draws it, every run of blanks as one."""
    needed(shutil.which("pdftotext"), "poppler-utils")
    told = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    return " ".join(told.stdout.decode().split())


def close(text):
    """Without any blank, for what is broken over lines."""
    return re.sub(r"\s|-", "", text)


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_brief_tells_the_numbers_of_the_commands(printed, written, language):
    brief, told = printed
    answer = told("overlaps", "concessions", "communities", "--right-where", f"id={LAND}")
    text, _pages = brief("community", LAND, language)

    assert all(file.read_bytes().startswith(b"%PDF-1.7") for file in written.iterdir())
    for figure in ("gross_ha", "footprint_ha", "certain_ha"):
        assert format_number(answer[figure], decimals=1) in text
    for pair in answer["overlaps"]:
        assert format_number(pair["area_ha"], decimals=1) in text
    assert {"en": "Notes and signatures", "es": "Apuntes y firmas"}[language] in text


def pdf_of(about, of, language):
    return f"{about}-{manifest_file.to_slug(of)}-{language}.pdf"


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Give the folder of briefs, each written once."""
    return tmp_path_factory.mktemp("written")


@pytest.fixture
def printed(demonstration, typed, written):
    """Write a brief by its command: the text that is drawn from it, its pages, and what a command gives as JSON."""

    def write(about, of, language):
        file = written / pdf_of(about, of, language)
        if not file.exists():
            asked = ("brief", about, of, "--language", language, "--output", file, "--workspace", demonstration[0])
            code, _out, err = typed(*asked)
            assert code == 0, err
        i18n.set_language(language)
        return drawn(file.read_bytes()), pages(file.read_bytes())

    def answer(*asked):
        _code, out, _err = typed(*asked, "--format", "json", "--workspace", demonstration[0])
        return json.loads(out)

    return write, answer


def pages(pdf):
    told = subprocess.run(["pdfinfo", "-"], input=pdf, capture_output=True, check=True).stdout.decode(errors="replace")
    return int(re.search(r"^Pages: +(\d+)$", told, re.MULTILINE)[1])


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_brief_of_a_holder_tells_the_numbers_of_the_commands(demonstration, printed, typed, tmp_path, language):
    brief, answer = printed
    text, _pages = brief("holder", HOLDER, language)
    typed("export", "concessions", "--output", tmp_path / "titles.csv", "--workspace", demonstration[0])
    every = pd.read_csv(tmp_path / "titles.csv", keep_default_na=False)
    titles = every[every["holder"].str.contains("simulada", case=False)].sort_values("area_ha", ascending=False)
    laid = {layer: answer("overlaps", "concessions", layer, "--left-where", "holder~simulada") for layer in LAID}
    on_land = laid["communities"]["overlaps"]

    assert re.search(rf"\b{len(titles)} (recorded concessions|concesiones registradas)", text)
    assert format_number(titles["area_ha"].sum()) in text
    for figure in ("gross_ha", "footprint_ha"):
        assert format_number(laid["communities"][figure], decimals=1) in text
    for layer, word in (("communities", "touched|tocan"), ("protected_areas", "areas|protegidas")):
        assert re.search(rf"({word}): {laid[layer]['right_features']}\b", text)
    for one in sorted(on_land, key=lambda one: -one["area_ha"])[:12]:
        assert format_number(one["area_ha"], decimals=1) in text
    for area in titles["area_ha"].head(12):
        assert format_number(area, decimals=1) in text


LEVELS = [("department", "en"), ("province", "es"), ("department", "es"), ("province", "en")]


@pytest.mark.parametrize(("level", "language"), amount(LEVELS[:2], LEVELS))
def test_the_brief_of_a_region_tells_the_numbers_of_the_commands(printed, language, level):
    brief, answer = printed
    (row, *_more) = answer("regions", "--level", level)["regions"]
    text, _pages = brief("region", row["region"], language)

    for figure in ("conceded_ha", "concessions", "communities", "attacks", "measures_granted"):
        assert re.search(rf"(?<![\d,]){re.escape(format_number(row[figure]))}(?![\d,])", text), figure
    assert format_share(row["conceded_share"]) in text
    touched, every = format_number(row["communities_touched"]), format_number(row["communities"])
    assert {
        "en": f"communities with concessions on their land: {touched} of {every}",
        "es": f"Comunidades registradas con concesiones sobre su tierra: {touched} de {every}",
    }[language] in text


@pytest.mark.parametrize(
    ("about", "of"),
    [
        pytest.param("community", LAND, id="a community"),
        pytest.param("holder", HOLDER, id="a holder"),
        pytest.param("holder", "Compañía Minera Imaginaria del Norte S.A.", id="the largest holder"),
        pytest.param("region", "PE-LOR", id="a region"),
    ],
)
def test_a_brief_has_two_to_four_pages(printed, about, of):
    _text, told = printed[0](about, of, "es")

    assert 2 <= told <= 4


@pytest.mark.parametrize("ending", ["txt", "json"])
def test_a_brief_is_written_as_text_or_json_by_the_ending_of_its_file(demonstration, typed, tmp_path, ending):
    file = tmp_path / f"brief.{ending}"
    code, _out, err = typed(
        "brief", "region", "PE-LOR", "--language", "en", "--output", file, "--workspace", demonstration[0]
    )
    told = file.read_text(encoding="utf-8")

    assert code == 0, err
    assert "of this region is under concession" in told
    assert ending != "json" or json.loads(told)["sections"]["conceded"]["figures"]


def test_what_is_not_there_is_said(demonstration, typed, tmp_path):
    folder, _con = demonstration
    code, _out, err = typed("brief", "holder", "Nobody", "--output", tmp_path / "x.pdf", "--workspace", folder)

    assert code == 1
    assert "no holder 'Nobody'" in err


OF_TYPST = ['#read("/etc/passwd")', "*x* _y_ $z$ @ref <label> [c]", '#import "@p/x:1.0.0"']


@pytest.mark.parametrize("payload", [*amount(PAYLOADS[::2], PAYLOADS), *OF_TYPST])
def test_text_of_strangers_is_text(tmp_path, payload):
    from lindero.layers.database import map_database
    from lindero.layers.disk import builds

    publish(tmp_path / "build", text=payload)
    con = map_database.connect(builds.current_map(tmp_path / "build"))
    made = typst_pdf.render_pdf(community.build_brief(con, "communities/1"))

    assert close(payload) in close(drawn(made))
    for sign in (b"/JavaScript", b"/Launch", b"/URI", b"/EmbeddedFile"):
        assert sign not in made


def test_letters_of_no_font_do_not_keep_a_brief_from_being_made():
    made = typst_pdf.render_pdf(Brief(Answer("日本 😀", sections=(Section("", finding="A"),))))

    assert b"/StructTreeRoot" in made


def test_a_brief_is_tagged_and_of_pdf_ua():
    made = typst_pdf.render_pdf(Brief(Answer("A", "B", (Section("", finding="C", lines=("one",)),)), "D"))

    assert b"/StructTreeRoot" in made
    assert b"pdfuaid" in made


@pytest.mark.parametrize("name", PAYLOADS)
def test_sentences_lose_their_own_marks_and_keep_what_others_wrote(name):
    assert remove_markup(f"**{escape_markdown(name)}**, held by **A**") == f"{' '.join(name.split())}, held by A"


def test_the_scale_bar_is_a_round_number_and_true():
    assert ruled_map.scale_bar_m(10.0) == 1000
    assert ruled_map.scale_bar_m(3.0) == 200

    west, south, east, north = ruled_map.fit_to_paper((-75.0, -10.0, -74.9, -9.9)).bounds
    assert west < -75.0 < -74.9 < east
    assert south < -10.0 < -9.9 < north


def test_a_map_draws_the_hatching_as_lines_within_the_shape():
    shape = box(-75.0, -10.0, -74.9, -9.9)
    made = ruled_map.draw_map(shape.bounds, [ruled_map.StyledFeatures(ruled_map.SHARED, [shape], ["1"])], "A map")

    assert made.svg.count("M") > 30
    assert ">1</text>" in made.svg
    assert "km</text>" in made.svg


@pytest.mark.parametrize("angle", [45.0, -45.0])
def test_a_shape_is_ruled_from_end_to_end_and_nothing_beside_it(angle):
    shape = Polygon([(90, 60), (610, 110), (330, 400)])
    vertices = re.findall(r"([\d.]+) ([\d.]+)", ruled_map._hatch_path(shape, angle, 6.0))
    lines = np.array(vertices, dtype=float).reshape(-1, 2, 2)
    across = np.array([1.0 if angle > 0 else -1.0, 1.0]) / np.sqrt(2)
    at, ends = np.sort(lines.mean(axis=1) @ across), np.sort(shapely.get_coordinates(shape) @ across)

    assert np.diff(at) == pytest.approx(6.0, abs=0.2)
    assert 0 <= at[0] - ends[0] < 6
    assert 0 <= ends[-1] - at[-1] < 6
    assert shapely.covers(shape.buffer(0.2), shapely.linestrings(lines)).all()


@pytest.mark.parametrize(
    ("touched", "says"),
    [
        (3.0, "communities with concessions on their land: 3 of 7"),
        (None, "so the number of communities with concessions on their land is not known"),
    ],
)
def test_a_region_that_is_covered_in_part_is_told_in_whole_sentences(touched, says):
    i18n.set_language("en")
    row = {
        "conceded_share": 0.5,
        "concessions_covered": 0.5,
        "conceded_ha": 100.0,
        "communities_touched": touched,
        "communities": 7.0,
    }

    told = region.summarize_region(row)

    assert says in told
    assert "no data of its" not in told


def test_of_communities_that_no_source_covers_none_is_no_answer():
    i18n.set_language("en")
    none = pd.DataFrame(columns=["name"])

    assert "does not have community data for the whole region" in str(region.communities_section(none, is_known=False))
    assert "No community land is recorded here" in str(region.communities_section(none, is_known=True))


def test_the_structure_of_a_brief_is_read_in_the_order_of_the_page(printed, written):
    """As poppler reads it: title and language, headings by their level, the table with its head, and no mark of its own."""
    needed(shutil.which("pdfinfo"), "poppler-utils")
    printed[0]("community", LAND, "es")
    made = (written / pdf_of("community", LAND, "es")).read_bytes()
    about, structure = (
        subprocess.run(["pdfinfo", *how, "-"], input=made, capture_output=True, check=True).stdout.decode(
            errors="replace"
        )
        for how in ([], ["-struct-text"])
    )
    kinds = re.findall(r"^ *(H1|H2|Figure|Table|THead|TH|TD|L|LI)\b", structure, re.MULTILINE)

    assert re.search(r"^Tagged: +yes$", about, re.MULTILINE)
    assert re.search(r"^JavaScript: +no$", about, re.MULTILINE)
    assert re.search(r"^Title: +\S", about, re.MULTILINE)
    assert b"/Lang(es)" in made
    assert kinds[0] == "H1"
    assert kinds.count("H1") == 1
    assert kinds.index("H1") < kinds.index("Figure") < kinds.index("H2") < kinds.index("Table")
    assert kinds.index("THead") < kinds.index("TH") < kinds.index("TD")
    read = " ".join(structure.split())
    headings = ["Concesiones en esta tierra", "Áreas protegidas", "Fuentes", "Método", "Apuntes y firmas"]
    at = [re.search(rf"\bH2\b.{{0,80}}?{text}", read) for text in headings]
    assert all(at)
    assert [found.start() for found in at] == sorted(found.start() for found in at)
