"""Whatever the code can call by a code, the screen can call by a word; and no word goes to the screen untranslated."""

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

from lindero.app.media.symbols import STYLES
from lindero.app.text import i18n
from lindero.app.text.codes import WORDS, title_text, translate_code
from lindero.geo import GeoError
from lindero.geo.near.nearest import DIRECTIONS
from lindero.geo.registers.diff import CHANGES
from lindero.geo.stats.exposure import SEVERAL
from lindero.layers.errors import LayerError
from lindero.layers.model.schema import LAYERS
from lindero.layers.model.vocabularies import VOCABULARIES

ROOT = Path(__file__).parents[3]
MODULES = sorted(path for package in ("app", "geo", "layers") for path in (ROOT / "lindero" / package).rglob("*.py"))
PAGES = [path for path in MODULES if "streamlit" in path.read_text(encoding="utf-8")]
MARKS = {"_", "N_", "ngettext"}
KINDS = {"reason", "repair", "finding", "change"}  # what accounts of rows and of snapshots are made of
GRADES = {"certain", "possible", "sliver"}
SHOWN_BY_STREAMLIT = {  # as their first argument; of a page_link that is a file
    *("title", "header", "subheader", "write", "markdown", "caption", "text", "info", "warning", "error", "success"),
    *(
        "metric",
        "button",
        "checkbox",
        "toggle",
        "radio",
        "selectbox",
        "multiselect",
        "slider",
        "select_slider",
        "pills",
    ),
    *("segmented_control", "text_input", "number_input", "date_input", "text_area", "file_uploader", "download_button"),
    *("link_button", "expander", "spinner", "toast", "form_submit_button", "dialog", "popover"),
    *("Column", "TextColumn", "NumberColumn", "DateColumn", "LinkColumn", "ProgressColumn", "CheckboxColumn"),
}
SHOWN_KEYWORDS = {"label", "help", "alt", "placeholder", "caption", "prompt"}
IN_EVERY_LANGUAGE = {"Lindero", "Idioma / Language", "lindero duplicates"}


@pytest.fixture(scope="module", autouse=True)
def _forgotten():
    """Half a million nodes, which later tests of the process are not to carry along."""
    yield
    for kept in (_tree, _nodes):
        kept.cache_clear()


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=path.name)


@cache
def _nodes(path: Path) -> list[ast.FunctionDef | ast.Dict | ast.Assign | ast.Call | ast.JoinedStr]:
    kinds = (ast.FunctionDef, ast.Dict, ast.Assign, ast.Call, ast.JoinedStr)
    return [node for node in ast.walk(_tree(path)) if isinstance(node, kinds)]


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _texts(node: ast.AST | None, constants: dict[str, str]) -> Iterator[str]:
    """Give the texts that an expression can be: a text, a constant of the module, or either side of an `if`."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.Name) and node.id in constants:
        yield constants[node.id]
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body, constants)
        yield from _texts(node.orelse, constants)


def _parameters() -> dict[str, int]:
    """Tell for each function that takes a reason, repair, finding or change at which place it does, `self` not counted."""
    functions = [node for path in MODULES for node in _nodes(path) if isinstance(node, ast.FunctionDef)]
    return {
        function.name: at
        for function in functions
        for at, name in enumerate(a.arg for a in function.args.args if a.arg != "self")
        if name in KINDS
    }


CODE = re.compile(r"[a-z0-9_]+")  # what a column says of itself (layers/database/comments.py) is a sentence


@cache
def _codes_of_rows() -> set[str]:
    """Collect the codes that the code gives to rejects, repairs, findings and changes."""
    places = _parameters()
    found: set[str] = set()
    for path in MODULES:
        constants = {
            node.targets[0].id: node.value.value
            for node in _tree(path).body
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
            if isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        }
        for node in _nodes(path):
            match node:
                case ast.Dict():
                    named = zip(node.keys, node.values, strict=True)
                    values = [value for key, value in named if isinstance(key, ast.Constant) and key.value in KINDS]
                case ast.Assign(targets=[ast.Subscript(value=ast.Name(id=name))]) if name in KINDS:
                    values = [node.value]
                case ast.Call():
                    at = places.get(_name(node), len(node.args))
                    values = [*node.args[at : at + 1], *(item.value for item in node.keywords if item.arg in KINDS)]
                case _:
                    continue
            found |= {text for value in values for text in _texts(value, constants) if CODE.fullmatch(text)}
    return found


def _calls(path: Path) -> list[ast.Call]:
    return [node for node in _nodes(path) if isinstance(node, ast.Call)]


def _is_sentence(node: ast.AST) -> bool:
    """Whether an expression is text with letters, written on the spot."""
    texts = [node] if isinstance(node, ast.Constant) else node.values if isinstance(node, ast.JoinedStr) else []
    return any(
        isinstance(text, ast.Constant) and isinstance(text.value, str) and any(map(str.isalpha, text.value))
        for text in texts
    ) and not (isinstance(node, ast.Constant) and node.value in IN_EVERY_LANGUAGE)


def _in_modules(found: Callable[[ast.Call], list[ast.AST]], modules: Iterable[Path] = MODULES) -> dict[str, list[str]]:
    """Give by module, of those in which any is found, what is found in its calls."""
    written = {path: [ast.unparse(node) for call in _calls(path) for node in found(call)] for path in modules}
    return {str(path.relative_to(ROOT)): texts for path, texts in written.items() if texts}


def _errors(base: type[Exception]) -> set[str]:
    return {base.__name__}.union(*(_errors(kind) for kind in base.__subclasses__()))


def test_every_code_of_a_vocabulary_has_a_word():
    coded = {  # categories of the IUCN are said as they are
        name: [code for code in codes if code.islower()] for name, codes in VOCABULARIES.items()
    }

    assert [(name, code) for name, codes in coded.items() for code in codes if code not in WORDS] == []


def test_the_codes_of_rejects_repairs_and_findings_are_found_in_the_code():
    planted = {"no_geometry", "ring_closed", "duplicate_code", "not_readable", "null_island", "needs_the_vault"}

    assert planted - _codes_of_rows() == set()


def test_every_reason_repair_finding_and_change_has_a_word():
    assert _codes_of_rows() - WORDS.keys() == set()


def test_every_layer_direction_grade_change_and_class_of_the_map_has_a_word():
    codes = {*LAYERS, *DIRECTIONS, SEVERAL, "here", *CHANGES, *GRADES, *(style.code for style in STYLES)}

    assert codes - WORDS.keys() == set()


def test_what_is_no_code_is_said_as_it_is():
    assert translate_code("Ia") == "Ia"
    assert translate_code("EL LINDERO S.A.C.") == "EL LINDERO S.A.C."


def test_what_is_marked_for_translation_is_one_whole_text():
    glued = (ast.JoinedStr, ast.BinOp, ast.Call)

    assert _in_modules(lambda call: [call] * (_name(call) in MARKS and isinstance(call.args[0], glued))) == {}


def test_no_text_to_be_translated_stands_inside_an_f_string():
    """What gathers the texts looks into no f-string: one there would stay English, and nobody would be told."""
    lost = [
        (path.name, call.lineno)
        for path in MODULES
        for string in _nodes(path)
        if isinstance(string, ast.JoinedStr)
        for call in ast.walk(string)
        if isinstance(call, ast.Call) and _name(call) in MARKS
        if isinstance(call.args[0], ast.Constant)
    ]

    assert len(MODULES) > 400
    assert lost == []


def test_every_expected_error_can_be_translated():
    ours = _errors(LayerError) | _errors(GeoError)

    assert (
        _in_modules(lambda call: [call] * (_name(call) in ours and bool(call.args) and _is_sentence(call.args[0])))
        == {}
    )


def test_no_page_shows_text_that_is_not_translated():
    def shown(call: ast.Call) -> list[ast.AST]:
        first = call.args[:1] if _name(call) in SHOWN_BY_STREAMLIT else []
        named = [item.value for item in call.keywords if item.arg in SHOWN_KEYWORDS]
        return [text for text in (*first, *named) if _is_sentence(text)]

    assert PAGES
    assert _in_modules(shown, PAGES) == {}


@pytest.mark.parametrize("nothing", [None, float("nan")])
def test_what_nobody_stated_is_unknown(nothing):
    assert translate_code(nothing) == "unknown"


@pytest.mark.parametrize(
    ("title", "told"),
    [
        ("Killing", "Asesinato"),
        ("Killing of a guard", "Killing of a guard"),
        ("None", "None"),
        ("Open", "Open"),
        (None, ""),
    ],
)
def test_a_title_that_is_a_code_is_said_in_words(title, told):
    i18n.set_language("es")

    assert title_text(title) == told
