"""Sections about the law of a state: its treaties, its rules of consultation, who protects, whom to ask."""

from collections.abc import Hashable, Iterator, Mapping
from typing import Any

import pandas as pd

from lindero.app.answers.answer import Section
from lindero.app.record.commitments import TREATIES, WORLDWIDE_TREATIES, is_binding
from lindero.app.record.consultation_text import cite_rules
from lindero.app.text.dates import format_partial_date
from lindero.app.text.escape import escape_markdown
from lindero.app.text.i18n import _, format_number, join_texts, ngettext
from lindero.app.text.pack_texts import translate_pack_text
from lindero.layers.reference import state_facts


def law_sections(country: str, place: str, standing: pd.DataFrame) -> tuple[Section, ...]:
    """Return sections on the law of a state, each of which says so if nothing is on record.

    `country`: ISO 3166-1 alpha-2 code of the state. `standing`: the result of
    `app.record.commitments.summarize_commitments`.
    """
    rules = tuple(line.removeprefix("- ") for line in cite_rules(state_facts.load_consultation_rules(country)))
    protections = tuple(_iter_protections(state_facts.load_protections(country)))
    requests = tuple(_iter_requests(state_facts.load_information_laws(country)))
    state = escape_markdown(place)
    unchecked = _("That does not mean that there is none: it was not recorded here.")
    nothing = {
        "consultation": _("No rule about consultation is on record for {state}."),
        "protection": _("Nobody who protects defenders is on record for {state}."),
        "information": _("No law or authority for requests for information is on record for {state}."),
    }

    def build_section(key: str, title: str, lines: tuple[str, ...]) -> Section:
        return Section(key, title, "" if lines else f"{nothing[key].format(state=state)} {unchecked}", lines=lines)

    return (
        Section("treaties", _("Which treaties bind this State"), _treaties_text(state, standing)),
        build_section("consultation", _("What the rules of consultation ask, stage by stage"), rules),
        build_section("protection", _("Who protects defenders"), protections),
        build_section("information", _("Whom to ask for information"), requests),
    )


def _treaties_text(state: str, standing: pd.DataFrame) -> str:
    """Return which of the treaties that matter here bind a state, which do not, and which are not on record."""
    status = dict(zip(standing["instrument"], standing["state"], strict=True))
    groups: dict[str, list[str]] = {"binding": [], "not_binding": [], "not_on_record": []}
    for name in TREATIES:
        known = status.get(name)
        if known is None and name not in WORLDWIDE_TREATIES:
            continue  # a treaty of another region
        key = "not_on_record" if known is None else "binding" if is_binding(name, known) else "not_binding"
        groups[key].append(translate_pack_text(name))
    texts = {
        "binding": _("{state} is bound by: {names}."),
        "not_binding": _("Not binding for {state}: {names}."),
        "not_on_record": _(
            "No treaty of this kind is on record for {state}: it was not recorded here whether it joined {names}."
        ),
    }
    return " ".join(texts[key].format(state=state, names=join_texts(names)) for key, names in groups.items() if names)


def _iter_protections(rows: pd.DataFrame) -> Iterator[str]:
    for row in rows.fillna("").to_dict("records"):
        title = ", ".join(filter(None, [translate_pack_text(row["instrument"]), row["article"]]))
        office = ": ".join(filter(None, [row["office"], row["telephone"]]))
        parts = [f"{translate_pack_text(row['gives'])}.", f"{office}." if office else ""]
        yield _cite(title, parts, row)


def _iter_requests(rows: pd.DataFrame) -> Iterator[str]:
    for row in rows.to_dict("records"):
        days = None if pd.isna(row["days"]) else int(row["days"])
        parts = [
            _("Ask: {authority}.").format(authority=row["authority"]) if pd.notna(row["authority"]) else "",
            ""
            if days is None
            else ngettext("It has {n} day to answer.", "It has {n} days to answer.", days).format(
                n=format_number(days)
            ),
            f"{translate_pack_text(row['note'])}." if pd.notna(row["note"]) else "",
        ]
        yield _cite(row["law"], parts, row)


def _cite(title: str, parts: list[str], row: Mapping[Hashable, Any]) -> str:
    """Return a line of Markdown: what is said, and the source with its date."""
    date = None if pd.isna(row["stated_on"]) or row["stated_on"] == "" else row["stated_on"]
    stated = _("Source: {source} ({date}).").format(
        source=f"`{row['source_url']}`", date=format_partial_date(date, str(row["date_precision"]))
    )
    said = " ".join(escape_markdown(part) for part in parts if part)
    return f"**{escape_markdown(title)}**. {said} {stated}"
