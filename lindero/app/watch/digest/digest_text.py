"""A digest as an answer for every medium, as one SMS, and as a short text to forward."""

from collections.abc import Iterable, Iterator, Sequence

from lindero.app.answers.answer import Answer, Section, rest_lines
from lindero.app.answers.changes.event_text import event_sentence, event_title, source_sentence
from lindero.app.answers.changes.events import Event
from lindero.app.answers.invented import short_mark, warning_text
from lindero.app.answers.place.place_report import join_sentences
from lindero.app.text.escape import escape_markdown
from lindero.app.text.i18n import _, format_long_date, format_number, format_short_date, join_texts, ngettext
from lindero.app.text.sms import fits_sms, to_sms_alphabet
from lindero.app.watch.digest.digest import Digest

MAX_SENTENCES = 40  # events written out in a message; all of them are in the feed and in the file of places
MAX_FORWARDED, MAX_STALE = 3, 3
_WHOLE_HA = 10  # hectares from which an SMS has no decimal


def digest_answer(digest: Digest) -> Answer:
    """Return a digest as an answer: the finding, events by place, the next date, how recent the data is, and limits."""
    sources = {source_sentence(event) for event in digest.events}
    source = sources.pop() if len(sources) == 1 else ""  # told once, not in every sentence
    sections = [
        Section("finding", finding=escape_markdown(_finding(digest)), note=escape_markdown(source)),
        *_event_sections(digest.events, source),
    ]
    if digest.next_on:
        text = _("{date}. If it does not arrive on that date, ask the person who sends it to you.")
        sections.append(Section("next", _("Next notice"), text.format(date=format_long_date(digest.next_on))))
    sections += [
        Section("recency", _("How recent the data is"), lines=_escape(digest.recency)),
        Section("limits", _("What this notice does not tell"), lines=_escape(_limits(digest))),
        Section("repeat", _("How to check it"), lines=_escape(_repetition(digest))),
    ]
    if digest.needs_confirmation:
        sections.append(Section("confirm", _("Do you still want this notice?"), confirmation_text()))
    mark = warning_text() if digest.is_invented else ""
    return Answer(escape_markdown(digest.title), mark, tuple(sections), format_sms(digest))


def confirmation_text() -> str:
    """Return the yearly question whether a watch is still wanted."""
    return _("You have received this notice for over a year. To go on receiving it, tell the person who sends it.")


def format_forward(digest: Digest) -> str:
    """Return a text to forward: the most important events in full sentences, and how recent the data is."""
    told = [event_sentence(event) for event in digest.events[:MAX_FORWARDED]] or [_finding(digest)]
    mark = warning_text() if digest.is_invented else ""
    rest = rest_lines(len(digest.events) - MAX_FORWARDED)
    return "\n\n".join(filter(None, [mark, digest.title, *told, *rest, *digest.recency[:1]])) + "\n"


def format_sms(digest: Digest) -> str:
    """Return a digest as one SMS: places, the most important events, the number of the others, the date of the data.

    The room that is left has the holders. A text that does not fit is cut at a word.
    """
    head = ", ".join(digest.places)
    mark = short_mark() if digest.is_invented else ""
    if digest.is_heartbeat:
        date = _("Data: {date}").format(date=format_long_date(digest.data_on)) if digest.data_on else ""
        nothing = _("Nothing new in what could be checked") if digest.stale else _("Nothing new")
        nothing = nothing if digest.is_checked else _("No new data")
        nothing = nothing if digest.has_data else digest.gaps
        following = _("Next notice: {date}").format(date=format_long_date(digest.next_on)) if digest.next_on else ""
        parts = ([mark, head, nothing, date, following], [mark, head, nothing, date])
        return _first_fitting(parts) or _cut([mark, head, nothing], [date])
    date = _("Data: {date}").format(date=format_short_date(digest.data_on)) if digest.data_on else ""
    texts = [_short_text(event, digest.places) for event in digest.events]
    for count in range(len(texts), 0, -1):
        last = [*_rest_texts(len(texts) - count), date]
        if fits_sms(_join([mark, head, *texts[:count], *last])):
            return _join([mark, head, *_add_holders(digest.events, texts[:count], [mark, head], last), *last])
    return _cut([mark, head, texts[0]], [*_rest_texts(len(texts) - 1), date])


def _finding(digest: Digest) -> str:
    """Return the finding: how many events there are, or that there is nothing new as far as that is known."""
    count, values = len(digest.events), {"date": format_long_date(digest.since), "n": format_number(len(digest.events))}
    if count:
        text = ngettext("{n} update from the registers.", "{n} updates from the registers.", count)  # each has its date
    elif not digest.has_data:
        text = digest.gaps
    elif not digest.is_checked:
        text = _("No new data has arrived since {date}, so it is not known whether anything changed.")
    elif digest.stale:
        text = _("Nothing new since {date} in what could be checked.")
    else:
        text = _("Nothing new since {date}.")
    names = join_texts([*digest.stale[:MAX_STALE], *rest_lines(len(digest.stale) - MAX_STALE)])
    stale = _("These could not be brought up to date: {sources}.").format(sources=names) if digest.stale else ""
    return " ".join(filter(None, [text.format(**values), stale]))


def _event_sections(events: Sequence[Event], source: str) -> Iterator[Section]:
    """Yield the events by the first place of each, in their order and numbered. `source` is not repeated in them."""
    groups: dict[str, list[str]] = {}
    for number, event in enumerate(events[:MAX_SENTENCES], start=1):
        text = event_sentence(event)
        text = text.removesuffix(source).rstrip() if source else text
        name = event.places[0].name if event.places else ""
        groups.setdefault(name, []).append(f"({format_number(number)}) {text}")
    rest = rest_lines(len(events) - MAX_SENTENCES)
    without_place = _("Latest changes") if len(groups) == 1 else _("Elsewhere")
    for position, (name, lines) in enumerate(groups.items(), start=1):
        rest_of_all = rest if position == len(groups) else ()
        title = escape_markdown(name) if name else without_place
        yield Section(f"events-{position}", title, lines=(*_escape(lines), *rest_of_all))


def _limits(digest: Digest) -> list[str]:
    text = _("It tells only what the registers and the public record contain. Other things may have happened.")
    return [text, *filter(None, [digest.gaps])]


def _repetition(digest: Digest) -> list[str]:
    """Return the command that lists the changes again, for whoever has this map."""
    since = min((event.since for event in digest.events if event.since), default=digest.since)
    return [_("On a computer with this map: {command}").format(command=f"lindero changes --since {since.isoformat()}")]


def _escape(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(map(escape_markdown, lines))


# One SMS.


def _short_text(event: Event, places: Sequence[str]) -> str:
    """Return an event in a few words, with the hectares on its first place (named unless it is watched itself)."""
    if not event.places:
        return event_title(event)
    place = event.places[0]
    hectares = place.before_ha if event.kind == "gone" else place.after_ha
    name = "" if place.name in places else place.name
    if hectares is None:
        return ", ".join(filter(None, [event_title(event), name]))
    values = {
        "event": event_title(event),
        "ha": format_number(hectares, decimals=int(hectares < _WHOLE_HA)),
        "place": name,
    }
    return (_("{event}, {ha} ha in {place}") if name else _("{event}, {ha} ha")).format(**values)


def _add_holders(events: Sequence[Event], texts: Sequence[str], first: Sequence[str], last: Sequence[str]) -> list[str]:
    """Return the texts of events with their holders, those of the first events first, as far as the SMS has room."""
    longer = list(texts)
    for position, (event, text) in enumerate(zip(events, texts, strict=False)):
        before, after = longer[:position], longer[position + 1 :]
        versions = _holder_texts(event, text)
        fits = (version for version in versions if fits_sms(_join([*first, *before, version, *after, *last])))
        longer[position] = next(fits, text)
    return longer


def _holder_texts(event: Event, text: str) -> Iterator[str]:
    """Yield the text of an event with its holder, the longest first: a name is cut at a word, but not to one."""
    changes = {event.kind: event.after, **{kind: after for kind, (_before, after) in event.also.items()}}
    template, holder = _("{event}, now {holder}"), changes.get("holder", "")
    if not holder and event.kind == "new":
        template = _("{event}, applicant {holder}") if event.applied_on else _("{event}, holder {holder}")
        holder = event.holder
    if not holder:
        return
    yield template.format(event=text, holder=holder)
    words = holder.split()
    for count in range(len(words) - 1, 1, -1):
        yield template.format(event=text, holder=f"{' '.join(words[:count])}...")


def _rest_texts(count: int) -> list[str]:
    """Return the number of events that an SMS has no room for; empty if there are none."""
    return [_("+{n} more").format(n=format_number(count))] if count > 0 else []


def _first_fitting(candidates: Iterable[Sequence[str]]) -> str:
    texts = (_join(parts) for parts in candidates)
    return next(filter(fits_sms, texts), "")


def _join(parts: Iterable[str]) -> str:
    return to_sms_alphabet(join_sentences(*parts))


def _cut(first: Sequence[str], last: Sequence[str]) -> str:
    """Return parts as one SMS: `first` is cut at a word (at a letter, if it is one word), so that `last` fits."""
    text = _join(first)
    spaces = [position for position, letter in enumerate(text) if letter == " "]
    ends = [*reversed(spaces), *range(len(text), 0, -1)]
    return _first_fitting([f"{text[:end]}...", *last] for end in ends)
