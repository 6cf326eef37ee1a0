"""The light page as HTML: plain forms, one inline style and one small inline script. It works without both.

Foreign text is escaped (autoescape). The content security policy allows only the inline content, by its hashes, so
injected code could neither run nor fetch anything.
"""

from base64 import b64encode
from dataclasses import dataclass, replace
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote, quote_plus

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from lindero.app.answers.place import place_text
from lindero.app.answers.place.position_search import Candidates, FoundPlace, UnknownPlace
from lindero.app.answers.place.spot import Spot
from lindero.app.answers.place.topic_search import CASE, HOLDER
from lindero.app.media import design
from lindero.app.media.pages.current import map_layers
from lindero.app.media.paper import place_map
from lindero.app.media.text import html
from lindero.app.serving.light.answer import LightAnswer
from lindero.app.text import i18n
from lindero.app.text.i18n import _
from lindero.layers.model.schema import COMMUNITIES, INCIDENTS

VIEWS = {
    COMMUNITIES.name: "community",
    HOLDER: "holder",
    CASE: "case",
    INCIDENTS.name: "attacks",
}  # pages of the whole map, by the kind of a search result
TEMPLATES = Path(__file__).parent / "templates"
ADDRESSES = {"es": "/aqui", "en": "/here", "pt": "/perto", "fr": "/ici"}


@dataclass(frozen=True)
class Question:
    """The fields of a form sent by the page.

    `place` is the typed text. `at` (latitude and longitude in degrees, or the key of an area) and `name` belong to a
    place that was chosen.
    """

    place: str = ""
    at: str = ""
    name: str = ""
    abroad: bool = False


@dataclass(frozen=True)
class Choice:
    """A possible place: its position, its name, and a description that distinguishes it from the others."""

    position: str
    name: str
    about: str = ""


def render_form(
    question: Question,
    message: str = "",
    choices: tuple[Choice, ...] = (),
    *,
    topics: tuple[tuple[str, str], ...] = (),
    abroad: bool = False,
) -> str:
    """Render the page with the form, an error `message`, and the places to choose from.

    `topics` are addresses and names of holders and cases. `abroad` offers to search in other countries, too.
    """
    return _render_template("ask.html", question, told=message, choices=choices, topics=topics, abroad=abroad)


def render_wait(seconds: int, address: str) -> str:
    """Render the page that opens an address by itself after some seconds."""
    sentence = _(
        "Many people are asking at this moment. This page asks again by itself in {seconds} seconds. Leave it open."
    )
    return _render_template(
        "ask.html",
        Question(),
        told=sentence.format(seconds=seconds),
        choices=(),
        topics=(),
        abroad=False,
        again=f"{seconds}; url={address}",
    )


def render_choice(question: Question, result: Candidates | UnknownPlace) -> str:
    """Render the page that asks which place is meant, or says that none was found."""
    if isinstance(result, UnknownPlace):
        return render_form(question, place_text.unknown_place_text(result, question.place), abroad=result.abroad)
    sentences = " ".join(
        filter(None, [place_text.choice_question(result, question.place), place_text.more_choices_text(result)])
    )
    choices = tuple(map(_build_choice, result.choices, place_text.format_choices(result)))
    topics = tuple((_page_address(topic.kind, topic.id), place_text.topic_name(topic)) for topic in result.topics)
    return render_form(question, sentences, choices, topics=topics, abroad=result.abroad)


def render_answer(question: Question, answer: LightAnswer, picture: place_map.Drawing, *, saved: bool = False) -> str:
    """Render the page with the answer. With `saved`, it is a standalone file without forms and script."""
    spot, address = answer.spot, html.no_address if saved else _page_address
    position = _format_position(spot.latitude, spot.longitude)
    return _render_template(
        "answer.html",
        replace(question, at=position if spot.area is None else _quote_area_key(spot.area.key), name=spot.name),
        saved=saved,
        answer=answer,
        answered_on=i18n.format_long_date(answer.answered_on),
        position=position if spot.area is None else "",
        has_brief=has_brief(spot),
        picture=picture,
        side=place_map.SIDE,
        blank=Question(),
        sentence=partial(html.render_sentence, address=address),
        body=partial(html.render_section, address=address),
    )


def has_brief(spot: Spot) -> bool:
    """Return whether a brief of the place can be printed: for a community, while the vault is closed."""
    return spot.area is not None and spot.area.layer == COMMUNITIES.name and not map_layers.is_private()


def _page_address(kind: str, id_: str) -> str:
    """Return the address of a page of the whole map about an object of this kind; empty if there is none."""
    if kind == INCIDENTS.name:
        return VIEWS[kind]
    code = map_layers.holder_codes().get(id_) if kind == HOLDER else id_
    return f"{VIEWS[kind]}?id={quote_plus(code)}" if code and kind in VIEWS else ""


def security_policy(*, saved: bool = False) -> str:
    """Return the Content-Security-Policy of a page. It allows only inline content, by its hashes."""
    script = "'none'" if saved else _csp_hash(_read_inline("light.js"))
    send = "'none'" if saved else "'self'"
    return (
        f"default-src 'none'; style-src {_csp_hash(_style())}; script-src {script}; img-src data:; "
        f"form-action {send}; connect-src {send}; base-uri 'none'"
    )


def _render_template(
    template: str, question: Question, *, saved: bool = False, again: str = "", **values: object
) -> str:
    language = i18n.current_language()
    address = ADDRESSES.get(language, f"/here?lang={language}")
    return (
        _template_environment()
        .get_template(template)
        .render(
            asked=question,
            address=address,
            language=language,
            languages=[] if saved else _language_links(),
            again=again,
            invented=map_layers.has_invented_data(),
            policy=Markup(security_policy(saved=saved)),  # noqa: S704  hashes of our own files
            style=Markup(_style()),  # noqa: S704  our own
            script=Markup(_read_inline("light.js")),  # noqa: S704  our own file
            saved=saved,
            **values,
        )
    )


def _language_links() -> list[dict[str, str]]:
    """Return the other languages of the page: code, own name and address."""
    return [
        {"code": code, "name": i18n.own_name(code), "address": ADDRESSES.get(code, f"/here?lang={code}")}
        for code in i18n.languages(i18n.LIGHT)
        if code != i18n.current_language()
    ]


def _build_choice(result: FoundPlace, about: str) -> Choice:
    area, name = map_layers.build_spot(result, "").area, place_text.place_name(result)
    position = _format_position(result.latitude, result.longitude) if area is None else _quote_area_key(area.key)
    return Choice(position, name, "" if about == name else about)


def _quote_area_key(key: str) -> str:
    return quote(key, safe=":/~")  # escapes the separator of key and name


def _format_position(latitude: float, longitude: float) -> str:
    return f"{latitude:.5f}, {longitude:.5f}"  # to 1 m


@cache
def _template_environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["_"] = _
    return environment


@cache
def _style() -> str:
    return design.light_page_css() + _read_inline("light.css")


@cache
def _read_inline(name: str) -> str:
    return TEMPLATES.joinpath(name).read_text(encoding="utf-8")


def _csp_hash(content: str) -> str:
    return f"'sha256-{b64encode(sha256(content.encode()).digest()).decode()}'"
