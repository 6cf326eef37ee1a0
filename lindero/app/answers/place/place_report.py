"""Text about the records at a place: sentences that can be read aloud, and a message that fits one SMS."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from lindero.app.answers.coverage import coverage_text
from lindero.app.answers.coverage.coverage import LayerCoverage, Verdict
from lindero.app.answers.overlap.land import Land
from lindero.app.answers.record.unplaced import count_unplaced_regions
from lindero.app.text import i18n
from lindero.app.text.codes import title_text, translate_code
from lindero.app.text.dates import format_partial_date
from lindero.app.text.digits import format_distance
from lindero.app.text.escape import escape_markdown
from lindero.app.text.i18n import _, format_number, format_share, ngettext
from lindero.app.text.sms import MAX_CHARACTERS, fits_sms, to_sms_alphabet
from lindero.app.text.substances import substance_text
from lindero.layers.database.definitions import KNOWN_PLACE
from lindero.layers.model.parse_values import is_missing

Row = Mapping[Any, Any]
MAX_NAMES = 3
AREA_LAYERS = ("concessions", "communities", "protected_areas")
COUNT_ROOM, PHRASE_ROOM, GAP_ROOM = 24, 38, 80  # letters reserved in an SMS in every language, beside names


class GroundText(NamedTuple):
    """The finding about a place in one short sentence, and its sources and gaps in further sentences."""

    finding: str
    besides: str = ""


def describe_ground(rows: Sequence[Row], lands: Mapping[str, Land], answers: Mapping[str, LayerCoverage]) -> GroundText:
    """Return the number of concessions at a position and the community that owns the land; then holders and sources.

    If the map cannot know of concessions or land there, the finding includes that gap. A gap is never reported as
    "none".

    `rows`: rows of `find_nearby_features`. `answers`: the coverage of each layer at the position
    (`app.answers.coverage.coverage`).
    """
    titles, communities, areas = (_rows_at_place(rows, name) for name in AREA_LAYERS)
    answers_of_ground = [answers[layer] for layer in AREA_LAYERS]
    land = _land_text(communities, lands) if answers["communities"].is_covered else ""
    area = _area_text(areas) if answers["protected_areas"].is_covered else ""
    count = _concessions_text(titles) if answers["concessions"].is_covered else ""
    sentence = (
        f"{count}, {land}" if titles and communities and count and land else join_sentences(count, _location_text(land))
    )
    sources = coverage_text.answer_sources_text(*(answer for answer in answers_of_ground if answer.is_covered))
    according = _("Sources: {sources}.").format(sources=sources) if sources else ""
    *first, last = answers_of_ground
    return GroundText(
        join_sentences(sentence, coverage_text.no_data_text(first)),
        join_sentences(_holders_text(titles), area, according, coverage_text.no_data_text([last])),
    )


def _rows_at_place(rows: Iterable[Row], layer: str) -> list[Row]:
    """Return the rows of a layer at the place itself."""
    return [row for row in rows if row["layer"] == layer and row["distance_m"] == 0]


def _location_text(description: str) -> str:
    return _("This place is {rest}").format(rest=description) if description else ""


def join_sentences(*sentences: str) -> str:
    """Join sentences, each with one full stop. A name at the end of a sentence may already have one."""
    return " ".join(sentence if sentence.endswith(".") else f"{sentence}." for sentence in sentences if sentence)


def _concessions_text(titles: Sequence[Row]) -> str:
    if not titles:
        return _("No concession is recorded here")
    return ngettext("{n} concession covers this place", "{n} concessions cover this place", len(titles)).format(
        n=format_number(len(titles))
    )


def _holders_text(titles: Sequence[Row]) -> str:
    names, count = _join_names(titles, "holder"), len({row["holder"] for row in titles if _has_value(row["holder"])})
    return ngettext("Holder: {names}", "Holders: {names}", count).format(names=names) if names else ""


def _land_text(communities: Sequence[Row], lands: Mapping[str, Land]) -> str:
    if not communities:
        return _("outside all recorded community land")
    names = _join_names(communities, "name") or _("a community without a name")
    text = ngettext("on the land of {names}", "on the lands of {names}", len(communities)).format(names=names)
    land = lands.get(communities[0]["id"]) if len(communities) == 1 else None
    if land is None or not land.titles or land.share is None:
        return text
    return _("{land} ({share} of that land is under concession)").format(
        land=text, share=format_share(land.share, decimals=0)
    )


def _area_text(areas: Sequence[Row]) -> str:
    if not areas:
        return _("This place is not in a recorded protected area")
    names = _join_names(areas, "name") or _("without a name")
    text = ngettext(
        "This place is in the protected area {names}", "This place is in the protected areas {names}", len(areas)
    )
    return text.format(names=names)


def _join_names(rows: Iterable[Row], column: str) -> str:
    """Join at most `MAX_NAMES` distinct values of a column, followed by the number of the others."""
    names = list(dict.fromkeys(escape_markdown(str(row[column])) for row in rows if _has_value(row[column])))
    more = len(names) - MAX_NAMES
    rest = [ngettext("{n} more", "{n} more", more).format(n=format_number(more))] if more > 0 else []
    return i18n.join_texts([*names[:MAX_NAMES], *rest])


def format_concession(row: Row) -> str:
    """Describe a concession: holder, kind, substance, status, area and date."""
    values = {
        "name": _feature_name(row),
        "holder": escape_markdown(str(row["holder"])) if _has_value(row["holder"]) else _("name not recorded"),
        "kind": translate_code(row["kind"]),
        "substance": escape_markdown(substance_text(str(row["substance"])))
        if _has_value(row["substance"])
        else _("substance not recorded"),
        "status": _("status not known") if row["status"] == "unknown" else translate_code(row["status"]),
        "ha": format_number(row["area_ha"]) if _has_value(row["area_ha"]) else "?",
    }
    text = _("**{name}** ({kind}; {substance}), holder: {holder}; {status}, {ha} ha.").format(**values)
    since = row["granted_on"] if _has_value(row["granted_on"]) else row["applied_on"]
    if not _has_value(since):
        return text
    dated = _("Granted on {date}.") if _has_value(row["granted_on"]) else _("Applied for on {date}.")
    return f"{text} {dated.format(date=format_partial_date(since, 'day'))}"


def format_community(row: Row, land: Land | None = None, answer: LayerCoverage | None = None) -> str:
    """Describe a community: people, kind, and the share of its land under concession.

    `answer` is the coverage of concessions over its land.
    """
    people = escape_markdown(str(row["people"])) if _has_value(row["people"]) else _("people not stated")
    text = _("**{name}** ({people}; {kind})").format(
        name=_feature_name(row), people=people, kind=translate_code(row["type"])
    )
    return f"{text}. {share_text(land, answer)}" if land else text


def share_text(land: Land, answer: LayerCoverage | None = None) -> str:
    """Return how much of a community's land is under concession.

    `answer` is the coverage of concessions over its land.
    """
    ground = describe_covered_ground(land, answer)
    return join_sentences(ground.finding, ground.besides)


def describe_covered_ground(land: Land, answer: LayerCoverage | None = None) -> GroundText:
    """Return how much of a community's land is under concession, with sources and gaps apart.

    `answer` is the coverage of concessions over its land. Without it there are no sources.
    """
    if answer is None:
        return GroundText(_covered_text(land), "")
    if not (land.titles or land.points):
        return GroundText(coverage_text.none_found_text(answer), "")
    return GroundText(
        _covered_text(land),
        join_sentences(
            coverage_text.attribution_text(answer), coverage_text.partial_coverage_text(answer, land.share or 0.0)
        ),
    )


def _covered_text(land: Land) -> str:
    """Return the share of the land under concession, and the number of concessions known only by a point."""
    if not land.points:
        return _polygons_text(land)
    text = ngettext(
        "{n} concession on its land is recorded only as a point: how much land it covers is not known.",
        "{n} concessions on its land are recorded only as points: how much land they cover is not known.",
        land.points,
    ).format(n=format_number(land.points))
    return " ".join([_polygons_text(land), text]) if land.titles else text


def _polygons_text(land: Land) -> str:
    if not land.titles:
        return _("No concession is recorded on its land.")
    if land.share is None:
        return _("The area of its land is not recorded.")
    text = ngettext(
        "{n} concession covers {share} of its land: {ha} ha, each counted once.",
        "{n} concessions cover {share} of its land: {ha} ha, each counted once.",
        land.titles,
    )
    return text.format(
        n=format_number(land.titles), share=format_share(land.share), ha=format_number(land.footprint_ha)
    )


def format_nearby(row: Row) -> str:
    """Describe a feature near a place, with its distance and direction."""
    far = format_distance(row["distance_m"], row.get("distance_accuracy_m"))
    values = {"name": _feature_name(row), "distance": far, "where": translate_code(row["direction"])}
    return _("**{name}** {distance} ({where})").format(**values)


def format_protected_area(row: Row) -> str:
    """Describe a protected area by its name and designation."""
    designation = (
        escape_markdown(str(row["designation"]))
        if _has_value(row["designation"])
        else translate_code("protected_areas")
    )
    return _("**{name}** ({what})").format(name=_feature_name(row), what=designation)


def format_incident(row: Row) -> str:
    """Describe an attack or a conflict: title, date and place, as precisely as they are known."""
    values = {
        "title": escape_markdown(title_text(row["title"])),
        "date": format_partial_date(row["occurred_on"], row["date_precision"]),
    }
    if row["location_precision"] in KNOWN_PLACE and _has_value(row["distance_m"]):
        far = format_distance(row["distance_m"], row.get("distance_accuracy_m"))
        area = translate_code(row["location_precision"])
        return _("**{title}**, {date}, {distance} away ({area})").format(**values, distance=far, area=area)
    return _("**{title}**, {date}: {where}").format(**values, where=escape_markdown(incident_area_text(row)))


def incident_area_text(row: Row) -> str:
    """Describe the area that an attack or a conflict is known by: a district, a province or a square around it."""
    ends = {"near": format_distance(row["area_m"]), "far": format_distance(row["area_far_m"])}
    is_away = row["area_m"] > 0
    if row["location_precision"] in KNOWN_PLACE:
        return (_("between {near} and {far} away") if is_away else _("up to {far} away")).format(**ends)
    if _has_value(row["area_name"]):
        where = area_name_text(row["location_precision"], row["area_name"])
        text = _("{where}, between {near} and {far} away") if is_away else _("{where}, which reaches here")
        return text.format(where=where, **ends)
    centre = (_("between {near} and {far} away") if is_away else _("up to {far} away")).format(**ends)
    text = (
        _("the centre of its district is {distance}; the extent of the district is not on this map")
        if row["location_precision"] == "district"
        else _("the centre of its province is {distance}; the extent of the province is not on this map")
    )
    return text.format(distance=centre)


def area_name_text(precision: str, name: str) -> str:
    """Return the district or province of an incident, as in `in the district of Hualgayoc`."""
    text = _("in the district of {name}") if precision == "district" else _("in the province of {name}")
    return text.format(name=name)


def no_proof_text() -> str:
    """Return the sentence that an empty record is not proof that nothing happened."""
    return _("Attacks or conflicts may have happened without being recorded.")


class SmsPart(NamedTuple):
    """A part of an SMS, and the number of letters reserved for it.

    The same number is reserved in every language, so that the SMS has the same facts in all of them.
    """

    text: str
    room: int


def name_part(name: str) -> SmsPart:
    """Return a name as a part of an SMS."""
    return SmsPart(name, len(name))


def format_sms(
    near_rows: Sequence[Row],
    place: str,
    lands: Mapping[str, Land],
    answers: Mapping[str, LayerCoverage],
    within_km: float,
    *,
    mark: str = "",
) -> str:
    """Write what is recorded at a place as one SMS: concessions, holders, communities, events, register.

    The place is given by name, because coordinates would reveal to every reader where somebody lives. `lands` and
    `answers` are as in `describe_ground`, except that the coverage of incidents is that of the surroundings. A gap in
    the data is written out, never as 0. `mark` is the mark of invented data, which comes first.
    """
    titles, communities = _rows_at_place(near_rows, "concessions"), _rows_at_place(near_rows, "communities")
    shares = {id_: land.share for id_, land in lands.items() if land.share is not None}
    lands_here = ngettext("{n} community", "{n} communities", len(communities))
    holders = dict.fromkeys(str(row["holder"]) for row in titles if _has_value(row["holder"]))
    return join_sms_parts(
        [
            SmsPart(mark, COUNT_ROOM),
            name_part(place),
            count_part(ngettext("{n} concession", "{n} concessions", len(titles)), len(titles), answers["concessions"]),
            *map(name_part, list(holders)[:MAX_NAMES]),
            count_part(lands_here, len(communities), answers["communities"]),
            *(
                name_part(
                    f"{row['name']} {format_share(shares[row['id']], decimals=0)}"
                    if row["id"] in shares
                    else str(row["name"])
                )
                for row in communities
                if _has_value(row["name"])
            ),
            *incident_parts([row for row in near_rows if row["layer"] == "incidents"], answers["incidents"], within_km),
            source_part(answers["concessions"]),
        ]
    )


def incident_parts(rows: Sequence[Row], answer: LayerCoverage, within_km: float) -> list[SmsPart]:
    """Return the recorded attacks, then the conflicts: those near, in a district, perhaps near, or in a region."""
    parts = [SmsPart(text, PHRASE_ROOM + size) for text, size in count_incidents(rows, within_km)]
    regions = count_unplaced_regions(answer.unplaced)
    if not rows and not regions:
        text = _("{n} attacks or conflicts within {km} km").replace("{km}", format_number(within_km))
        return [SmsPart(count_or_gap_text(text, 0, answer), PHRASE_ROOM if answer.is_whole else GAP_ROOM)]
    return [*parts, *(SmsPart(text, PHRASE_ROOM + size) for text, size in regions)]


def count_incidents(rows: Sequence[Row], within_km: float) -> list[tuple[str, int]]:
    """Count attacks, then conflicts, by what is known of their distance. Each text has the length of the name in it."""
    texts = []
    km = format_number(within_km)
    for is_attack in (True, False):
        kind = [row for row in rows if bool(row["is_attack"]) == is_attack]
        areas = Counter(
            (row["location_precision"], str(row["area_name"])) for row in kind if _has_value(row["area_name"])
        )
        unnamed = Counter(row["nearness"] for row in kind if not _has_value(row["area_name"]))
        if unnamed["certain"]:
            text = _("{count} within {km} km").format(count=_kind_count(unnamed["certain"], is_attack=is_attack), km=km)
            texts.append((text, 0))
        for (precision, name), count in areas.items():
            where = area_name_text(precision, name)
            texts.append((f"{_kind_count(count, is_attack=is_attack)} {where}", len(name)))
        if unnamed["possible"]:
            perhaps = _kind_count(unnamed["possible"], is_attack=is_attack)
            texts.append((_("perhaps {count} within {km} km").format(count=perhaps, km=km), 0))
    return texts


def _kind_count(count: int, *, is_attack: bool) -> str:
    text = (
        ngettext("{n} attack", "{n} attacks", count) if is_attack else ngettext("{n} conflict", "{n} conflicts", count)
    )
    return text.format(n=format_number(count))


def count_part(text: str, count: int, answer: LayerCoverage) -> SmsPart:
    """Return a count as a part of an SMS, or the gap in the data that stands for it."""
    return SmsPart(count_or_gap_text(text, count, answer), COUNT_ROOM if count or answer.is_whole else GAP_ROOM)


def source_part(answer: LayerCoverage) -> SmsPart:
    """Return the register and the date of its data, as a part of an SMS that is the same in every language."""
    source = max(answer.sources, key=lambda source: source.snapshot_on, default=None)
    if source is None or not answer.is_covered:
        return SmsPart("", 0)
    date = f" {source.as_of.isoformat()}" if source.as_of else ""
    return name_part(f"{source.publisher or source.title or source.source_id}{date}")


def count_or_gap_text(text: str, count: int, answer: LayerCoverage) -> str:
    """Format a count. If it is 0 and the layer is not fully covered, describe the gap instead."""
    if count or answer.is_whole:
        return text.format(n=count)
    kinds = coverage_text.layer_noun(answer.layer)
    if answer.is_covered:
        share = format_share(answer.share, decimals=0)
        return _("{kinds}: none recorded in {share}, no data on the rest").format(kinds=kinds, share=share)
    no_data = answer.verdict is Verdict.NO_DATA
    return (_("{kinds}: no data here") if no_data else _("{kinds}: not known here")).format(kinds=kinds)


def _feature_name(row: Row) -> str:
    return escape_markdown(str(row["name"])) if _has_value(row["name"]) else _("without a name")


def _has_value(value: Any) -> bool:
    return not is_missing(value)


def join_sms_parts(parts: Iterable[SmsPart]) -> str:
    """Join parts in order of importance, leaving out each one that does not fit the SMS in some language."""
    text, room = "", 0
    for part in parts:
        plain = to_sms_alphabet(part.text)
        longer = f"{text}; {plain}" if text else plain
        if plain and room + part.room <= MAX_CHARACTERS and fits_sms(longer):
            text, room = longer, room + part.room + len("; ")
    return text
