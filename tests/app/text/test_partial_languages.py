"""A language that is not complete: it is offered only in its parts, and there every text is translated."""

import datetime as dt
import gettext
import shutil
import tomllib
from pathlib import Path

import httpx
import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po
from starlette.applications import Starlette

from lindero.app.answers.changes.events import filter_events, list_case_events, list_register_events
from lindero.app.answers.profile.holder import find_holder
from lindero.app.builder.doctor import translation_state
from lindero.app.media.pages.current import open_map
from lindero.app.media.paper import typst_pdf
from lindero.app.media.paper.brief import community, holder, region
from lindero.app.media.site.pack import open_published_map
from lindero.app.media.text import plain_text
from lindero.app.serving.light.page import ADDRESSES
from lindero.app.serving.routes import light
from lindero.app.text import i18n
from lindero.app.watch.digest.digest import compose_digest
from lindero.app.watch.digest.render import render_digest
from lindero.layers.database import map_database
from lindero.layers.disk import builds
from lindero.layers.watch.watch_values import LANGUAGES
from lindero.layers.watch.watches_file import Watch
from lindero.layers.workspace import manifest_file
from tests import loop

APP = Path(__file__).parents[3] / "lindero" / "app"
PARTIAL = [code for code in i18n.translated_languages() if i18n.partial_parts(code) is not None]
LAND = "demo-communities/INV-COM-CAJ-009"
HOLDER = "Corporación Aurífera Simulada S.A.C."
TODAY = dt.date(2026, 7, 1)
OF_AREA = {"at": f"communities:{LAND}"}
PLACES = (
    {},
    {"place": "Quellmiorco"},
    {"place": "Santa"},
    {"place": "xqzzkw"},
    {"place": "-12, -77"},
    {"at": "-33.45000, -70.66000"},
    OF_AREA,
    {"at": "-12.07998, -69.95197", "save": "1"},
)


def read_catalogue(language):
    with (i18n.LOCALE_DIR / language / "LC_MESSAGES" / "lindero.po").open("rb") as file:
        return read_po(file)


def is_translated(message):
    return not message.fuzzy and bool(message.string if isinstance(message.string, str) else all(message.string))


def texts_by_source():
    """Return the texts of each source of the program, below `lindero/app`."""
    with (i18n.LOCALE_DIR / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    texts = {}
    for name, _line, text, _comments, _context in extract_from_dir(
        APP, methods, options, keywords={**DEFAULT_KEYWORDS, "N_": None}
    ):
        texts.setdefault(name, set()).add(text if isinstance(text, str) else text[0])
    return texts


@pytest.mark.release
@pytest.mark.parametrize("language", PARTIAL)
def test_a_partial_language_has_every_text_of_the_sources_of_its_parts(language):
    sources_by_part = tomllib.loads((i18n.LOCALE_DIR / "parts.toml").read_text(encoding="utf-8"))
    catalogue, by_source = read_catalogue(language), texts_by_source()
    missing = {}
    for part in ("common", *i18n.partial_parts(language)):
        for source in sources_by_part[part]:
            names = [name for name in by_source if name == source or name.startswith(f"{source}/")]
            assert names, f"parts.toml names {source}, which has no texts"
            missing |= {text: name for name in names for text in by_source[name] if not is_translated(catalogue[text])}

    assert missing == {}


class Untranslated(gettext.NullTranslations):
    """A fallback of a catalogue that records what is asked of it."""

    def __init__(self) -> None:
        super().__init__()
        self.texts = set()

    def gettext(self, message):
        self.texts.add(message)
        return message

    def ngettext(self, msgid1, msgid2, n):
        self.texts.add(msgid1)
        return msgid1 if n == 1 else msgid2


@pytest.fixture(params=PARTIAL)
def untranslated(request, monkeypatch):
    """Speak a partial language, and record the texts of the program that it does not have."""
    recorder, load = Untranslated(), i18n._load_catalogue
    catalogue = i18n.load_translations(i18n.LOCALE_DIR / request.param / "LC_MESSAGES" / "lindero.po")
    catalogue.add_fallback(recorder)
    monkeypatch.setattr(i18n, "_load_catalogue", lambda code: catalogue if code == request.param else load(code))
    i18n.set_language(request.param)
    known = {message.id if isinstance(message.id, str) else message.id[0] for message in read_catalogue(request.param)}
    yield request.param, lambda: recorder.texts & known
    i18n.set_language("en")


@pytest.mark.release
def test_the_light_page_is_whole_in_a_partial_language(untranslated, demonstration):
    language, missing = untranslated
    open_map.use_folder(demonstration[0] / "build")

    async def ask():
        transport = httpx.ASGITransport(Starlette(routes=light.routes()))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return [await client.post(ADDRESSES[language], data=place) for place in PLACES]

    answers = loop.run(ask())

    assert all(answer.status_code == 200 for answer in answers)
    assert all(f'<html lang="{language}">' in answer.text for answer in answers)
    assert "Quellmiorco" in answers[PLACES.index(OF_AREA)].text
    assert missing() == set()


@pytest.mark.release
def test_a_brief_is_whole_in_a_partial_language(untranslated, demonstration):
    _language, missing = untranslated
    con = demonstration[1]
    briefs = [
        community.build_brief(con, LAND),
        holder.build_brief(con, find_holder(con, HOLDER)),
        region.build_brief(con, "PE-CAJ"),
    ]
    for brief in briefs:
        typst_pdf.render_pdf(brief)
        plain_text.format_answer(brief.answer)

    assert missing() == set()


@pytest.mark.release
def test_a_digest_is_whole_in_a_partial_language(untranslated, demonstration):
    language, missing = untranslated
    space = manifest_file.load_workspace(demonstration[0])
    watches = [
        Watch("x", areas, language=language, form=form, created_on=dt.date(2020, 1, 1))
        for areas, form in (((f"community/{LAND}",), "full"), (("region/PE-CAJ",), "text"), (("region/PE-CAJ",), "sms"))
    ]
    with open_published_map(space, today=TODAY) as published:
        for since in (dt.date(2020, 1, 1), TODAY):
            with map_database.connect(builds.current_map(space.build_folder)) as con:
                events = [*list_register_events(con, since, TODAY), *list_case_events(published[1])]
                chosen = [filter_events(con, events, watch.areas, "", ()) for watch in watches]
            for watch, told in zip(watches, chosen, strict=True):
                digest = compose_digest(
                    space, watch, told, published=published, today=TODAY, since=since, needs_confirmation=since != TODAY
                )
                assert render_digest(digest, watch.form)

    assert missing() == set()


def test_a_partial_language_is_offered_only_in_its_parts(tmp_path, monkeypatch):
    shutil.copytree(i18n.LOCALE_DIR, tmp_path / "locale")
    monkeypatch.setattr(i18n, "LOCALE_DIR", tmp_path / "locale")
    folder = tmp_path / "locale" / "qu"
    (folder / "LC_MESSAGES").mkdir(parents=True)
    (folder / "LC_MESSAGES" / "lindero.po").write_text('msgid ""\nmsgstr ""\n\nmsgid "Name"\nmsgstr "Suti"\n')
    (folder / "parts.txt").write_text("brief\n")
    i18n.languages.cache_clear()
    try:
        assert "qu" not in {*i18n.languages(), *i18n.languages(i18n.LIGHT)}
        assert "qu" in i18n.languages(i18n.BRIEF)
        assert i18n.choose_language(["qu-PE", "en"]) == "en"
        assert i18n.choose_language(["qu-PE", "en"], i18n.BRIEF) == "qu"
    finally:
        i18n.languages.cache_clear()


def test_french_is_for_the_light_page_digests_and_briefs_and_portuguese_for_all():
    assert "pt" in i18n.languages()
    assert "fr" not in i18n.languages()
    assert all("fr" in i18n.languages(part) for part in i18n.PARTS)


def test_a_watch_may_be_in_each_language_of_digests():
    assert set(LANGUAGES) == set(i18n.languages(i18n.DIGEST))


def test_the_share_of_texts_is_counted_in_the_catalogue(monkeypatch, tmp_path):
    i18n.set_language("en")
    shutil.copytree(i18n.LOCALE_DIR, tmp_path / "locale")
    monkeypatch.setattr(i18n, "LOCALE_DIR", tmp_path / "locale")
    file = tmp_path / "locale" / "pt" / "LC_MESSAGES" / "lindero.po"
    file.write_text('msgid ""\nmsgstr ""\n\nmsgid "a"\nmsgstr "b"\n\nmsgid "c"\nmsgstr ""\n', encoding="utf-8")
    translation_state.translated_share.cache_clear()
    try:
        told = translation_state.translation_text()
    finally:
        translation_state.translated_share.cache_clear()

    assert "Spanish 100%" in told
    assert "Portuguese 50%" in told
    assert "for the light page, notices of changes, and briefs" in told
