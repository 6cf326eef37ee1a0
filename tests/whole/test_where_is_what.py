"""The page that says where each rule is written is true."""

import ast
import re
from pathlib import Path

import pytest

from tests.code_text import without_docstrings

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "where-is-what.md"
ROW = re.compile(r"^\| (?P<rule>.+?) \| `(?P<file>[\w/]+\.py)` \| `(?P<name>\w+)` \|$", re.MULTILINE)
RULES = [match.groupdict() for match in ROW.finditer(PAGE.read_text(encoding="utf-8"))]


def defined(path: Path) -> set[str]:
    names = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return names


# What a second definition of a rule looks like, and the files that may hold one: `geo` and `layers` know not each other.
DEFINED = {
    "accents folded": (
        r"NFKD",
        {
            "lindero/layers/model/accents.py",
            "lindero/layers/reference/name_index.py",  # to ASCII, 48,000 names at once
            "lindero/layers/publish/spellings.py",  # what looks alike, for the search for leaks
            "lindero/geo/registers/name_matching.py",
            "lindero/geo/positions/notation.py",
        },
    ),
    "a missing value": (
        r"def _?is_(?:null|missing|nothing|unknown|nan)\b|(?<![.\w])([a-z]+) != \1(?![.\w(\[])",
        {"lindero/layers/model/parse_values.py"},
    ),
    "a bounding box": (
        r"(?m)^\w+(?:: TypeAlias)? = tuple\[float, float, float, float\]",
        {"lindero/geo/geometry/projection.py", "lindero/layers/reference/base_data.py"},
    ),
    "metres of a kilometre": (
        r"M_PER_KM = |(?:km|_m\"?\]?|metres)\)? [*/<>]=? 1_?000\b",
        {"lindero/geo/geometry/units.py"},
    ),
    "square metres of a hectare": (
        r"PER_HA = |\b10_?000(?:\.0)? *# .*(?:hectare|ha\b)",
        {"lindero/geo/geometry/units.py"},
    ),
    "the room of an SMS": (r"ROOM_BEYOND = |SMS\w* = \d", {"lindero/app/text/sms.py"}),
    "the accuracy assumed of a boundary": (
        r"ASSUMED\w* = \d|accuracy\w*\"?\]?\S*\.fillna\(\d",
        {"lindero/geo/overlay/prepared_layer.py"},
    ),
}


@pytest.mark.parametrize("rule", DEFINED)
def test_a_rule_is_defined_nowhere_else(rule):
    pattern, files = DEFINED[rule]
    every = (
        path
        for folder in ("app", "geo", "layers", "machine")
        for path in ROOT.joinpath("lindero", folder).rglob("*.py")
    )
    found = {path for path in every if re.search(pattern, without_docstrings(path.read_text(encoding="utf-8")))}

    assert {path.relative_to(ROOT).as_posix() for path in found} == files


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        ("a missing value", "def is_nothing(value):"),
        ("a missing value", "return value != value"),
        ("a bounding box", "Box = tuple[float, float, float, float]"),
        ("metres of a kilometre", "_M_PER_KM = 1000"),
        ("metres of a kilometre", "near = distance_m <= within_km * 1000"),
        ("metres of a kilometre", 'number(row["area_m"] / 1_000)'),
        ("the room of an SMS", "SMS_LENGTH = 160"),
        ("the accuracy assumed of a boundary", 'rows["boundary_accuracy_m"].fillna(50)'),
    ],
)
def test_a_second_definition_is_seen(rule, line):
    assert re.search(DEFINED[rule][0], line)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["name"])
def test_each_rule_is_written_where_the_page_says(rule):
    assert rule["name"] in defined(ROOT / rule["file"])


def test_each_folder_of_code_is_named():
    page = PAGE.read_text(encoding="utf-8")
    folders = {
        path.parent.name for top in ("app", "geo", "layers") for path in (ROOT / "lindero" / top).glob("*/__init__.py")
    }

    assert not {folder for folder in folders | {"views"} if f"`{folder}`" not in page}
