"""Setting up a watch: the areas that a text means, an own polygon from a file, and saving."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import shapely

from lindero.app.answers.changes import watchlist
from lindero.app.answers.changes.events import Event, list_case_events, list_register_events
from lindero.app.answers.place import place_text
from lindero.app.answers.place.place_search import find_place
from lindero.app.answers.place.position_search import Candidates, FoundPlace
from lindero.app.answers.place.spot import find_area
from lindero.app.answers.place.topic_search import HOLDER
from lindero.app.media.site.pack import open_published_map
from lindero.app.text import i18n
from lindero.app.text.codes import translate_code
from lindero.app.text.i18n import _, ngettext
from lindero.app.watch.digest.estimate import Estimate, estimate_messages, estimate_text, select_events
from lindero.app.watch.digest.send import display_recipient
from lindero.app.watch.due_messages import forget_comparison
from lindero.app.watch.operator_notices import OPERATOR, delete_notices
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection
from lindero.layers.disk import builds
from lindero.layers.errors import N_, AnswerError, SourceError
from lindero.layers.model.schema import CASE_STEPS, CRS, REGIONS
from lindero.layers.read import reader
from lindero.layers.read.sandbox.client import repair_polygons
from lindero.layers.reference import base_data
from lindero.layers.reference.gazetteer import Place
from lindero.layers.watch import outbox, watches_file
from lindero.layers.watch.watch_values import AREA_KINDS
from lindero.layers.watch.watches_file import EVERYTHING, FOLDER, POLYGON, Watch
from lindero.layers.workspace.manifest_file import Workspace

_WORLD = shapely.box(-180, -90, 180, 90)
_DECIMALS = 6  # of a degree: 0.1 m


class WatchArea(NamedTuple):
    """An area for a watch: its keys, one for each of its polygons on the map, and its name with its kind."""

    keys: tuple[str, ...]
    name: str


def choose_area(con: Connection, text: str, country: str) -> WatchArea:
    """Return the area that a text means: a key, or the name of a community, a region, a protected area or a holder."""
    text = text.strip()
    if text.lower() in {EVERYTHING, _("everything"), area_name(con, EVERYTHING)}:
        return WatchArea((EVERYTHING,), area_name(con, EVERYTHING))
    if text.partition("/")[0] in AREA_KINDS:
        (place,) = watchlist.find_watched_places(con, [text])
        return WatchArea((place.key,), place.name)
    found = find_place(text, con, country)
    places = [found] if isinstance(found, FoundPlace) else found.choices if isinstance(found, Candidates) else ()
    topics = found.topics if isinstance(found, Candidates) else ()
    choices = [
        WatchArea(keys, place_text.format_choice(place)) for place in places if (keys := _place_keys(con, place.place))
    ]
    choices += [
        WatchArea((f"{watchlist.HOLDER}/{topic.name}",), place_text.topic_name(topic))
        for topic in topics
        if topic.kind == HOLDER
    ]
    if len(choices) == 1 and not (isinstance(found, Candidates) and (found.why == "alike" or found.more)):
        return choices[0]
    if not choices:
        raise AnswerError(
            N_(
                "'{text}' is not a community, a region, a protected area or a holder on the map; for another area, "
                "give a file with its outline (--polygon)"
            ),
            text=text,
        )
    listed = "; ".join(f"{choice.keys[0]} = {choice.name}" for choice in choices)
    raise AnswerError(
        N_("'{text}' may mean several areas; write one of these keys instead: {choices}"), text=text, choices=listed
    )


def list_areas(space: Workspace, texts: Sequence[str]) -> list[WatchArea]:
    """Return the area that each text means, as `choose_area`."""
    with map_database.connect(builds.current_map(space.build_folder)) as con:
        return [choose_area(con, text, space.country) for text in texts if text.strip()]


def area_name(con: Connection, key: str) -> str:
    """Return the name of a watched area; its key if the map does not have it any more."""
    names = {EVERYTHING: _("everything on the map"), POLYGON: _("own polygon")}
    try:
        return names.get(key) or watchlist.find_watched_places(con, [key])[0].name
    except AnswerError:
        return key


def _place_keys(con: Connection, place: Place | None) -> tuple[str, ...]:
    """Return the keys of a place. Empty for a place that cannot be watched, such as a town."""
    area = find_area(con, place)
    if place is None or area is None:
        return ()
    if area.layer == REGIONS.name:
        is_region = place.kind in ("region", "department")  # a province, too, may be called Cajamarca
        code = base_data.load_region_codes().get((place.country, place.name), "") if place.layer else place.code
        return (f"{watchlist.REGION}/{code}",) if code and is_region else ()
    kind = watchlist.KINDS_BY_LAYER.get(area.layer)
    return tuple(f"{kind}/{id_}" for id_ in area.ids) if kind else ()


def read_polygon(file: Path) -> str:
    """Return the union of the polygons of a file as WKT, in degrees."""
    received = reader.read(file)
    geometry = gpd.GeoSeries([] if received.geometry is None else received.geometry.dropna())
    shapes = gpd.GeoSeries(geometry[geometry.geom_type.isin(["Polygon", "MultiPolygon"])])
    if shapes.empty:
        raise SourceError(N_("{file} contains no polygon"), file=file.name)
    if received.crs is None and not _WORLD.covers(shapely.box(*shapes.total_bounds)):
        raise SourceError(N_("{file} does not state its coordinate reference system"), file=file.name)
    areas = shapes.set_crs(received.crs or CRS, allow_override=True).to_crs(CRS)
    polygons = np.array([shapely.MultiPolygon([*shapely.get_parts(areas.to_numpy())])], dtype=object)
    (union,) = repair_polygons(polygons, ["1"], file.name)
    return str(shapely.to_wkt(shapely.set_precision(union.ground, 10.0**-_DECIMALS), rounding_precision=_DECIMALS))


@dataclass(frozen=True)
class WatchDraft:
    """A watch that is not saved yet, the messages that it would have sent, and the events that will not be told.

    `is_change` is whether it replaces a watch of the same name.
    """

    watch: Watch
    estimate: Estimate
    seen: frozenset[str]
    is_change: bool = False


def draft_watch(space: Workspace, watch: Watch, *, today: dt.date) -> WatchDraft:
    """Prepare a new or changed watch. Existing events in an added area, or of an added kind, count as seen."""
    watches_file.check_watch(space.folder, watch)
    earlier = next((old for old in watches_file.read_watches(space.folder) if old.slug == watch.slug), None)
    if earlier is not None:
        watch = replace(watch, created_on=earlier.created_on)
    with map_database.connect(builds.current_map(space.build_folder)) as con:
        events = list_all_events(space, con, today=today)
        seen = {event.id for event in select_events(con, events, watch)}
        if earlier is not None:
            seen -= {event.id for event in select_events(con, events, earlier)}
        return WatchDraft(
            watch, estimate_messages(con, watch, today, events=events), frozenset(seen), earlier is not None
        )


def save_draft(space: Workspace, draft: WatchDraft) -> None:
    """Save a watch. Events are marked as seen first: a process that is killed in between then tells nothing wrong."""
    outbox.add_seen(space.folder, draft.watch.name, draft.seen)
    watches_file.save_watch(space.folder, draft.watch)


def draft_texts(draft: WatchDraft) -> list[str]:
    """Return what a person should know before saving: the watch, its estimate, and what it will not tell."""
    texts = [watch_text(draft.watch), estimate_text(draft.estimate)]
    if not draft.is_change:
        texts.append(_("The first message tells the applications and grants of the last 12 months, by their dates."))
    if count := len(draft.seen):
        text = ngettext(
            "{n} change that is on the map already will not be told otherwise.",
            "{n} changes that are on the map already will not be told otherwise.",
            count,
        )
        texts.append(text.format(n=i18n.format_number(count)))
    if draft.is_change:
        texts.append(_("There is a watch of this name; it will be replaced."))
    return texts


def remove_with_messages(folder: Path, watch: Watch) -> None:
    """Remove a watch with its messages and every file that names it or its recipient."""
    watches_file.remove_watch(folder, watch.name)
    for name in (watch.name, OPERATOR):  # whom a notice may name
        outbox.delete_messages(folder, name)
    forget_comparison(folder, watch.slug)
    delete_notices(folder)


def watch_text(watch: Watch) -> str:
    """Return what a watch tells, how often, in which form and to whom, as one line."""
    kinds = ", ".join(translate_code(kind) for kind in watch.kinds) or _("all changes")
    how = translate_code(watch.frequency), translate_code(watch.form), i18n.own_name(watch.language)
    return " · ".join([kinds, *how, channel_text(watch)])


def channel_text(watch: Watch) -> str:
    """Return who a watch tells. Of a URL, which may contain a secret, only the service is shown."""
    return _("files in a folder") if watch.channel == FOLDER else display_recipient(watch.channel)


def list_all_events(space: Workspace, con: Connection, *, today: dt.date) -> list[Event]:
    """List the events of a workspace's map. Steps of court cases are those of a publication."""
    events = list_register_events(con, None, today)
    if map_database.read_table(con, CASE_STEPS.name).empty:
        return events
    with open_published_map(space, today=today) as (_pub, published):
        return [*events, *list_case_events(published)]
