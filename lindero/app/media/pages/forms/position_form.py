"""The position of the reader: a point pressed on the map, a place name, or coordinates."""

import secrets
from urllib.parse import urlsplit

import streamlit as st

from lindero.app.answers.place import place_text
from lindero.app.answers.place.position_search import Candidates, FoundPlace, UnknownPlace, locate_position
from lindero.app.answers.place.topic_search import HOLDER
from lindero.app.media.pages.current import cached_answers, map_layers
from lindero.app.media.pages.current.tab_memory import HEADER, TABS, Question
from lindero.app.media.pages.frame import page
from lindero.app.text.escape import escape_markdown
from lindero.app.text.home_country import example_place, format_example
from lindero.app.text.i18n import _
from lindero.layers.model.parse_values import is_missing

PRESSED, WRITTEN = "pressed", "written"


def restore_question() -> None:
    """Restore the last question of this tab when the page is opened again."""
    if "written" in st.session_state or (question := TABS.find_last(_tab_token())) is None:
        return
    st.session_state.update(
        {"written": question.text, "abroad": question.abroad, "placed_by": question.by, "pressed_at": question.press}
    )
    if question.which is not None:
        st.session_state[f"which-{question.text.strip()}"] = question.which


def store_question(press: tuple[float, float] | None) -> None:
    """Store the current question of this tab, for as long as `app.media.pages.current.tab_memory` stores it."""
    state = st.session_state
    text = state.get("written", "")
    TABS.store(
        _tab_token(),
        Question(
            text=text,
            abroad=bool(state.get("abroad", False)),
            which=state.get(f"which-{text.strip()}"),
            press=press,
            by=state.get("placed_by", ""),
        ),
    )


def delete_question() -> None:
    """Delete the stored question of this tab."""
    TABS.delete(_tab_token())


def pressed_point() -> tuple[float, float] | None:
    """Return the latitude and longitude of the last press on the map; None if there was none."""
    point = st.session_state.get("territory", {}).get("last_clicked")
    return (point["lat"], point["lng"]) if point else st.session_state.get("pressed_at")


def ask_position() -> FoundPlace | None:
    """Show controls for a place or position in words; return the one selected, or None."""
    text = st.text_input(
        _("Place, or latitude and longitude"),
        key="written",
        placeholder=_example_text(),
        autocomplete="off",  # otherwise a browser stores the text, even after it is closed
        on_change=_record_source,
        args=(WRITTEN,),
    ).strip()
    if not can_locate(st.context.url or ""):
        st.caption(
            escape_markdown(
                _(
                    "This page cannot get the position of your phone. Open your phone's map or compass, "
                    "and type what it shows, for example -6.9117, -78.2551 or 17M 803000 9235000."
                )
            )
        )
    if not text:
        return None
    answer = map_layers.find_place(text)
    if (
        not isinstance(answer, FoundPlace)
        and answer.abroad
        and st.checkbox(_("Search in other countries, too"), key="abroad")
    ):
        answer = map_layers.find_place(text, abroad=True)
    if isinstance(answer, UnknownPlace):
        st.info(escape_markdown(place_text.unknown_place_text(answer, text)))
        return None
    return _ask_candidate(answer, text) if isinstance(answer, Candidates) else answer


def _example_text() -> str:
    """Return the most affected community of the map and its position, or a place of its country."""
    worst = cached_answers.first_sight().worst
    if worst.empty or is_missing(worst["name"][0]):
        return example_place()
    box = map_layers.communities().set_index("id").loc[worst["id"][0]]
    return format_example(worst["name"][0], (box["ymin"] + box["ymax"]) / 2, (box["xmin"] + box["xmax"]) / 2)


def can_locate(address: str) -> bool:
    """Return whether browsers let a page at this address ask the device for its location; True if unknown."""
    parts = urlsplit(address)
    return parts.scheme != "http" or parts.hostname in {"localhost", "127.0.0.1", "::1"}


def record_press() -> None:
    """Record that the map was pressed: the press now takes precedence over the text."""
    _record_source(PRESSED)


def latest_position(written_place: FoundPlace | None, press: tuple[float, float] | None) -> FoundPlace | None:
    """Return the reader's last position: the place written, or the point pressed."""
    if st.session_state.get("placed_by") != PRESSED:
        return written_place
    return locate_position(*press) if press else None


def _tab_token() -> str:
    """Return the token of the tab; without the page's own script, a token that lasts as long as the page is open."""
    return st.context.headers.get(HEADER) or str(st.session_state.setdefault("tab", secrets.token_hex(16)))


def _ask_candidate(candidates: Candidates, text: str) -> FoundPlace | None:
    """Show all candidate places and return the one that the reader selects; None until then."""
    labels = list(map(escape_markdown, place_text.format_choices(candidates)))
    if not labels:
        st.write(escape_markdown(place_text.choice_question(candidates, text)))
        _link_topics(candidates)
        return None
    position: int | None = st.radio(
        escape_markdown(place_text.choice_question(candidates, text)),
        range(len(labels)),
        index=None,
        format_func=labels.__getitem__,
        key=f"which-{text}",
        on_change=_record_source,
        args=(WRITTEN,),
    )
    _link_topics(candidates)
    if more := place_text.more_choices_text(candidates):
        st.caption(more)
    return None if position is None else candidates.choices[position]


def _link_topics(candidates: Candidates) -> None:
    """Link to the holders and cases that may be meant."""
    codes = map_layers.holder_codes() if candidates.topics else {}
    for topic in candidates.topics:
        id_ = codes.get(topic.id) if topic.kind == HOLDER else topic.id
        if id_:
            page.link_page(topic.kind, escape_markdown(place_text.topic_name(topic)), {"id": id_})


def _record_source(source: str) -> None:
    st.session_state["placed_by"] = source
