"""The pocket map's client: put together, spoken in every language, searched, and drawn as a code."""

import re
import subprocess

import pytest
import segno

from lindero.app.media.phone import bundle
from lindero.app.media.phone.client_words import CLIENT, extract_messages, translate_client
from lindero.app.text import i18n
from tests.client import ask, node

CALL = re.compile(r'(?<![\w.])(?:_|ngettext)\(\s*"((?:[^"\\]|\\.)*)"')
FRAME = [-79.0, -7.5, -78.0, -6.5]
PLACES = [
    {"name": "Sorochuco", "kind": "locality", "around": "Celendín, Cajamarca, Peru", "layer": "", "code": ""},
    {"name": "SOROCHUCO", "kind": "concession", "around": "", "layer": "concessions", "code": "01-0042"},
    {"name": "El Tingo", "kind": "peasant", "around": "", "layer": "communities", "code": ""},
    {"name": "El Tingo", "kind": "peasant", "around": "", "layer": "communities", "code": "C7"},
    {"name": "Huancayo", "kind": "locality", "around": "Junín, Peru", "layer": "", "code": ""},
    {"name": "Alto Dos", "kind": "mining", "around": "", "layer": "concessions", "code": "01-0043"},
    {"name": "Alto Uno", "kind": "native", "around": "", "layer": "communities", "code": ""},
    {"name": "Quispe (nueva)", "kind": "native", "around": "", "layer": "communities", "code": ""},
]


def test_the_script_is_one_that_a_browser_can_run(tmp_path):
    script = tmp_path / "client.cjs"
    script.write_text(bundle.build_script(), encoding="utf-8")

    done = subprocess.run([node(), "--check", str(script)], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert "</script" not in bundle.build_script().lower()
    assert "<!--" not in bundle.build_script()
    assert not re.search(
        r"\b(fetch|XMLHttpRequest|WebSocket|innerHTML|eval|localStorage|importScripts)\b", bundle.build_script()
    )


def test_modules_that_import_each_other_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(bundle, "CLIENT", tmp_path)
    tmp_path.joinpath("a.js").write_text('import { b } from "./b.js";\nexport const a = b;\n')
    tmp_path.joinpath("b.js").write_text('import { a } from "./a.js";\nexport const b = a;\n')
    tmp_path.joinpath("c.js").write_text("export default 1;\n")

    for entry in ("a.js", "c.js"):
        with pytest.raises(ValueError, match="import"):
            bundle.build_script(entry)


def test_every_text_of_the_client_is_known_to_translators():
    single, several = extract_messages()
    known = {*single, *(one for one, _many in several)}
    called = {
        text.replace('\\"', '"')
        for path in CLIENT.rglob("*.js")
        for text in CALL.findall(path.read_text(encoding="utf-8"))
    }

    assert called == known
    assert len(called) > 100


def test_each_language_says_them_all():
    spoken = translate_client()

    assert spoken.keys() == set(i18n.languages())
    assert spoken["es"]["text"]["Ask"] == "Preguntar"
    assert spoken["es"]["plural"]["{n} concession"] == ["{n} concesión", "{n} concesiones"]
    assert spoken["es"]["codes"]["killing"] == "asesinato"


def test_where_something_is_is_no_direction():
    spanish = translate_client()["es"]["text"]

    assert spanish["Place precision"] == "Precisión del lugar"
    assert not {text for text, said in spanish.items() if said == "Dirección" or "Hacia dónde" in said}


@pytest.mark.parametrize(
    ("text", "is_", "names"),
    [
        pytest.param("sorochuco", "found", ["Sorochuco"], id="a town before a title"),
        pytest.param("Sorochuco, Celendin", "found", ["Sorochuco"], id="within"),
        pytest.param("01-0042", "found", ["SOROCHUCO"], id="code"),
        pytest.param("el tingo", "asked", ["El Tingo", "El Tingo"], id="two of a name"),
        pytest.param("Wankayu", "asked", ["Huancayo"], id="sounds alike"),
        pytest.param("Soroch", "asked", ["Sorochuco", "SOROCHUCO"], id="beginning"),
        pytest.param("quispe (nueva)", "found", ["Quispe (nueva)"], id="brackets in a name"),
        pytest.param("Alto", "asked", ["Alto Uno", "Alto Dos"], id="land before a title that fits as well"),
        pytest.param("Zzyzx", "unknown", [], id="unknown"),
    ],
)
def test_a_name_is_found_or_asked_and_never_guessed(text, is_, names):
    places = [{**place, "latitude": -7.0 - at / 100, "longitude": -78.5} for at, place in enumerate(PLACES)]

    (meant,) = ask("find", [[text, places, FRAME]])

    assert (meant["is"], [one["name"] for one in meant["choices"]]) == (is_, names)


@pytest.mark.parametrize(
    ("text", "is_", "why"),
    [
        pytest.param("-6.9117, -78.2551", "found", "", id="degrees"),
        pytest.param("803309 9235180", "found", "", id="no zone stated"),
        pytest.param("6.9117, 78.2551", "asked", "doubtful", id="signs forgotten"),
        pytest.param("-78.2551, -6.9117", "asked", "doubtful", id="axes exchanged"),
        pytest.param("-12.0, -75.0", "asked", "elsewhere", id="not on this map"),
        pytest.param("6°91'S 78°15'W", "unknown", "", id="91 minutes"),
        pytest.param("https://maps.google.com/?q=-6.9117,-78.2551", "found", "", id="link"),
        pytest.param("3QQV+8X Sorochuco", "found", "", id="short code and town"),
    ],
)
def test_a_position_is_taken_where_it_lies_on_the_map(text, is_, why):
    places = [{**PLACES[0], "latitude": -6.9117, "longitude": -78.2551}]

    (meant,) = ask("find", [[text, places, FRAME]])

    assert (meant["is"], meant["why"]) == (is_, why)
    if is_ == "found":
        assert -7.5 < meant["choices"][0]["latitude"] < -6.5


# What fills a code to its end: segno writes a byte of zeros before the padding, which no reader looks at.
@pytest.mark.parametrize("size", [17, 32, 53, 78, 106, 134, 154, 192, 230, 271])
def test_codes_are_those_of_another_program(size):
    text = ("ñ" * 2 + "Titulo sobre San Jose; " * 12)[: size - 2]
    mask = size % 8

    (got,) = ask("qr", [[text, mask]])

    want = segno.make(
        text, error="L", boost_error=False, micro=False, mode="byte", encoding="utf-8", mask=mask, eci=False
    )
    assert got == [[bool(module) for module in row] for row in want.matrix]


def test_a_text_that_no_code_holds_gives_none():
    short, long = ask("qr", [["x"], ["x" * 272]])

    assert len(short) == 21
    assert long is None
