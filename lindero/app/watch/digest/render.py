"""A digest in the forms in which it is sent, by file name."""

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from string import Template

import shapely
from markupsafe import Markup, escape

from lindero.app.answers.answer import Answer
from lindero.app.media.paper import ruled_map
from lindero.app.media.paper.marks import Picture
from lindero.app.media.paper.ruled_map import Sign, StyledFeatures, draw_map
from lindero.app.media.phone.client_words import run_in_language
from lindero.app.media.phone.page import csp_hash
from lindero.app.media.text.html import render_section
from lindero.app.media.text.plain_text import format_answer
from lindero.app.text.escape import remove_markup
from lindero.app.text.i18n import _
from lindero.app.watch.digest.attachments import format_dates, format_feed, format_places
from lindero.app.watch.digest.digest import Digest
from lindero.app.watch.digest.digest_text import MAX_SENTENCES, digest_answer, format_forward, format_sms

MESSAGE, PAGE, SMS, FORWARD = "message.txt", "message.html", "sms.txt", "forward.txt"
DATES, PLACES, FEED = "dates.ics", "places.kml", "feed.atom"
TEMPLATES = Path(__file__).parent / "templates"


def render_digest(digest: Digest, form: str) -> dict[str, str | bytes]:
    """Return the files of a digest in its language.

    `form`: `full`, `sms`, or `text`: only the message and the text to forward.
    """
    return run_in_language(digest.language, lambda: dict(_iter_files(digest, form)))


def _iter_files(digest: Digest, form: str) -> Iterator[tuple[str, str | bytes]]:
    if form in {"full", "sms"}:
        yield SMS, format_sms(digest)
    if form == "sms":
        return
    answer = digest_answer(digest)
    yield MESSAGE, format_answer(answer)
    yield FORWARD, format_forward(digest)
    if form == "text":
        return
    yield PAGE, render_page(digest, answer)
    yield DATES, format_dates(digest)
    if (places := format_places(digest)) is not None:
        yield PLACES, places
    yield FEED, format_feed(digest)
    if digest.pocket_map is not None:
        yield digest.pocket_map


def render_page(digest: Digest, answer: Answer) -> str:
    """Return a digest as one page for a browser, an e-mail or paper. It loads nothing, not even from its folder."""
    style = TEMPLATES.joinpath("page.css").read_text(encoding="utf-8")
    return Template(TEMPLATES.joinpath("page.html").read_text(encoding="utf-8")).substitute(
        language=digest.language,
        policy=f"default-src 'none'; img-src data:; style-src '{csp_hash(style)}'; base-uri 'none'; form-action 'none'",
        title=escape(digest.title),
        style=style,
        content=Markup("\n").join(_iter_parts(digest, answer)),
    )


def _iter_parts(digest: Digest, answer: Answer) -> Iterator[Markup]:
    yield Markup("<h1>{}</h1>").format(remove_markup(answer.title))
    if answer.about:
        yield Markup('<p class="warning">{}</p>').format(remove_markup(answer.about))
    first, *rest = answer.sections
    yield render_section(first)
    if (picture := _draw_places(digest)) is not None:
        data = b64encode(picture.svg.encode()).decode()
        figure = Markup('<figure><img src="data:image/svg+xml;base64,{}" alt="{}"><figcaption>{}</figcaption></figure>')
        legend = [_("Thick line: the watched land.")] if digest.ground else []
        yield figure.format(data, picture.alt, " ".join([*legend, _("Numbers: as in the list.")]))
    for section in rest:
        yield Markup("<h2>{}</h2>\n{}").format(remove_markup(section.title), render_section(replace(section, title="")))


def _draw_places(digest: Digest) -> Picture | None:
    """Draw the watched land and the numbered records of the events; None if there is no event with an outline."""
    numbered = [
        (str(number), event.geometry)
        for number, event in enumerate(digest.events[:MAX_SENTENCES], start=1)
        if event.geometry is not None and not event.geometry.is_empty
    ]
    if not numbered:
        return None
    shapes = [shape for _number, shape in numbered]
    west, south, east, north = (float(side) for side in shapely.total_bounds([*(digest.ground or shapes)]))
    features = [
        StyledFeatures(ruled_map.TITLE, shapes),
        StyledFeatures(ruled_map.LAND, list(digest.ground)),
        StyledFeatures(Sign("none"), shapes, [number for number, _shape in numbered]),
    ]
    alt = _("Map of the watched land and of the {n} records in the list.").format(n=len(numbered))
    return draw_map((west, south, east, north), features, alt)
