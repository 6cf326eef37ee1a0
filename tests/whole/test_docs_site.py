"""The documentation as a site (`make docs`): it names every page and every public name, and asks no other machine."""

import re
from pathlib import Path

import pytest
import yaml

import lindero.geo
from lindero.app.library import Map, open_map

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
SITE = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
RECORDS = sorted((DOCS / "decisions").glob("*.md"))
PARTS = ["Context", "Decision", "Consequences"]


def list_pages(node) -> list[str]:
    if isinstance(node, str):
        return [node]
    children = node.values() if isinstance(node, dict) else node
    return [page for child in children for page in list_pages(child)]


def test_each_page_stands_in_the_navigation_once_under_one_of_four_kinds():
    assert [kind for part in SITE["nav"] for kind in part] == ["Tutorial", "How-to", "Reference", "Explanation"]
    files = {path.relative_to(DOCS).as_posix() for path in (*DOCS.glob("*.md"), *RECORDS)}
    assert sorted(list_pages(SITE["nav"])) == sorted(files | {"words.md"})  # which `make docs` makes


def is_example(path: str) -> bool:
    return re.search(r"/[A-Z]+\b", path) is not None


def test_the_first_steps_and_the_guides_are_there_in_both_languages():
    assert list_pages(SITE["nav"][0])[:2] == ["first-steps.md", "primeros-pasos.md"]
    assert list_pages(SITE["nav"][1])[:2] == ["how-to.md", "guias.md"]


def test_the_site_asks_no_other_machine():
    settings = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")

    assert SITE["theme"]["font"] is False
    assert SITE["extra"]["generator"] is False
    assert "://" not in settings
    assert all("iframe-worker" in script and (DOCS / script).exists() for script in SITE["extra"]["polyfills"])
    assert "mermaid" not in settings  # the theme would fetch its script
    assert not [page.name for page in DOCS.rglob("*.md") if "```mermaid" in page.read_text(encoding="utf-8")]


def test_it_is_built_where_git_does_not_look():
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()

    assert SITE["site_dir"].startswith("build/")
    assert "build/" in ignored


def test_the_page_of_the_api_names_every_public_name():
    named = re.findall(r"^::: ([\w.]+)$", (DOCS / "api.md").read_text(encoding="utf-8"), re.MULTILINE)
    own = {f"{each.__module__}.{each.__qualname__}" for each in (open_map, Map)}
    own |= {f"lindero.geo.{lindero.geo._HOME[name]}.{name}" for name in lindero.geo.__all__}

    assert len(named) == len(set(named))
    assert set(named) == own


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.stem)
def test_a_decision_is_a_short_record_of_three_parts(record):
    text = record.read_text(encoding="utf-8")

    assert text.startswith(f"# {int(record.name[:4])}. ")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == PARTS
    assert 100 <= len(text.split()) <= 200
    assert f"(decisions/{record.name})" in (DOCS / "architecture.md").read_text(encoding="utf-8")


def test_each_module_that_architecture_and_contributing_name_is_there():
    pages = [ROOT / "CONTRIBUTING.md", DOCS / "architecture.md", *RECORDS]
    named = {path for page in pages for path in re.findall(r"`((?:lindero|tests)/[\w/.]+)`", page.read_text("utf-8"))}

    assert len(named) > 40
    assert {path for path in named if not (ROOT / path).exists() and not is_example(path)} == set()
