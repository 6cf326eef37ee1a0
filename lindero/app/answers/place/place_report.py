"""What is on record at a place: a finding, sentences that can be read aloud, and one that an SMS holds."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from lindero.app.answers.coverage import coverage_text
from lindero.app.answers.coverage.coverage import LayerCoverage, Verdict
from lindero.app.answers.overlap.land import Land
from lindero.app.record.unplaced import unplaced_text_short
from lindero.app.text import i18n
from lindero.app.text.codes import title_text, word
from lindero.app.text.dates import when
from lindero.app.text.digits import distance
from lindero.app.text.escape import bare, plain
from lindero.app.text.i18n import _, ngettext, number, percent
from lindero.app.text.substances import substance_text
from lindero.layers.database.definitions import KNOWN_PLACE
from lindero.layers.model.accents import without_accents
from lindero.layers.model.parse_values import is_missing

Row = Mapping[Any, Any]
NAMED = 3
GROUND = ("concessions", "communities", "protected_areas")
# The default alphabet of GSM 03.38 and its extension, whose letters take the room of two.
ALPHABET = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("^{}\\[~]|€")
ROOM = 160
ROOM_BEYOND = 70  # letters of UTF-16, which a telephone takes for the whole text if one letter is in neither
_PLAINLY = {
    ord(sign): plain
    for signs, plain in (("‘’ʼ´`", "'"), ("“”«»", '"'), ("–—−", "-"), ("·•", "."), ("…", "..."))
    for sign in signs
}


class Ground(NamedTuple):
    """Whose ground a point is: the finding in one short sentence, and in others what it rests on and leaves open."""

    finding: str
    besides: str = ""


def ground(found: Sequence[Row], lands: Mapping[str, Land], answers: Mapping[str, LayerCoverage]) -> Ground:
    """
    Say in one sentence how many concessions lie at a point and on whose land; then who holds them, by which sources.

    That the map cannot say whether there are concessions or whose land it is, is part of the finding: it is no "none".

    Parameters
    ----------
    found
        What `app.current.map_layers.near` found.
    lands
        Of communities by id: how much of their land is under concession, to be said where it is one community's.
    answers
        What can be said of each layer there (`app.answers.coverage.coverage`).
    """
    titles, communities, areas = (_here(found, name) for name in GROUND)
    answers_of_ground = [answers[layer] for layer in GROUND]
    land = _land(communities, lands) if answers["communities"].is_covered else ""
    area = _area(areas) if answers["protected_areas"].is_covered else ""
    sentence = ", ".join(filter(None, (_titles(titles), land))) if answers["concessions"].is_covered else _lies(land)
    sources = coverage_text.by(*(answer for answer in answers_of_ground if answer.is_covered))
    according = _("According to: {sources}.").format(sources=sources) if sources else ""
    *first, last = answers_of_ground
    return Ground(
        join_sentences(sentence, coverage_text.no_data_text(first)),
        join_sentences(_holders(titles), area, according, coverage_text.no_data_text([last])),
    )


def _here(found: Iterable[Row], layer: str) -> list[Row]:
    """Give the rows of a layer that lie at the place itself."""
    return [row for row in found if row["layer"] == layer and row["distance_m"] == 0]


def _lies(where: str) -> str:
    return _("This place lies {rest}").format(rest=where) if where else ""


def join_sentences(*sentences: str) -> str:
    """Join sentences, each with its full stop, which a name at its end may bring along."""
    return " ".join(sentence if sentence.endswith(".") else f"{sentence}." for sentence in sentences if sentence)


def _titles(titles: Sequence[Row]) -> str:
    if not titles:
        return _("No concession on record lies here")
    return ngettext("Here lies {n} concession", "Here lie {n} concessions", len(titles)).format(n=number(len(titles)))


def _holders(titles: Sequence[Row]) -> str:
    names, count = _names(titles, "holder"), len({row["holder"] for row in titles if _known(row["holder"])})
    return ngettext("Holder: {names}", "Holders: {names}", count).format(names=names) if names else ""


def _land(communities: Sequence[Row], lands: Mapping[str, Land]) -> str:
    if not communities:
        return _("on no community's land that is on record")
    names = _names(communities, "name") or _("a community without a name")
    text = ngettext("on the land of {names}", "on the lands of {names}", len(communities)).format(names=names)
    land = lands.get(communities[0]["id"]) if len(communities) == 1 else None
    if land is None or not land.titles or land.share is None:
        return text
    return _("{land} ({share} of it under concession)").format(land=text, share=percent(land.share, decimals=0))


def _area(areas: Sequence[Row]) -> str:
    if not areas:
        return _("This place is in no protected area on record")
    names = _names(areas, "name") or _("without a name")
    text = ngettext(
        "This place is in the protected area {names}", "This place is in the protected areas {names}", len(areas)
    )
    return text.format(names=names)


def _names(rows: Iterable[Row], column: str) -> str:
    """Name at most `NAMED` of a column, and say how many more there are."""
    names = list(dict.fromkeys(plain(str(row[column])) for row in rows if _known(row[column])))
    more = len(names) - NAMED
    rest = [ngettext("{n} more", "{n} more", more).format(n=number(more))] if more > 0 else []
    return i18n.listed([*names[:NAMED], *rest])


def concession(row: Row) -> str:
    """Tell a concession: who holds it, for what, in what state, since when."""
    values = {
        "name": _name(row),
        "holder": plain(str(row["holder"])) if _known(row["holder"]) else _("nobody named"),
        "kind": word(row["kind"]),
        "substance": plain(substance_text(str(row["substance"])))
        if _known(row["substance"])
        else _("what it is for is not stated"),
        "status": _("state not known") if row["status"] == "unknown" else word(row["status"]),
        "ha": number(row["area_ha"]) if _known(row["area_ha"]) else "?",
    }
    text = _("**{name}** ({kind}; {substance}), held by {holder}: {status}, {ha} ha.").format(**values)
    since = row["granted_on"] if _known(row["granted_on"]) else row["applied_on"]
    if not _known(since):
        return text
    dated = _("Granted on {date}.") if _known(row["granted_on"]) else _("Applied for on {date}.")
    return f"{text} {dated.format(date=when(since, 'day'))}"


def community(row: Row, land: Land | None = None, answer: LayerCoverage | None = None) -> str:
    """Tell a community: its people and kind, and how much of its land is under concession, as for `share_text`."""
    people = plain(str(row["people"])) if _known(row["people"]) else _("people not stated")
    text = _("**{name}** ({people}; {kind})").format(name=_name(row), people=people, kind=word(row["type"]))
    return f"{text}. {share_text(land, answer)}" if land else text


def share_text(land: Land, answer: LayerCoverage | None = None) -> str:
    """Say how much of a community's land is under concession; `answer` is that for concessions over its land."""
    ground = covered_ground(land, answer)
    return join_sentences(ground.finding, ground.besides)


def covered_ground(land: Land, answer: LayerCoverage | None = None) -> Ground:
    """Say the same in one sentence, and beside it by which sources, and of how much of the land the map has data."""
    if answer is None:
        return Ground(_covered(land), "")
    if not (land.titles or land.points):
        return Ground(coverage_text.none(answer), "")
    return Ground(_covered(land), join_sentences(coverage_text.according_to(answer), coverage_text.partly(answer)))


def _covered(land: Land) -> str:
    """Say what is known of the ground under concession, and how many concessions are known by a point alone."""
    if not land.points:
        return _drawn(land)
    text = ngettext(
        "{n} concession is known on its land by a point alone: how much of the land it takes is not known.",
        "{n} concessions are known on its land by a point alone: how much of the land they take is not known.",
        land.points,
    ).format(n=number(land.points))
    return " ".join([_drawn(land), text]) if land.titles else text


def _drawn(land: Land) -> str:
    if not land.titles:
        return _("No concession on record lies on its land.")
    if land.share is None:
        return _("How large its land is, is not on record.")
    text = ngettext(
        "{n} concession lies on {share} of its land: {ha} ha, ground counted once.",
        "{n} concessions lie on {share} of its land: {ha} ha, ground counted once.",
        land.titles,
    )
    return text.format(n=number(land.titles), share=percent(land.share), ha=number(land.footprint_ha))


def at_distance(row: Row) -> str:
    """Name what lies near a place, with its distance and direction."""
    far = distance(row["distance_m"], row.get("distance_accuracy_m"))
    values = {"name": _name(row), "distance": far, "where": word(row["direction"])}
    return _("**{name}** {distance} ({where})").format(**values)


def protected_area(row: Row) -> str:
    """Tell a protected area: its designation and zone."""
    what = plain(str(row["designation"])) if _known(row["designation"]) else word("protected_areas")
    return _("**{name}** ({what})").format(name=_name(row), what=what)


def incident(row: Row) -> str:
    """Tell an attack or a conflict: when and how far away, as exactly as it is known."""
    values = {
        "title": plain(title_text(row["title"])),
        "date": when(row["occurred_on"], row["date_precision"]),
        "distance": distance(row["distance_m"], row.get("distance_accuracy_m")) if _known(row["distance_m"]) else "",
        "area": word(row["location_precision"]),
    }
    if not _known(row["distance_m"]):
        side, away = row.get("side_km"), row.get("area_m")
        if side is None or away is None or not (_known(side) and _known(away)):
            return _("**{title}**, {date}: known only by its {area}; how far away is not known").format(**values)
        sized = values | {"side": number(side), "away": distance(away)}
        if away == 0:
            return _(
                "**{title}**, {date}: known only by its {area}, an area of some {side} km that reaches here"
            ).format(**sized)
        text = _("**{title}**, {date}: known only by its {area}, an area of some {side} km that begins {away} away")
        return text.format(**sized)
    if row["location_precision"] not in KNOWN_PLACE:
        near = _("**{title}**, {date}: known only by its {area}, which begins {distance} away")
        return (_("**{title}**, {date}: somewhere in this {area}") if row["distance_m"] == 0 else near).format(**values)
    return _("**{title}**, {date}, {distance} away ({area})").format(**values)


def not_proof() -> str:
    """Return the sentence that an empty record proves nothing."""
    return _("That none is on record does not mean that there was none.")


def message(found: Sequence[Row], place: str, lands: Mapping[str, Land], answers: Mapping[str, LayerCoverage]) -> str:
    """
    Write what is here for one SMS: the place, what lies on it, who holds it, whose land, how much is covered, by whom.

    The place stands there by its name: coordinates would tell everybody who sees the message where somebody lives.
    `lands` and `answers` are as for `ground`; that for incidents is of all round the place. What the map has no data of
    is said so, and never as 0.
    """
    titles, communities = _here(found, "concessions"), _here(found, "communities")
    incidents = sum(row["layer"] == "incidents" for row in found)
    shares = {id_: land.share for id_, land in lands.items() if land.share is not None}
    lands_here = ngettext("{n} community", "{n} communities", len(communities))
    asked = (
        (titles, ngettext("{n} concession", "{n} concessions", len(titles)), answers["concessions"]),
        (communities, lands_here, answers["communities"]),
    )
    known = [count_or_gap(text, len(rows), answer) for rows, text, answer in asked if rows or answer.is_covered]
    unknown = [count_or_gap(text, 0, answer) for rows, text, answer in asked if not (rows or answer.is_covered)]
    parts = [
        place,
        *known,
        *near_parts(incidents, answers["incidents"]),
        *unknown,  # last of these: what is on record matters more than what is not
        *dict.fromkeys(str(row["holder"]) for row in titles if _known(row["holder"])),
        *(
            f"{row['name']} {percent(shares[row['id']], decimals=0)}" if row["id"] in shares else str(row["name"])
            for row in communities
            if _known(row["name"])
        ),
        bare(coverage_text.by(*(answer for answer in answers.values() if answer.is_covered))),
    ]
    return join_for_sms(parts)


def near_parts(incidents: int, answer: LayerCoverage) -> list[str]:
    """Return how many attacks and conflicts are on record near, and how many more may be, as `message` says it."""
    text = ngettext("{n} attack or conflict near", "{n} attacks or conflicts near", incidents)
    unplaced = unplaced_text_short(answer.unplaced)
    return [unplaced] if unplaced and not incidents else [count_or_gap(text, incidents, answer), unplaced]


def count_or_gap(text: str, count: int, answer: LayerCoverage) -> str:
    """Give a count; where there is none and the map cannot know that, say so instead of 0."""
    if count or answer.is_whole:
        return text.format(n=count)
    kinds = coverage_text.kinds(answer.layer)
    if answer.is_covered:
        share = percent(answer.share, decimals=0)
        return _("{kinds}: none on record in {share}, no data of the rest").format(kinds=kinds, share=share)
    no_data = answer.verdict is Verdict.NO_DATA
    return (_("{kinds}: no data here") if no_data else _("{kinds}: not known here")).format(kinds=kinds)


def _name(row: Row) -> str:
    return plain(str(row["name"])) if _known(row["name"]) else _("without a name")


def _known(value: Any) -> bool:
    return not is_missing(value)


# Texts short enough for one SMS: 160 letters of its own alphabet, or 70 as soon as one letter is not in it.


def spelt(text: str) -> str:
    """Spell text for the SMS alphabet: á is a, ñ stays; letters of other scripts stay as they are."""
    return "".join(map(_letter, " ".join(text.translate(_PLAINLY).split())))


def fits(text: str) -> bool:
    """Tell whether a telephone sends `text` as one SMS."""
    if set(text) <= ALPHABET | EXTENSION:
        return sum(2 if letter in EXTENSION else 1 for letter in text) <= ROOM
    return len(text.encode("utf-16-le")) // 2 <= ROOM_BEYOND


def join_for_sms(parts: Iterable[str]) -> str:
    """Join parts, the most telling first, and leave out those for which one SMS has no room."""
    text = ""
    for part in map(spelt, parts):
        longer = f"{text}; {part}" if text else part
        if part and fits(longer):
            text = longer
    return text


def _letter(letter: str) -> str:
    if letter in ALPHABET or letter in EXTENSION:
        return letter
    bare = without_accents(letter)
    return bare if bare and set(bare) <= ALPHABET else letter
