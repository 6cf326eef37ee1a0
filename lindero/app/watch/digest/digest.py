"""A digest: what a reader is told about the watched land on a promised date, in their language.

It is composed from what `lindero publish` would publish. It contains neither the name that the operator gave the watch,
nor the recipient, nor an own polygon.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import blake2b
from typing import NamedTuple

import geopandas as gpd
import pandas as pd
import shapely

from lindero.app.answers.changes.event_text import recency_lines
from lindero.app.answers.changes.events import EVERYTHING, Event, rank_events
from lindero.app.answers.changes.watchlist import (
    COMMUNITY,
    HOLDER,
    POLYGON,
    PROTECTED_AREA,
    REGION,
    resolve_key,
)
from lindero.app.answers.coverage import coverage_text
from lindero.app.answers.coverage.coverage import read_coverage
from lindero.app.answers.coverage.coverage_text import WATCHED
from lindero.app.answers.coverage.reach import Reach, measure_reach
from lindero.app.media.phone.about import Subject, find_scope
from lindero.app.media.phone.client_words import run_in_language
from lindero.app.media.site.pack import build_pack, find_published_id
from lindero.app.media.site.select import Publication
from lindero.app.text import i18n
from lindero.app.text.escape import remove_markup
from lindero.app.text.i18n import _, format_number, ngettext
from lindero.app.watch.digest.published_events import publish_events, region_names, to_text
from lindero.geo.registers import name_matching
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection, Source
from lindero.layers.disk import builds
from lindero.layers.errors import AnswerError, PublishError
from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS, CRS, LAYERS, PROTECTED_AREAS, REGIONS
from lindero.layers.reference import base_data
from lindero.layers.watch.source_checks import CURRENT
from lindero.layers.watch.watch_folder import read_salt
from lindero.layers.watch.watches_file import Watch
from lindero.layers.workspace.manifest_file import Workspace

_TOLD_LAYERS = (CONCESSIONS.name, COMMUNITIES.name, PROTECTED_AREAS.name)
MAX_PLACES = 3
_ID_BYTES = 8
Published = tuple[Publication, Connection]
"""A publication and its map, as `app.media.site.pack.open_published_map` yields them."""
PocketMap = tuple[str, str]
"""The file name and the page of a pocket map."""


class _Area(NamedTuple):
    """A watched area: its key and id in the map, and its published name and outline."""

    key: str
    kind: str
    id: str
    name: str
    shape: shapely.Geometry | None


@dataclass(frozen=True)
class Digest:
    """The notice of one watch on one date, with published values only.

    `gaps`: what is not known on the watched land. Without `has_data`, nothing is known of concessions there. `ground`:
    the watched communities, protected areas and regions, in degrees.
    """

    id: str
    watch_id: str
    title: str
    places: tuple[str, ...]
    language: str
    since: dt.date
    until: dt.date
    events: tuple[Event, ...] = ()
    event_ids: tuple[str, ...] = field(default=(), repr=False)
    recency: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    gaps: str = ""
    has_data: bool = True
    is_checked: bool = True
    next_on: dt.date | None = None
    needs_confirmation: bool = False
    is_invented: bool = False
    data_on: dt.date | None = None
    ground: tuple[shapely.Geometry, ...] = field(default=(), repr=False)
    pocket_map: PocketMap | None = field(default=None, repr=False)

    @property
    def is_heartbeat(self) -> bool:
        """Whether there is nothing new."""
        return not self.events


def compose_digest(
    space: Workspace,
    watch: Watch,
    events: Iterable[Event],
    *,
    today: dt.date,
    since: dt.date,
    published: Published,
    states: Mapping[str, str] | None = None,
    checked_on: Mapping[str, dt.date] | None = None,
    next_on: dt.date | None = None,
    needs_confirmation: bool = False,
    pocket_maps: MutableMapping[str, PocketMap | None] | None = None,
) -> Digest:
    """Create the digest of a watch in the language of the watch.

    `states`: the health of sources by id (`layers.watch.source_checks`). Sources without one count as current.
    """
    pub, con = published
    salt = read_salt(space.folder)
    with map_database.connect(builds.current_map(space.build_folder)) as map_con:
        areas = [_find_area(published, map_con, key) for key in watch.areas]
    ranked = rank_events(events, [area.key for area in areas])
    own_first = [_put_own_places_first(event, {area.key for area in areas}) for event in ranked]
    told = list(publish_events(pub, own_first, partial(_hash_id, salt, "event")))
    pocket_map = None
    if told and watch.form == "full" and len(areas) == 1:
        pocket_maps = {} if pocket_maps is None else pocket_maps
        if areas[0].key not in pocket_maps:
            pocket_maps[areas[0].key] = _build_pocket_map(space, published, areas[0], today)
        pocket_map = pocket_maps[areas[0].key]
    ground = tuple(area.shape for area in areas if area.shape is not None)
    sources = _list_sources(con)
    new_states = {pub.new_sources[own]: state for own, state in (states or {}).items() if own in pub.new_sources}
    new_checks = {pub.new_sources[own]: day for own, day in (checked_on or {}).items() if own in pub.new_sources}
    stale = [source for source in sources if new_states.get(source.source_id, CURRENT) != CURRENT]
    reach = _measure_reach(con, ground, {area.kind for area in areas})
    has_data = reach is None or reach.is_covered
    is_checked = any(
        max(new_checks.get(source.source_id, dt.date.min), source.as_of or dt.date.min) >= since
        for source in sources
        if source.layer == sources[0].layer  # concessions, if there are any
    )

    def compose() -> Digest:
        places = tuple(_area_name(pub, area) for area in areas)
        return Digest(
            id=_hash_id(salt, "digest", watch.name, today.isoformat()),
            watch_id=_hash_id(salt, "watch", watch.name),
            title=_title(places, len(told), has_data=has_data, is_checked=is_checked),
            places=places,
            language=watch.language,
            since=since,
            until=today,
            events=tuple(event for _id, event in told),
            event_ids=tuple(id_ for id_, _event in told),
            recency=tuple(recency_lines(sources, new_checks, {source.source_id for source in stale})),
            stale=tuple(source.title for source in stale),
            gaps=remove_markup(coverage_text.reach_text(reach)) if reach else "",
            has_data=has_data,
            is_checked=is_checked,
            next_on=next_on,
            needs_confirmation=needs_confirmation,
            is_invented=any(source.invented for source in sources),
            data_on=_data_date(sources),
            ground=ground,
            pocket_map=pocket_map,
        )

    return run_in_language(watch.language, compose)


def _hash_id(salt: bytes, *parts: str) -> str:
    """Return an id that is the same for the same parts, and reveals none of them."""
    return blake2b("\0".join(parts).encode(), digest_size=_ID_BYTES, key=salt).hexdigest()


def _find_area(published: Published, map_con: Connection, key: str) -> _Area:
    """Return a watched area with its published name and outline. An id of an earlier map is followed to today's."""
    pub, con = published
    kind, _slash, id_ = key.partition("/")
    layer = {COMMUNITY: COMMUNITIES.name, PROTECTED_AREA: PROTECTED_AREAS.name, REGION: REGIONS.name}.get(kind, "")
    new_ids = pub.new_ids.get(layer, pd.Series(dtype=object))
    if id_ not in new_ids.index and kind in {COMMUNITY, PROTECTED_AREA}:
        key = resolve_key(map_con, key)[0] or key
        id_ = key.partition("/")[2]
    if id_ in new_ids.index:
        row = map_database.read_layer(con, LAYERS[layer], where={"id": new_ids[id_]}).iloc[0]
        return _Area(key, kind, id_, to_text(row["name"]), row["geometry"])
    if kind == REGION:
        regions = base_data.load_regions().set_index("code")
        return _Area(key, kind, id_, region_names().get(id_, ""), regions.geometry.get(id_))
    return _Area(key, kind, id_, _published_holder(pub, id_) if kind == HOLDER else "", None)


def _published_holder(pub: Publication, name: str) -> str:
    """Return a holder's name as the publication spells it; empty if it does not have the holder."""
    rows = pub.layers.get(CONCESSIONS.name, pd.DataFrame())
    spellings = list(rows["holder"].dropna().unique()) if "holder" in rows else []
    return next((str(spelling) for spelling in spellings if name_matching.key(spelling) == name_matching.key(name)), "")


def _area_name(pub: Publication, area: _Area) -> str:
    """Return the name of an area. An own polygon, which is not published, has none."""
    names = {POLYGON: _("Your area"), EVERYTHING: pub.title}
    return area.name or names.get(area.kind) or _("A place without a name")


def _put_own_places_first(event: Event, keys: Collection[str]) -> Event:
    return replace(event, places=tuple(sorted(event.places, key=lambda place: place.key not in keys)))


def _title(places: Sequence[str], count: int, *, has_data: bool, is_checked: bool) -> str:
    """Return the subject of a message: the watched places and the number of events."""
    rest_count = len(places) - MAX_PLACES
    rest = [ngettext("{n} more", "{n} more", rest_count).format(n=format_number(rest_count))] if rest_count > 0 else []
    values = {"places": i18n.join_texts([*places[:MAX_PLACES], *rest]), "n": format_number(count)}
    if not count and not has_data:
        return _("{places}: no data on concessions").format(**values)
    if not count:
        return (_("{places}: nothing new") if is_checked else _("{places}: no new data")).format(**values)
    return ngettext("{places}: {n} update", "{places}: {n} updates", count).format(**values)


def _list_sources(con: Connection) -> list[Source]:
    """Return the current sources of registers that events are about, those of concessions first."""
    sources = [
        source for source in map_database.read_sources(con) if source.is_current and source.layer in _TOLD_LAYERS
    ]
    return sorted(sources, key=lambda source: (_TOLD_LAYERS.index(source.layer), source.title))


def _data_date(sources: Iterable[Source]) -> dt.date | None:
    """Return the date of the latest register of concessions; None if no source states one."""
    return max((source.as_of for source in sources if source.layer == CONCESSIONS.name and source.as_of), default=None)


def _measure_reach(con: Connection, ground: Sequence[shapely.Geometry], kinds: Collection[str]) -> Reach | None:
    """Return how much of the watched land the registers of concessions cover; None without land."""
    if not ground:
        return None
    layers = {COMMUNITY: COMMUNITIES.name, REGION: REGIONS.name, PROTECTED_AREA: PROTECTED_AREAS.name}
    layer = layers.get(next(iter(kinds)), WATCHED) if len(kinds) == 1 else WATCHED
    covered = read_coverage(con, layers=[CONCESSIONS.name])
    return measure_reach(covered, CONCESSIONS.name, gpd.GeoSeries(list(ground), crs=CRS), feature_layer=layer)


def _build_pocket_map(space: Workspace, published: Published, area: _Area, today: dt.date) -> PocketMap | None:
    """Return the pocket map of a community or region; None for another area, or if it is too large to send."""
    subject = {COMMUNITY: Subject.COMMUNITY, REGION: Subject.REGION}.get(area.kind)
    if subject is None:
        return None
    pub, con = published
    try:
        scope = find_scope(con, subject, find_published_id(pub, subject, area.id))
        with map_database.connect(builds.current_map(space.build_folder)) as map_con:
            pack = build_pack(con, map_con, pub, scope, today=today)
    except (AnswerError, PublishError):  # a place without an outline, or too much for one page
        return None
    return pack.file_name, pack.html
