"""
Write the files of a new declared answer, with its test: `make new-answer NAME=crossings`.

The answer lists the communities of the map until somebody changes `build_NAME_answer`. Its command, page and Python API
work at once.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
ANSWER = '''"""TITLE."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lindero.app.answers.declared import Choice, DeclaredAnswer
from lindero.app.text.i18n import _, format_number
from lindero.layers.errors import N_

if TYPE_CHECKING:
    from lindero.app.answers.answer import Answer
    from lindero.layers.database.map_database import Connection


def build_NAME_answer(con: Connection, *, km: float) -> Answer:
    """Build the answer about the current communities."""
    from lindero.app.answers.answer import Answer, Column, Figure, Section, Table, finding_section
    from lindero.app.answers.coverage.coverage_text import missing_data_text
    from lindero.app.answers.registers import Registers
    from lindero.app.text.escape import build_link_key
    from lindero.layers.database import map_database
    from lindero.layers.model.schema import COMMUNITIES

    registers = Registers.from_map(con, UPPER.layers)
    covered = registers.read_coverage(con, UPPER.layers)
    read = map_database.read_layer(con, COMMUNITIES, columns=("id", "source_id", "name"))
    rows = registers.filter_layer(COMMUNITIES.name, read)
    rows = rows.assign(page=[build_link_key(COMMUNITIES.name, id_) for id_ in rows["id"]])
    count = format_number(len(rows))
    finding = missing_data_text(covered, UPPER.layers) or _("Communities on record: {n}.").format(n=count)
    columns = {"name": Column(_("Community"), link="page"), "source_id": Column(_("Source"))}
    table = Table(_(UPPER.title), columns, rows)
    figures = {_("Communities"): Figure(count), _("Distance in kilometres"): Figure(format_number(km))}
    return Answer(
        _(UPPER.title),
        sections=(finding_section(finding, registers.sentences(), figures), Section("rows", table=table)),
    )


UPPER = DeclaredAnswer(
    name="NAME",
    title=N_("TITLE"),
    summary=N_("List the communities on record."),
    method=N_("The communities on record are listed as their sources have them."),
    docs=("docs/methods-analysis.md", "TITLE"),
    layers=("communities",),
    choices=(Choice("km", N_("Distance in kilometres"), default=5, least=1, most=200),),
    build=build_NAME_answer,
    drawn="communities",
)
'''
VIEW = '''"""TITLE."""

from lindero.app.answers.NAME import UPPER
from lindero.app.media.pages.declared_page import show_page

show_page(UPPER)
'''
TEST = """import lindero
from lindero.app.media.pages.current import open_map
from tests import app_page


def test_the_rows_are_those_of_the_map(demonstration):
    with lindero.open(demonstration[0]) as opened:
        rows, read = opened.ask("NAME"), opened.read("communities")

    assert set(rows["id"]) <= set(read["id"])
    assert len(rows) > 0


def test_the_page_opens(demonstration):
    open_map.use_folder(demonstration[0] / "build")

    assert not app_page.at_page("NAME").exception
"""
DOCS = """## TITLE: *TITLE*, `lindero NAME`

Say what a row is, how each figure is computed, and what the answer is not for.

"""


def write_answer(name: str, root: Path = ROOT) -> list[Path]:
    """Write the files of an answer, and name it where answers and pages are listed. Return them, new ones first."""
    if not re.fullmatch("[a-z]+", name):
        sys.exit(f"{name!r} is no name of an answer: use small letters")
    title = name.capitalize()
    app, written = root / "lindero" / "app", []
    listed, pages = app / "answers" / "declared_answers.py", app / "media" / "pages" / "frame" / "page.py"
    for path, text in (
        (app / "answers" / f"{name}.py", ANSWER),
        (app / "media" / "pages" / "views" / f"{name}.py", VIEW),
        (root / "tests" / "app" / "answers" / f"test_{name}.py", TEST),
    ):
        if path.exists():
            sys.exit(f"{path.relative_to(root)} exists already")
        written.append(path)
        path.write_text(_fill(text, name, title), encoding="utf-8")
    for path, before, line in (
        (listed, "\n_ANSWERS", "from lindero.app.answers.NAME import UPPER\n"),
        (listed, ")  # fmt: skip", "    UPPER,\n"),
        (pages, "from lindero.app.answers.far ", "from lindero.app.answers.NAME import UPPER\n"),
        (pages, '        "far": ', '        "NAME": ("NAME", UPPER.title),\n'),
        (root / "docs" / "methods-analysis.md", "## Far: ", DOCS),
    ):
        text = path.read_text(encoding="utf-8")
        if before not in text:
            sys.exit(f"{path.relative_to(root)} does not contain {before.strip()!r}, before which the answer is named")
        path.write_text(text.replace(before, _fill(line, name, title) + before, 1), encoding="utf-8")
        written += [path] if path not in written else []
    return written


def _fill(text: str, name: str, title: str) -> str:
    return text.replace("TITLE", title).replace("UPPER", name.upper()).replace("NAME", name)


if __name__ == "__main__":
    for file in write_answer(sys.argv[1]):
        print(file.relative_to(ROOT))
    print("Next: make locale, make test-of WHAT=app/answers; then change what the answer says, and its test.")
