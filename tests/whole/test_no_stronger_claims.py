"""
No sentence is stronger than its rows: on the demonstration, and on small maps with planted gaps.

Each sentence with a claim (*most, none, only, near, new …*) is checked against the rows by a rule of its own
(`tests/claim_rules.py`); one that no rule knows is a fault, too. `tests/real/test_claims_real.py` does so on real files.
"""

import re
from dataclasses import replace
from itertools import chain

import pytest
import streamlit as st

from lindero.app.answers.place import place_report
from lindero.app.media.pages.current import open_map
from lindero.app.media.pages.downloads import picture
from lindero.app.media.text import plain_text
from lindero.app.text import i18n
from lindero.app.text.escape import remove_markup
from lindero.geo.errors import FrameError
from lindero.layers.database import map_database
from lindero.layers.disk import builds
from lindero.layers.errors import AnswerError
from tests.amount import amount
from tests.app_page import at_page
from tests.claim_rules import LABELS, RULES, TRIED, find_fault
from tests.claim_truth import Truth
from tests.every_answer import list_questions
from tests.gap_maps import WORLDS, draw_map
from tests.said import Said, listening

MAPS = amount(range(0, 200, 9), range(200))
OFTEN = {"position", "area", "exposure", "dated"}  # quick answers with many claims; the others take turns
PAGES = (
    "attacks", "browse", "case", "commitments", "community", "exposure", "holder", "hotspots", "methods", "near_me", "new",
    "over_time", "overlaps", "protection", "sources"
)  # fmt: skip
OF_PAGES = {
    "Of {all} with a known year ({first} to {last}), most in {year}: {n}.",
    "Most frequent where it is stated: {what} ({n} recorded attacks).",
    "Most common covered share: {shares} ({n} of {all} pairs).",
    "{holders} with attacks within {km} km. The largest on record: {largest}.",
    "Largest overlap: {concession} on {community}, {ha} ha.",
    "{n} recorded concession is on the land of {lands} of the {communities} communities on this map.",
    "No protection measure is on record for {n} of {all} attacks.",
}
LAND, HOLDER = "demo-communities/INV-COM-APU-022", "Corporación Aurífera Simulada S.A.C."


def closed(text):
    return re.sub(r"[\s\u2060\\*]", "", text)


def listen(asked):
    """Ask a question; return what is said in the answer, and the answer as text."""
    with listening() as listener:
        listener.about = asked
        answer = asked.ask()
        shown = f"{plain_text.format_answer(answer)}\n{answer.message}\n{answer.title}"
    shown = closed(remove_markup(shown))
    return [said for said in listener.said.values() if closed(remove_markup(said.text)) in shown], answer


def find_faults(con, questions):
    """Return what is wrong with the claims of the answers to questions, and with the length of their messages."""
    truth, faults = Truth(con), []
    for asked in questions:
        try:
            claims, answer = listen(asked)
        except (AnswerError, FrameError):
            continue  # a question that this map cannot be asked: a message says why
        faults += [f"{asked.name}: {fault}" for said in claims if (fault := find_fault(truth, said))]
        faults += [f"{asked.name}: longer than one SMS"] if not place_report.fits_sms(answer.message) else []
    return faults


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("gaps")


def open_drawn(number, folder):
    drawn = draw_map(number, folder)
    open_map.use_folder(drawn.build_folder)
    return map_database.connect(builds.current_map(drawn.build_folder), spatial=True), drawn.land


def test_no_sentence_about_the_demonstration_is_stronger_than_its_rows(demonstration):
    folder, con = demonstration
    open_map.use_folder(folder / "build")
    questions = list_questions(con, LAND, holder=HOLDER, region="PE-CUS")

    assert find_faults(con, questions) == []


@pytest.fixture(scope="module")
def opened(demonstration):
    """The map of the demonstration, and what each page says in words and in the texts of its pictures."""
    folder, con = demonstration
    open_map.use_folder(folder / "build")
    asked = {question.name: question for question in list_questions(con, LAND, holder=HOLDER, region="PE-CUS")}
    return Truth(con), {page: listen_to_page(page, LAND, asked.get(page)) for page in PAGES}


def listen_to_page(page, land, asked=None):
    """Open a page; return what it says, and what is said in titles and findings of its pictures, as embed codes do."""
    st.cache_data.clear()  # what is kept was said before
    shown, offer = [], picture.offer_picture

    def keep(build, name, *, title, finding):
        shown.append(picture.alternative_text(title, finding))
        offer(build, name, title=title, finding=finding)

    with pytest.MonkeyPatch.context() as patch, listening() as listener:
        patch.setattr(picture, "offer_picture", keep)
        listener.about = asked
        app = at_page(page, **({"id": land} if page == "community" else {}))
        assert not app.exception
    kinds = ("title", "header", "subheader", "markdown", "caption", "text", "info", "warning", "error")
    shown += [str(element.value) for kind in kinds for element in getattr(app, kind)]
    shown = [closed(remove_markup(text)) for text in shown]
    texts = {closed(remove_markup(said.text)): said for said in listener.said.values() if said.text}
    return [said for text, said in texts.items() if any(text in one for one in shown)]


def test_no_page_of_the_demonstration_says_more_than_its_rows(opened):
    truth, pages = opened

    assert all(pages.values())
    assert [f"{page}: {fault}" for page in pages for said in pages[page] if (fault := find_fault(truth, said))] == []


def test_a_number_that_is_too_large_on_a_page_is_found(opened):
    truth, pages = opened
    claims = [said for said in chain(*pages.values()) if said.msgid in OF_PAGES]

    assert {said.msgid for said in claims} == OF_PAGES
    assert [said.text for said in map(enlarge, claims) if not find_fault(truth, said)] == []


@pytest.mark.slow
@pytest.mark.parametrize("number", MAPS)
def test_no_sentence_about_a_map_with_gaps_is_stronger_than_its_rows(number, folder):
    con, land = open_drawn(number, folder)
    asked = [
        question
        for turn, question in enumerate(list_questions(con, land))
        if question.name in OFTEN or turn % WORLDS == number // WORLDS % WORLDS
    ]
    page = PAGES[number % len(PAGES)]
    area = next(question for question in asked if question.name == "area")

    assert find_faults(con, asked) == []
    assert [fault for said in listen_to_page(page, land, area) if (fault := find_fault(Truth(con), said))] == []


def test_every_rule_and_label_is_of_a_text_that_the_program_has():
    texts = set(i18n.list_file_texts(i18n.LOCALE_DIR / "es" / "LC_MESSAGES" / "lindero.po"))

    assert sorted((LABELS | TRIED | set(RULES)) - texts) == []
    assert (LABELS | TRIED).isdisjoint(RULES)


# A claim that is stronger is found: a number made larger, a name exchanged, nothing where there is something.

GREATER = {
    "It covers {share} of it ({ha} of {whole} ha)",
    "{n} attacks are on record in {country}; those with a date ({dated}) are from {first} to {last}.",
    "{n} of {all} concessions do not state when they were granted.",
    "{n} attack or conflict has no recorded location. It is counted but not on the map.",
    "Most exposed with these weights: {name}, with {share} of its land under concession.",
    "In the {months} months to {date}, {acts} on the land of {name}: {ha} ha of it, each counted once.",
    "{n} new",
    "{n} no longer listed",
}
OTHER_NAMES = {
    "The year with the most attacks on record is {values}.": {"values": "2013 (1)"},
    "The region with the most attacks is {values}.": {"values": "Lima (1)"},
    "Holders and applicants with the most concessions: {holders}.": {"holders": "Nobody (2)"},
    "Nearest {kinds}: {names}.": {"kinds": "concessions", "names": "**Nobody** 3 km (north)"},
}
NONE = {
    "No {kinds} on record here ({source}).": {"kinds": "concessions"},
    "No concession is recorded here": {},
    "No concession is recorded on the land of {name}.": {},
    "This map has no data on {kinds} here.": {"kinds": "concessions"},
    "This map has no data at all on {kinds}, so it says nothing about them.": {"kinds": "concessions"},
    "No concession on this map has a grant date.": {},
    "No attack on record has a date.": {},
    "The two layers do not overlap.": {},
    "In the {months} months to {date}, the register has no dated application or grant on this land.": {},
    "No attack is known within {km} km of a community.": {},
}


@pytest.fixture(scope="module")
def heard(demonstration):
    """The map of the demonstration, the question about a land of it, and what is said in answer to all questions."""
    folder, con = demonstration
    open_map.use_folder(folder / "build")
    questions = list(list_questions(con, LAND, holder=HOLDER, region="PE-CUS"))
    said = [claim for asked in questions for claim in listen(asked)[0]]
    return Truth(con), next(asked for asked in questions if asked.name == "community"), said


def enlarge(said):
    """Return a sentence with each of its numbers much larger, except years and distances."""
    kept = {"first", "last", "km", "months", "date", "name", "country", "count", "year"}

    def larger(value):
        return re.sub(
            r"\d[\d,.]*", lambda found: str(50 * float(found.group().rstrip(".,").replace(",", "")) + 1_000), value
        )

    filled = {name: value if name in kept else larger(str(value)) for name, value in said.filled.items()}
    return replace(said, filled=filled, text=said.msgid.format(**filled))


@pytest.mark.parametrize("msgid", sorted(GREATER))
def test_a_number_that_is_too_large_is_found(heard, msgid):
    truth, _asked, said = heard
    same = [claim for claim in said if claim.msgid == msgid]

    assert same
    assert [claim for claim in map(enlarge, same) if not find_fault(truth, claim)] == []


@pytest.mark.parametrize("msgid", sorted({**OTHER_NAMES, **NONE}))
def test_another_name_and_none_where_there_is_one_are_found(heard, msgid):
    truth, asked, _said = heard
    filled = {**OTHER_NAMES, **NONE}[msgid]
    text = re.sub(r"\{(\w+)\}", lambda found: filled.get(found[1], ""), msgid)

    assert find_fault(truth, Said(msgid, filled, text, asked))
