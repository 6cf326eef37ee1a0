"""Every answer in every medium: the same sentences, figures and cells of tables on a page, as HTML, PDF, JSON and text."""

import html as escapes
import json
import re
import shutil
import subprocess

import pytest
from streamlit.testing.v1 import AppTest

from lindero.app.answers.answer import Answer
from lindero.app.answers.declared_answers import DECLARED
from lindero.app.media.pages.current import open_map
from lindero.app.media.paper import typst_pdf
from lindero.app.media.text import as_json, cells, html, plain_text
from lindero.app.text import i18n
from lindero.app.text.escape import remove_markup
from tests.every_answer import list_questions
from tests.real_servers import needed
from tests.shown_tables import sent, unpaged

LAND = "demo-communities/INV-COM-APU-022"
HOLDER = "Corporación Aurífera Simulada S.A.C."
MOST_BROKEN = 4  # rows of a table that stand on two pages
LINK = re.compile(r"(?<!\\)\[((?:[^\[\]\\]|\\.)*)\]\([^)]*\)")
SUBJECTS = ["position", "area", "community", "holder", "region"]
SUBJECTS += ["attacks", "case", "needs", "commitments", "hotspots", "changes", "dated", "sources", "time"]
SUBJECTS += ["exposure", "overlaps", *DECLARED]


@pytest.fixture(scope="module", params=SUBJECTS)
def answer(request, demonstration):
    folder, con = demonstration
    open_map.use_folder(folder / "build")
    i18n.set_language("en")
    questions = list_questions(con, LAND, holder=HOLDER, region="PE-CUS")
    return next(asked.ask() for asked in questions if asked.name == request.param)


def said(answer: Answer, *, on_paper: bool = False):
    """Return all that an answer says: its sentences, figures and cells, blanks left out, for media break lines."""
    told = [remove_markup(text) for section in answer.sections for text in (section.title, *section.sentences)]
    for section in answer.sections:
        told += [text for label, figure in section.figures.items() for text in (label, figure.value)]
        if section.table is not None:
            shown = {each.label for each in section.table.columns.values() if each.width or not on_paper}
            told += [
                cell for label, column in cells.format_cells(section.table).items() if label in shown for cell in column
            ]
    return told


def closed(text):
    return re.sub(r"[\s\u2060­-]", "", text)


def on_page(answer):
    def page():
        import streamlit as st

        from lindero.app.media.pages import streamlit_page
        from lindero.app.text import i18n

        i18n.set_language("en")
        for section in st.session_state["answer"].sections:
            streamlit_page.show_section(section)

    test = AppTest.from_function(page, default_timeout=120)
    test.session_state["answer"], test.session_state["lang"] = answer, "en"
    with unpaged():
        test.run()
    assert not test.exception
    told = [
        remove_markup(LINK.sub(r"\1", str(part.value)))
        for kind in ("markdown", "header")
        for part in getattr(test, kind)
    ]
    told += [text for metric in test.metric for text in (metric.label, metric.value)]
    for table in sent(test):
        for column in table["columns"]:
            notes = column.get("notes", [""] * len(column["texts"]))
            told += [" ".join(filter(None, cell)) for cell in zip(column["texts"], notes, strict=True)]
    return "\n".join(told)


def as_html(answer):
    written = "\n".join(f"{remove_markup(section.title)}{html.render_section(section)}" for section in answer.sections)
    return escapes.unescape(re.sub("<[^>]*>", "", written))


def as_pdf(answer):
    needed(shutil.which("pdftotext"), "poppler-utils")
    made = typst_pdf.render_pdf(typst_pdf.Brief(answer, most_rows=1000))
    told = subprocess.run(["pdftotext", "-raw", "-", "-"], input=made, capture_output=True, check=True)
    return told.stdout.decode()


def as_dict(answer):
    told = json.dumps(as_json.answer_to_dict(answer), ensure_ascii=False)
    return remove_markup("\n".join(strings(json.loads(told))))


def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, each in value.items():
            yield name
            yield from strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from strings(each)


@pytest.mark.parametrize(
    "write", [on_page, as_html, as_dict, plain_text.format_answer], ids=["page", "html", "json", "text"]
)
def test_an_answer_says_the_same_in_every_medium(answer, write):
    written = closed(write(answer))

    assert not [text for text in said(answer) if closed(text) not in written]


def test_an_answer_says_the_same_on_paper(answer):
    written = as_pdf(answer)
    whole, words = closed(written), {closed(word) for word in written.split()}
    broken = [text for text in said(answer, on_paper=True) if closed(text) not in whole]

    # The reader of the PDF mixes the lines of a row that stands on two pages: of it each word is looked for.
    assert not [text for text in broken if not {closed(word) for word in text.split()} <= words]
    assert len(broken) <= MOST_BROKEN


def test_an_answer_has_something_to_say(answer):
    assert answer.sections[0].finding
    assert len(said(answer)) > 20
