"""
The light page as HTML: plain forms, one style and one small script inside, readable without either.

Whatever a stranger wrote reaches it as text (autoescape), and its policy names the hashes of what is inside and allows
nothing else: what would slip through could neither run nor fetch.
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
from lindero.app.answers.place.position_search import Candidates, Found, Unknown
from lindero.app.answers.place.spot import Spot
from lindero.app.answers.place.topic_search import CASE, HOLDER
from lindero.app.current import map_layers
from lindero.app.drawing import place_map
from lindero.app.output import design
from lindero.app.renderers import html
from lindero.app.serving.light.answer import LightAnswer
from lindero.app.text import i18n
from lindero.app.text.i18n import _
from lindero.layers.model.schema import COMMUNITIES, INCIDENTS

VIEWS = {
    COMMUNITIES.name: "community",
    HOLDER: "holder",
    CASE: "case",
    INCIDENTS.name: "attacks",
}  # the pages of the whole map that a name leads to
TEMPLATES = Path(__file__).parent / "templates"
ADDRESSES = {"es": "/aqui", "en": "/here"}
NAMES = {"es": "Español", "en": "English"}


@dataclass(frozen=True)
class Question:
    """
    What a form of the page sent.

    `place` is what was typed; `at` (latitude and longitude in degrees, or the key of an area) and `name` are of a place
    that was chosen.
    """

    place: str = ""
    at: str = ""
    name: str = ""
    abroad: bool = False


@dataclass(frozen=True)
class Choice:
    """A place that may be meant: its position, its name, and what tells it from the others."""

    at: str
    name: str
    about: str = ""


def form(
    question: Question,
    message: str = "",
    choices: tuple[Choice, ...] = (),
    *,
    topics: tuple[tuple[str, str], ...] = (),
    abroad: bool = False,
) -> str:
    """
    Write the page that asks: with what was not understood (`message`) first, and the places that may be meant.

    `topics` are addresses and names of holders and cases; `abroad` offers to look in other countries, too.
    """
    return _written("ask.html", question, told=message, choices=choices, topics=topics, abroad=abroad)


def choice(question: Question, found: Candidates | Unknown) -> str:
    """Write the page that asks which place is meant, or says that none is known."""
    if isinstance(found, Unknown):
        return form(question, place_text.unknown(found, question.place), abroad=found.abroad)
    sentences = " ".join(filter(None, [place_text.question(found, question.place), place_text.left_out(found)]))
    choices = tuple(map(_choice, found.choices, place_text.choices(found)))
    topics = tuple((_address(topic.kind, topic.id), place_text.topic(topic)) for topic in found.topics)
    return form(question, sentences, choices, topics=topics, abroad=found.abroad)


def answer_page(question: Question, answer: LightAnswer, picture: place_map.Drawing, *, saved: bool = False) -> str:
    """Write the page that answers; `saved` as a file of its own, with neither forms nor script."""
    spot, address = answer.spot, html.no_address if saved else _address
    position = _position(spot.latitude, spot.longitude)
    return _written(
        "answer.html",
        replace(question, at=position if spot.area is None else _of_area(spot.area.key), name=spot.name),
        saved=saved,
        answer=answer,
        answered_on=i18n.date(answer.answered_on),
        position=position if spot.area is None else "",
        has_brief=has_brief(spot),
        picture=picture,
        side=place_map.SIDE,
        blank=Question(),
        sentence=partial(html.sentence, address=address),
        body=partial(html.body, address=address),
    )


def has_brief(spot: Spot) -> bool:
    """Return whether a brief of the place can be printed: of a community, and while the vault is closed."""
    return spot.area is not None and spot.area.layer == COMMUNITIES.name and not map_layers.private()


def _address(kind: str, id_: str) -> str:
    """Return the address of a page of the whole map, opened on a thing of this kind; empty if it has none."""
    if kind == INCIDENTS.name:
        return VIEWS[kind]
    code = map_layers.codes_of_holders().get(id_) if kind == HOLDER else id_
    return f"{VIEWS[kind]}?id={quote_plus(code)}" if code and kind in VIEWS else ""


def policy(*, saved: bool = False) -> str:
    """Give the Content-Security-Policy of a page: what is inside by its hash, and nothing from anywhere."""
    script = "'none'" if saved else _hash(_inside("light.js"))
    send = "'none'" if saved else "'self'"
    return (
        f"default-src 'none'; style-src {_hash(_style())}; script-src {script}; img-src data:; "
        f"form-action {send}; connect-src {send}; base-uri 'none'"
    )


def _written(template: str, question: Question, *, saved: bool = False, **values: object) -> str:
    language = i18n.current()
    address = ADDRESSES.get(language, f"/here?lang={language}")
    return (
        _environment()
        .get_template(template)
        .render(
            asked=question,
            address=address,
            language=language,
            languages=[] if saved else [_language(code) for code in i18n.languages() if code != language],
            invented=map_layers.version_or_none() is not None and map_layers.invented(),
            policy=Markup(policy(saved=saved)),  # noqa: S704  hashes of our own files
            style=Markup(_style()),  # noqa: S704  our own
            script=Markup(_inside("light.js")),  # noqa: S704  our own file
            saved=saved,
            **values,
        )
    )


def _language(code: str) -> dict[str, str]:
    return {"code": code, "name": NAMES.get(code, code), "address": ADDRESSES.get(code, f"/here?lang={code}")}


def _choice(found: Found, about: str) -> Choice:
    area, name = map_layers.spot_of(found, "").area, place_text.place_name(found)
    at = _position(found.latitude, found.longitude) if area is None else _of_area(area.key)
    return Choice(at, name, "" if about == name else about)


def _of_area(key: str) -> str:
    return quote(key, safe=":/~")  # without the sign that parts it from the name


def _position(latitude: float, longitude: float) -> str:
    return f"{latitude:.5f}, {longitude:.5f}"  # a metre


@cache
def _environment() -> Environment:
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
    return design.light_page_properties() + _inside("light.css")


@cache
def _inside(name: str) -> str:
    return TEMPLATES.joinpath(name).read_text(encoding="utf-8")


def _hash(content: str) -> str:
    return f"'sha256-{b64encode(sha256(content.encode()).digest()).decode()}'"
