"""A map in Python: what pages and commands answer, as frames, for notebooks and scripts."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import geopandas as gpd
import pandas as pd

from lindero.app.answers.changes.register_changes import COLUMNS, change_reports
from lindero.app.answers.defaults import NEAR_KM
from lindero.app.answers.hotspots.choices import Of, Over, Per
from lindero.app.answers.hotspots.question import Question
from lindero.app.answers.hotspots.report import hotspot_report
from lindero.app.answers.overlap.overlaps import overlap_report
from lindero.app.answers.overlap.row_selection import Side, layer_of
from lindero.app.answers.place import place_text
from lindero.app.answers.place.nearby import feature_frame, nearby
from lindero.app.answers.place.place_search import find_place
from lindero.app.answers.place.position_search import Found, Unknown, found_at
from lindero.app.answers.place.spot import Spot, area_of
from lindero.app.answers.ranking.exposure import IN_FORCE, WEIGHTS, measure_exposure
from lindero.app.answers.ranking.weights import weights_in
from lindero.app.drawing import notebook_map
from lindero.app.record.incidents import find_country
from lindero.geo.geometry.units import MIN_HA
from lindero.layers.database import coverage, map_database
from lindero.layers.disk import builds
from lindero.layers.errors import N_, AnswerError, NotBuiltError
from lindero.layers.model.schema import LAYERS
from lindero.layers.reference.base_data import Bounds
from lindero.layers.workspace.manifest_file import MANIFEST, load
from lindero.layers.workspace.rivers import networks

if TYPE_CHECKING:
    import folium

_NEAR = ("concessions", "communities", "protected_areas", "incidents")
_WEB = ("http://", "https://")


def open_map(path_or_url: str | Path) -> "Map":
    """
    Open a map to ask it: a workspace's folder, a folder of builds, the file of a map, or its address on a web server.

    Nothing is written. At an address, only the parts of the file that a question needs are asked for, and whoever runs
    the server sees that (the server has to answer ranges of bytes).

    Raises
    ------
    NotBuiltError
        If there is no map: a workspace has to be built first (`lindero build`).
    DamagedMapError
        If what is there cannot be read as a map.

    Examples
    --------
    >>> import lindero
    >>> with lindero.open(workspace) as map:
    ...     map.layers["communities"] > 0
    True
    """
    named = str(path_or_url)
    if named.startswith(_WEB):
        return Map(map_database.connect_to(named), country="")
    path = Path(path_or_url)
    if path.joinpath(MANIFEST).is_file():
        space = load(path)
        con = map_database.connect(builds.current_map(space.build_folder))
        return Map(con, country=space.country, folder=path)
    if path.is_dir():
        return Map(map_database.connect(builds.current_map(path)), country="")
    if not path.is_file():
        raise NotBuiltError(N_("there is no map at {path}"), path=path)
    return Map(map_database.connect(path), country="")


class Map:
    """
    A map that is open to be read: `lindero.open` gives it. Areas are hectares on the ellipsoid, coordinates OGC:CRS84.

    What a frame does not hold may be there all the same: `coverage` says where the map has data of each layer.
    """

    def __init__(self, con: map_database.Connection, *, country: str, folder: Path | None = None) -> None:
        self._con = con
        self._folder = folder  # of the workspace, whose own rivers count
        self._country = country

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        layers = ", ".join(f"{name}: {count:,}" for name, count in self.layers.items())
        return f"<lindero map of {layers}>"

    def close(self) -> None:
        """Close the map's file."""
        self._con.close()

    @property
    def layers(self) -> dict[str, int]:
        """
        How many rows each layer has, over all snapshots; only layers that have any.

        Examples
        --------
        >>> sorted(map.layers)[:3]
        ['acts', 'case_steps', 'communities']
        """
        counts = map_database.counts(self._con)
        return {name: counts[name] for name in LAYERS if counts[name]}

    @property
    def sources(self) -> pd.DataFrame:
        """
        Every snapshot of every source: publisher, licence, dates, rows received, kept and rejected.

        Examples
        --------
        >>> set(map.sources["layer"]) >= {"concessions", "communities"}
        True
        """
        return map_database.read_table(self._con, "sources")

    @property
    def coverage(self) -> gpd.GeoDataFrame:
        """
        Where the current snapshots have data, by layer. Elsewhere nothing is known: no row is no zero.

        Examples
        --------
        >>> "concessions" in set(map.coverage["layer"])
        True
        """
        rows = coverage.read(self._con)
        return rows[rows["is_current"]].reset_index(drop=True)

    def read(
        self, layer: str, *, bounds: Bounds | None = None, source: str = "", where: Sequence[str] = ()
    ) -> gpd.GeoDataFrame:
        """
        Read the current rows of a layer, each event once.

        Parameters
        ----------
        bounds
            Only what meets these (west, south, east, north in degrees).
        source
            `ID`, or `ID@YYYY-MM-DD` for an earlier snapshot.
        where
            Conditions such as `kind=mining`, `granted_on>=2024-01-01` or `name~agua` (contains).

        Raises
        ------
        AnswerError
            If there is no such layer, source or column, or no row is like that: with what there is.

        Examples
        --------
        >>> mining = map.read("concessions", where=["kind=mining"])
        >>> set(mining["kind"]), mining.crs.to_string()
        ({'mining'}, 'OGC:CRS84')
        """
        return self._side(layer, source, where, bounds).read(self._con)

    def overlaps(
        self,
        left: str,
        right: str,
        *,
        left_where: Sequence[str] = (),
        right_where: Sequence[str] = (),
        bounds: Bounds | None = None,
        min_ha: float = MIN_HA,
        without_duplicates: bool = False,
    ) -> gpd.GeoDataFrame:
        """
        Return where two layers share ground, largest first: ids, names, hectares, both shares, certainty, the shape.

        With `without_duplicates`, rows of a layer that repeat the ground of another row are left out.

        Examples
        --------
        >>> pairs = map.overlaps("concessions", "communities")
        >>> bool((pairs["area_ha"].diff().dropna() <= 0).all())
        True
        """
        sides = (self._side(left, "", left_where, bounds), self._side(right, "", right_where, bounds))
        report = overlap_report(
            self._con,
            *sides,
            min_ha=min_ha,
            with_geometry=True,
            registers="refuse",
            without_duplicates=without_duplicates,
        )
        return gpd.GeoDataFrame(report.pairs)

    def near(
        self, *place: float | str, km: float = NEAR_KM, layers: Sequence[str] = _NEAR, country: str = ""
    ) -> gpd.GeoDataFrame:
        """
        Give what lies within a distance of a place, nearest first, by geodesic metres to its edge; 0 inside.

        Parameters
        ----------
        place
            Latitude and longitude in degrees, or a text: a name, or a position as people write it. A name of an area
            means all of it: what shares ground with it has the distance 0.
        country
            Where a name is looked for: the workspace's own country unless another (`CO`) or `all` is asked for.

        Raises
        ------
        AnswerError
            If the text may mean several places, or none.

        Examples
        --------
        >>> found = map.near(-12.409, -70.39, km=10)
        >>> float(found["distance_m"].iloc[0])
        0.0
        """
        spot = self._spot(place, find_country(country, self._country))
        wanted = [layer_of(name) for name in layers]
        return gpd.GeoDataFrame(feature_frame(nearby(self._con, spot, within_km=km, layers=wanted)))

    def changes(self, since: str | dt.date, *, until: str = "", source: str = "") -> pd.DataFrame:
        """
        Give what is new, gone or changed in the registers since a day, one row a change.

        Examples
        --------
        >>> len(map.changes("2025-01-01")) > 0
        True
        """
        reports = change_reports(self._con, since=str(since), until=until, source=source)
        return pd.concat([one.rows for one in reports]) if reports else pd.DataFrame(columns=COLUMNS)

    def exposure(
        self, *, statuses: Sequence[str] = IN_FORCE, weights: Sequence[str] = (), without_duplicates: bool = False
    ) -> gpd.GeoDataFrame:
        """
        Return how exposed each community is, the most exposed first, of those of which enough is known to rank them.

        With `without_duplicates`, rows that repeat the ground of another row are left out.

        Examples
        --------
        >>> map.exposure()["rank"].is_monotonic_increasing
        True
        """
        own = networks(self._folder) if self._folder else ()
        weighed = weights_in(weights, WEIGHTS)
        measured = measure_exposure(self._con, statuses, rivers=own, without_duplicates=without_duplicates)
        return gpd.GeoDataFrame(measured.ranked(weighed).rows)

    def hotspots(
        self,
        of: str = "attacks",
        *,
        over: str = "h3",
        per: str | None = None,
        within: str = "",
        country: str = "",
        **more: Any,
    ) -> gpd.GeoDataFrame:
        """
        Compare places by what is on record there, hotspots first (Gi*, permutations, false discovery rate).

        The record and the ground are those of the workspace's own country, as on the page and in the command, unless
        another `country` (`CO`) or `all` is asked for, or `within` names an area. `more` are the other
        fields of `app.answers.hotspots.question.Question`: `resolution`, `since`, `until`, `draws`, `seed`.

        Examples
        --------
        >>> found = map.hotspots("titles", resolution=4, draws=2)
        >>> {"id", "name", "count"} <= set(found.columns)
        True
        """
        question = Question(Of(of), Over(over), None if per is None else Per(per), within=within, **more)
        of_country = find_country(country, self._country)
        return gpd.GeoDataFrame(hotspot_report(self._con, question, country=of_country).rows)

    def sql(self, query: str, *values: object) -> pd.DataFrame:
        """
        Ask the database itself, which cannot be written to (`docs/data-model.md` has its tables).

        Examples
        --------
        >>> map.sql("SELECT count(*) > 0 AS any FROM concessions WHERE kind = ?", "mining")["any"].item()
        True
        """
        return self._con.execute(query, list(values)).df()

    def explore(self, *layers: str, bounds: Bounds | None = None, **frames: gpd.GeoDataFrame) -> "folium.Map":
        """
        Draw layers, and frames over them, on a folium map, as a notebook shows it.

        All that it needs is inside it, the background, too: no server is asked for tiles or scripts.

        Parameters
        ----------
        frames
            Each by the name that stands in the legend (`_` for a space); its column `colour`, such as `#b2182b`, says
            how each of its rows is drawn.

        Examples
        --------
        >>> picture = map.explore("communities", hotspots=map.hotspots("titles", resolution=4, draws=2))
        >>> "https://" in picture.get_root().render()
        False
        """
        usual = () if frames else ("protected_areas", "communities", "concessions")
        named = layers or [name for name in usual if self.layers.get(name)]
        rows = {name: self.read(name, bounds=bounds) for name in named} | frames
        current = self.sources[lambda each: each["layer"].isin(rows) & each["is_current"]]
        return notebook_map.folium_map(rows, attribution=", ".join(sorted(set(current["publisher"].dropna()))))

    def _side(self, layer: str, source: str, where: Sequence[str], bounds: Bounds | None) -> Side:
        return Side.named(layer_of(layer), source, where, ",".join(map(repr, bounds)) if bounds else "")

    def _spot(self, place: tuple[float | str, ...], country: str) -> Spot:
        match place:
            case (float() | int() as lat, float() | int() as lon):
                found = found_at(float(lat), float(lon))
            case (str() as text,):
                answer = find_place(text, self._con, country, abroad=not country)
                if not isinstance(answer, Found):
                    why = (
                        place_text.unknown(answer, text)
                        if isinstance(answer, Unknown)
                        else place_text.question(answer, text)
                    )
                    raise AnswerError(N_("{text} names no one place: {why}"), text=text, why=why)
                found = answer
            case _:
                raise AnswerError(N_("a place is a latitude and a longitude, or one text"))
        area = area_of(self._con, found.place)
        return Spot(place_text.place_name(found), found.latitude, found.longitude, area)
