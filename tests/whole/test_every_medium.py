"""Every answer in every medium: the same sentences, figures and cells of tables on a page, as HTML, PDF, JSON and text."""

import datetime as dt
import html as escapes
import json
import re
import shutil
import subprocess
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from lindero.app.answers.answer import Answer
from lindero.app.answers.attacks import attacks_answer
from lindero.app.answers.before_after import count_by_year, timing_report
from lindero.app.answers.case import case_answer
from lindero.app.answers.changes import watchlist
from lindero.app.answers.changes.changes_answer import changes_answer, dated_section
from lindero.app.answers.changes.register_changes import change_reports
from lindero.app.answers.changes.register_dates import dated_report
from lindero.app.answers.commitments import CommitmentFacts, commitments_answer
from lindero.app.answers.coverage.coverage import read_coverage
from lindero.app.answers.coverage.sources_answer import sources_answer
from lindero.app.answers.hotspots.choices import CountedQuantity, PlaceKind
from lindero.app.answers.hotspots.hotspots_answer import hotspots_answer
from lindero.app.answers.hotspots.question import Question
from lindero.app.answers.hotspots.report import hotspot_report
from lindero.app.answers.overlap.overlaps import overlap_report
from lindero.app.answers.overlap.overlaps_answer import overlaps_answer
from lindero.app.answers.overlap.row_selection import Side
from lindero.app.answers.place.place_answer import near_section, place_answer
from lindero.app.answers.place.spot import Spot, find_community_spot
from lindero.app.answers.profile.community import CommunityFacts, community_answer
from lindero.app.answers.profile.holder import HolderFacts, find_holder, holder_answer
from lindero.app.answers.profile.region import find_region, region_answer
from lindero.app.answers.protection.need_answer import need_answer
from lindero.app.answers.protection.needs import NeedsQuestion, compare_needs
from lindero.app.answers.ranking.exposure import measure_exposure
from lindero.app.answers.ranking.exposure_answer import community_sections, exposure_answer
from lindero.app.answers.time_answer import time_answer
from lindero.app.current import cached_record, open_map, place
from lindero.app.pipeline import source_report
from lindero.app.record.incidents import read_record
from lindero.app.record.periods import find_periods
from lindero.app.renderers import as_json, cells, html, plain_text, typst_pdf
from lindero.app.text import i18n
from lindero.app.text.escape import remove_markup
from lindero.layers.database import map_database
from lindero.layers.database.queries import map_queries
from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS
from tests.real_servers import needed
from tests.shown_tables import sent, unpaged

LAND = "demo-communities/INV-COM-APU-022"
HOLDER = "Corporación Aurífera Simulada S.A.C."
KM = 25
SINCE, WATCHED = "2025-01-01", ["region/PE-CUS", f"community/{LAND}"]
MOST_BROKEN = 4  # rows of a table that stand on two pages
LINK = re.compile(r"(?<!\\)\[((?:[^\[\]\\]|\\.)*)\]\([^)]*\)")


def at_place(spot):
    facts = place.place_facts(spot, within_km=KM)
    more = [near_section(facts), *place.news(spot, within_km=KM)]
    return place_answer(facts, most=1000, more=more)


def of_exposure(report):
    answer = exposure_answer(report)
    return replace(answer, sections=(*answer.sections, *community_sections(report, LAND)))


def of_attacks(con):
    record, today = read_record(con), dt.date(2026, 1, 1)
    asked = {"mask_unknown": cached_record.mask_unknown_counts, "periods": cached_record.periods(), "today": today}
    return attacks_answer(record.filter_country("PE"), record, read_coverage(con), country="PE", **asked)


def one_case(con):
    record = read_record(con)
    has_steps = record.protection_measures["incident_id"].isin(record.case_steps["incident_id"])
    case = record.filter(record.protection_measures.loc[has_steps, "incident_id"].head(1))
    return case_answer(case, read_coverage(con), today=dt.date(2026, 1, 1))


def at_time(con):
    told = {"country": "PE", "covered": read_coverage(con), "periods": find_periods(con)}
    return time_answer(count_by_year(con), (2015, 2026), timing_report(con, draws=20), **told)


def of_sources(con):
    return (
        map_database.read_sources(con),
        read_coverage(con),
        source_report.count_row_outcomes(con),
        map_queries.count_unknown(con),
    )


SUBJECTS = ["position", "area", "community", "holder", "region"]
SUBJECTS += ["attacks", "case", "needs", "commitments", "hotspots", "changes", "dated", "sources", "time"]
SUBJECTS += ["exposure", "overlaps"]


@pytest.fixture(scope="module", params=SUBJECTS)
def answer(request, demonstration):
    folder, con = demonstration
    open_map.use_folder(folder / "build")
    i18n.set_language("en")
    land = find_community_spot(con, LAND)
    answers = {
        "position": lambda: at_place(Spot("Here", land.latitude, land.longitude)),
        "area": lambda: at_place(land),
        "community": lambda: community_answer(CommunityFacts.from_map(con, LAND)),
        "holder": lambda: holder_answer(HolderFacts.from_map(con, find_holder(con, HOLDER))),
        "region": lambda: region_answer(con, *find_region(con, "PE-LOR")),
        "attacks": lambda: of_attacks(con),
        "case": lambda: one_case(con),
        "commitments": lambda: commitments_answer(
            CommitmentFacts.read(con, "PE"), "Peru", cached_record.compare_commitments()
        ),
        "needs": lambda: need_answer(compare_needs(con, NeedsQuestion(), country="PE"), country="PE"),
        "hotspots": lambda: hotspots_answer(
            hotspot_report(con, Question(CountedQuantity.OVERLAP_HA, PlaceKind.COMMUNITIES))
        ),
        "changes": lambda: changes_answer(
            con, change_reports(con, since=SINCE), watchlist.find_watched_places(con, WATCHED)
        ),
        "dated": lambda: Answer("New", sections=(dated_section(con, dated_report(con)),)),
        "overlaps": lambda: overlaps_answer(overlap_report(con, Side(CONCESSIONS), Side(COMMUNITIES))),
        "exposure": lambda: of_exposure(measure_exposure(con).rank_communities()),
        "time": lambda: at_time(con),
        "sources": lambda: sources_answer(*of_sources(con)),
    }
    return answers[request.param]()


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

        from lindero.app.renderers import streamlit_page
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
