"""The page that says where each rule is written is true."""

import ast
import re
from pathlib import Path

import pytest

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


def test_sixteen_rules_are_named():
    assert len(RULES) == 16


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["name"])
def test_each_rule_is_written_where_the_page_says(rule):
    assert rule["name"] in defined(ROOT / rule["file"])


def test_each_folder_of_code_is_named():
    page = PAGE.read_text(encoding="utf-8")
    folders = {path.parent.name for top in ("app", "geo", "layers") for path in (ROOT / top).glob("*/__init__.py")}

    assert not {folder for folder in folders | {"views"} if f"`{folder}`" not in page}
