"""Sentences on events: what happened, on whose land, how certain that is, and which register of which date says so."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, replace

from lindero.app.answers.answer import rest_lines
from lindero.app.answers.changes.event_places import LEAST_HA, EventPlace
from lindero.app.answers.changes.events import Event
from lindero.app.answers.changes.new_ground import EarlierGround
from lindero.app.answers.changes.register_changes import partial_register_text
from lindero.app.text.codes import translate_code
from lindero.app.text.dates import format_partial_date, reference_date_text
from lindero.app.text.escape import escape_markdown
from lindero.app.text.i18n import _, format_long_date, format_number, join_texts, ngettext
from lindero.layers.database.definitions import PERSON_LAYERS
from lindero.layers.database.map_database import Source
from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS

MAX_PLACES = 3  # places named in one sentence
_WHOLE_HA = 10  # hectares from which no decimal is written


def event_title(event: Event) -> str:
    """Return what happened and the name of the record: `New concession: MINA SOL`."""
    return f"{event_kind_text(event)}: {_record_name(event)}"


def kind_text(kind: str) -> str:
    """Return a kind of event in a few words."""
    return {
        "new": _("New in the register"),
        "holder": _("Holder changed"),
        "status": _("Status changed"),
        "boundary": _("Boundary moved"),
        "gone": _("No longer in the register"),
        "renumbered": _("Code changed"),
        "expired": _("Term ended"),
        "case": _("Court case"),
        "deadline": _("Term ends soon"),
    }[kind]


def event_kind_text(event: Event) -> str:
    """Return what happened, in a few words."""
    if event.is_beyond:
        return _("Perhaps new") if event.kind == "new" else _("Perhaps no longer in the register")
    if event.kind == "gone" and event.is_in_force_only:
        return _("No longer listed")
    return _new_kind_text(event) if event.kind == "new" else kind_text(event.kind)


def _new_kind_text(event: Event) -> str:
    if event.applied_on is not None:
        return _("Concession applied for")
    if event.earlier_ground is not None and event.earlier_ground.is_old:
        is_merger = event.earlier_ground.is_same_holder and event.earlier_ground.gathered
        return _("Merger or renewal of concessions") if is_merger else _("Concession where there were others before")
    if event.after == "granted":
        return _("Concession granted")
    return _("New concession") if event.layer == CONCESSIONS.name else _("New in the register")


def list_kind_texts(event: Event) -> str:
    """Return what happened in a few words, with all changes of the event."""
    return "; ".join([event_kind_text(event), *map(kind_text, event.also)])


def event_sentence(event: Event) -> str:
    """Return what happened in plain sentences, with places, certainty, holder, source and date."""
    return " ".join(
        [_stop(f"{event_title(event)}{_places_clause(event)}"), *event_facts(event), source_sentence(event)]
    )


def event_to_dict(event: Event) -> dict[str, object]:
    """Convert an event to a dictionary for JSON, with its sentence and without its shapes and earlier ids."""
    values = asdict(replace(event, geometry=None, earlier_geometry=None))
    del values["geometry"], values["earlier_geometry"], values["later_ids"]
    return {**values, "sentence": event_sentence(event)}


def event_line(event: Event) -> str:
    """Return the sentences on an event without its source, for a list of one register, in Markdown."""
    text = _("**{name}**: {told}")
    return text.format(name=escape_markdown(_record_name(event)), told=escape_markdown(event_body(event)))


def event_body(event: Event) -> str:
    """Return the sentences on an event without the name of its record and its source."""
    return " ".join([_stop(f"{event_kind_text(event)}{_places_clause(event)}"), *event_facts(event)])


def event_facts(event: Event) -> list[str]:
    """Return the sentences on an event other than its title, its places and its source."""
    if event.kind == "case":
        return [_step_sentence(event)]
    sentences = [_change_sentence(event, kind, *values) for kind, values in _iter_changes(event)]
    if event.rivals:
        text = ngettext(
            "{n} other application of that date asks for the same land: {names}",
            "{n} other applications of that date ask for the same land: {names}",
            len(event.rivals),
        )
        sentences.append(_stop(text.format(n=format_number(len(event.rivals)), names=join_texts(event.rivals))))
    if event.earlier_ground is not None and not event.is_beyond:
        sentences.append(_earlier_ground_text(event.earlier_ground))
    if event.holder and "holder" not in event.kinds:
        text = _("Applicant: {holder}") if event.applied_on else _("Holder: {holder}")
        sentences.append(text.format(holder=event.holder))
    if event.is_beyond:
        sentences.append(
            _("The earlier file has no data there, so it may not be new.")
            if event.kind == "new"
            else _("The later file has no data there, so it may still exist.")
        )
    if event.kind == "gone" and event.is_in_force_only:
        sentences.append(partial_register_text())
    return [_stop(sentence) for sentence in sentences if sentence]


def event_values(event: Event) -> tuple[str, str]:
    """Return the values before and after an event, in the reader's language; empty if it has none."""
    if event.kind == "status":
        return translate_code(event.before), translate_code(event.after)
    return (event.before, event.after) if event.kind in {"holder", "renumbered"} else ("", "")


def place_texts(event: Event) -> list[str]:
    """Return a phrase for each place of an event: how many hectares are on whose land, and how certain that is."""
    texts = [_place_text(event, place) for place in event.places[:MAX_PLACES]]
    if rest := len(event.places) - MAX_PLACES:
        more = ngettext("on {n} other area", "on {n} other areas", max(rest, 0)).format(n=format_number(rest))
        texts += [more] * (rest > 0)
    return texts


def list_place_labels(event: Event, layer: str) -> list[str]:
    """Return the names of the first places of a layer with hectares of the overlap, and the number of the others."""
    places = [place for place in event.places if place.layer == layer]
    return [*map(_place_label, places[:MAX_PLACES]), *rest_lines(len(places) - MAX_PLACES)]


def _place_label(place: EventPlace) -> str:
    hectares = place.after_ha or place.before_ha
    if not hectares:
        return place.name
    label = _("{name}: {ha} ha").format(name=place.name, ha=_format_ha(hectares))
    is_possible = place.certain_ha is not None and place.certain_ha < LEAST_HA
    return label + (" " + _("(possible, not certain)") if is_possible else "")


def source_sentence(event: Event) -> str:
    """Return the source of an event and its date. For a comparison, the date that it was compared with is added."""
    title = event.source_title
    if event.publisher and event.publisher not in title:
        title = f"{title}, {event.publisher}"
    if event.since is not None and event.dated_on is not None:
        text = _("Source: {source}, {date} (compared with {since}).")
        return text.format(source=title, date=format_long_date(event.dated_on), since=format_long_date(event.since))
    return _stop(_("Source: {source}").format(source=title))


def recency_lines(
    sources: Iterable[Source], checked_on: Mapping[str, dt.date] | None = None, not_updated: Collection[str] = ()
) -> list[str]:
    """Return a line for each register on how recent it is."""
    lines = []
    for source in sources:
        if source.layer in PERSON_LAYERS or not source.is_current:
            continue
        checked = (checked_on or {}).get(source.source_id)
        text = _("{source}: {as_of}")
        if source.source_id in not_updated:
            text = _("{source}: {as_of}; not updated since then")
        elif checked is not None:
            text = _("{source}: {as_of}; last checked on {date}")
        lines.append(
            text.format(
                source=source.title or source.publisher,
                as_of=reference_date_text(source.as_of),
                date=format_long_date(checked) if checked else "",
            )
        )
    return lines


def _record_name(event: Event) -> str:
    return event.name or event.record_id.partition("/")[2]


def _iter_changes(event: Event) -> Iterable[tuple[str, tuple[str, str]]]:
    yield event.kind, (event.before, event.after)
    yield from event.also.items()


def _change_sentence(event: Event, kind: str, before: str, after: str) -> str:
    day = format_long_date(event.dated_on) if event.dated_on else ""
    if kind == "new" and event.applied_on is not None:
        return _("It was applied for on {date}.").format(date=format_long_date(event.applied_on))
    if kind == "new" and after == "granted":
        return _("It was granted on {date}.").format(date=day)
    if kind == "boundary":
        gained, lost = (_format_ha(hectares or 0.0) for hectares in (event.gained_ha, event.lost_ha))
        return _("It gained {gained} ha and lost {lost} ha.").format(gained=gained, lost=lost)
    if kind == "status":
        before, after = translate_code(before), translate_code(after)
    texts = {
        "holder": _("The holder was {before}; now it is {after}"),
        "status": _("The status was “{before}”; now it is “{after}”."),
        "renumbered": _("The code was {before}; now it is {after}"),
        "expired": _("Its term ended on {date}; the register still lists it."),
        "deadline": _("Its term ends on {date}."),
    }
    return texts[kind].format(before=before, after=after, date=day) if kind in texts else ""


def _earlier_ground_text(ground: EarlierGround) -> str:
    """Return a sentence on the concessions that a new one had on its ground before."""
    if not ground.is_old:
        text = _("{ha} ha of its {all} ha were under concession before.")
        return text.format(ha=_format_ha(ground.earlier_ha), all=_format_ha(ground.earlier_ha + ground.new_ha))
    text = _("Its ground was under concession before; new ground: {ha} ha.")
    if ground.gathered and ground.is_same_holder:
        text = ngettext(
            "It gathers {n} earlier concession that is no longer listed; new ground: {ha} ha.",
            "It gathers {n} earlier concessions that are no longer listed; new ground: {ha} ha.",
            ground.gathered,
        )
    elif ground.gathered:
        text = ngettext(
            "{n} concession that is no longer listed was on its ground; new ground: {ha} ha.",
            "{n} concessions that are no longer listed were on its ground; new ground: {ha} ha.",
            ground.gathered,
        )
    return text.format(n=format_number(ground.gathered), ha=_format_ha(ground.new_ha))


def _step_sentence(event: Event) -> str:
    step = translate_code(event.after)
    date = format_partial_date(event.dated_on, event.date_precision or "day")
    if event.before:
        return _stop(_("Step: {step}, {date}, {court}").format(step=step, date=date, court=event.before))
    return _stop(_("Step: {step}, {date}").format(step=step, date=date))


def _places_clause(event: Event) -> str:
    texts = place_texts(event)
    return f", {join_texts(texts)}" if texts else ""


def _place_text(event: Event, place: EventPlace) -> str:
    is_land = place.layer == COMMUNITIES.name
    if event.kind == "case":
        return _("in {name}").format(name=place.name)
    now = place.before_ha if event.kind == "gone" else place.after_ha
    if now is None:
        text = _("on the land of {name}") if is_land else _("in {name}")
        return text.format(name=place.name)
    if "boundary" in event.kinds and place.before_ha is not None:
        text = (
            _("{ha} ha of it on the land of {name} (before: {before} ha)")
            if is_land
            else _("{ha} ha of it in {name} (before: {before} ha)")
        )
        return text.format(ha=_format_ha(now), name=place.name, before=_format_ha(place.before_ha))
    text = _("{ha} ha of it on the land of {name}") if is_land else _("{ha} ha of it in {name}")
    return f"{text.format(ha=_format_ha(now), name=place.name)}{_certainty_text(place)}"


def _certainty_text(place: EventPlace) -> str:
    if place.certain_ha is None:
        return ""
    if place.certain_ha < LEAST_HA:
        return " " + _("(possible, not certain)")
    return " " + _("(certain: {ha} ha)").format(ha=_format_ha(place.certain_ha))


def _stop(text: str) -> str:
    """End a text with one full stop: many names of companies end with one."""
    return text if text.endswith(".") else f"{text}."


def _format_ha(hectares: float) -> str:
    return format_number(hectares, decimals=0 if hectares >= _WHOLE_HA or hectares < LEAST_HA else 1)
