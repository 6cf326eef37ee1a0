"""The Python API of a map: the answers of pages and commands as frames, for notebooks and scripts."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import geopandas as gpd
import pandas as pd

from lindero.app.answers.changes.register_changes import COLUMNS, change_reports
from lindero.app.answers.declared_answers import DECLARED
from lindero.app.answers.defaults import NEAR_KM
from lindero.app.answers.hotspots.choices import CountedQuantity, PlaceKind, RateBase
from lindero.app.answers.hotspots.question import Question
from lindero.app.answers.hotspots.report import hotspot_report
from lindero.app.answers.overlap.overlaps import overlap_report
from lindero.app.answers.overlap.row_selection import Side, get_layer
from lindero.app.answers.place import place_text
from lindero.app.answers.place.nearby import feature_frame, find_nearby_features
from lindero.app.answers.place.place_search import find_place
from lindero.app.answers.place.position_search import FoundPlace, UnknownPlace, locate_position
from lindero.app.answers.place.spot import Spot, locate_spot
from lindero.app.answers.ranking.exposure import WEIGHTS, measure_exposure
from lindero.app.answers.ranking.weights import parse_weights
from lindero.app.answers.record.incidents import find_country
from lindero.app.media.pages.maps import notebook_map
from lindero.geo.geometry.units import MIN_HA
from lindero.geo.stats.exposure import STATUSES_IN_FORCE
from lindero.layers.database import coverage, map_database
from lindero.layers.disk import builds
from lindero.layers.errors import N_, AnswerError, NotBuiltError
from lindero.layers.model.schema import LAYERS
from lindero.layers.reference.base_data import Bounds
from lindero.layers.workspace.manifest_file import MANIFEST, load_workspace
from lindero.layers.workspace.rivers import load_networks

if TYPE_CHECKING:
    import folium

_NEAR = ("concessions", "communities", "protected_areas", "incidents")
_WEB = ("http://", "https://")


def open_map(path_or_url: str | Path) -> "Map":
    """Open a map for queries: a workspace folder, a folder of builds, a map file, or the URL of a map file.

    Nothing is written. From a URL, only the parts of the file that a query needs are requested. The operator of that
    server can see these requests, and the server must support HTTP range requests.

    Raises
    ------
    NotBuiltError
        If there is no map: a workspace has to be built first (`lindero build`).
    DamagedMapError
        If the file cannot be read as a map.

    Examples
    --------
    >>> import lindero
    >>> with lindero.open(workspace) as map:
    ...     map.layers["communities"] > 0
    True
    """
    location = str(path_or_url)
    if location.startswith(_WEB):
        return Map(map_database.connect_remote(location), country="")
    path = Path(path_or_url)
    if path.joinpath(MANIFEST).is_file():
        space = load_workspace(path)
        con = map_database.connect(builds.current_map(space.build_folder))
        return Map(con, country=space.country, folder=path)
    if path.is_dir():
        return Map(map_database.connect(builds.current_map(path)), country="")
    if not path.is_file():
        raise NotBuiltError(N_("there is no map at {path}"), path=path)
    return Map(map_database.connect(path), country="")


class Map:
    """A map that `lindero.open` has opened for reading.

    Areas are in hectares on the ellipsoid, coordinates in OGC:CRS84. A missing row does not mean that nothing exists:
    `coverage` is the area in which the map has data of each layer.
    """

    def __init__(self, con: map_database.Connection, *, country: str, folder: Path | None = None) -> None:
        self._con = con
        self._folder = folder  # the workspace, for its own rivers
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
        """Close the map file."""
        self._con.close()

    @property
    def layers(self) -> dict[str, int]:
        """The number of rows of each layer that has any, over all snapshots.

        Examples
        --------
        >>> sorted(map.layers)[:3]
        ['acts', 'case_steps', 'communities']
        """
        counts = map_database.count_rows(self._con)
        return {name: counts[name] for name in LAYERS if counts[name]}

    @property
    def sources(self) -> pd.DataFrame:
        """Every snapshot of every source: publisher, licence, dates, and rows received, kept and rejected.

        Examples
        --------
        >>> set(map.sources["layer"]) >= {"concessions", "communities"}
        True
        """
        return map_database.read_table(self._con, "sources")

    @property
    def coverage(self) -> gpd.GeoDataFrame:
        """The areas in which the current snapshots have data, by layer.

        Nothing is known elsewhere: a place outside them without rows is not a zero.

        Examples
        --------
        >>> "concessions" in set(map.coverage["layer"])
        True
        """
        rows = coverage.read_coverage(self._con)
        return rows[rows["is_current"]].reset_index(drop=True)

    def read(
        self, layer: str, *, bounds: Bounds | None = None, source: str = "", where: Sequence[str] = ()
    ) -> gpd.GeoDataFrame:
        """Read the current rows of a layer. An event that several sources record is returned once.

        Parameters
        ----------
        bounds
            Bounding box (west, south, east, north in degrees): only rows that intersect it are read.
        source
            `ID`, or `ID@YYYY-MM-DD` for an earlier snapshot.
        where
            Conditions such as `kind=mining`, `granted_on>=2024-01-01` or `name~agua` (contains).

        Raises
        ------
        AnswerError
            If there is no such layer, source or column, or no row meets the conditions. The message lists what exists.

        Examples
        --------
        >>> mining = map.read("concessions", where=["kind=mining"])
        >>> set(mining["kind"]), mining.crs.to_string()
        ({'mining'}, 'OGC:CRS84')
        """
        return self._build_side(layer, source, where, bounds).read(self._con)

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
        """Return the overlaps of two layers, largest first: ids, names, hectares, both shares, certainty and geometry.

        With `without_duplicates`, rows of a layer that repeat the polygon of another row are left out.

        Examples
        --------
        >>> pairs = map.overlaps("concessions", "communities")
        >>> bool((pairs["area_ha"].diff().dropna() <= 0).all())
        True
        """
        sides = (self._build_side(left, "", left_where, bounds), self._build_side(right, "", right_where, bounds))
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
        """Return the features within a distance of a place, nearest first.

        Distances are geodesic metres to the edge of a feature, 0 inside it.

        Parameters
        ----------
        place
            Latitude and longitude in degrees, or a text: a name, or a position as people write it. The name of an area
            means the whole area: features that overlap it have the distance 0.
        country
            Where a name is searched: the workspace's country by default; another code (`CO`) or `all`.

        Raises
        ------
        AnswerError
            If the text matches several places, or none.

        Examples
        --------
        >>> found = map.near(-12.409, -70.39, km=10)
        >>> float(found["distance_m"].iloc[0])
        0.0
        """
        spot = self._build_spot(place, find_country(country, self._country))
        layer_models = [get_layer(name) for name in layers]
        return gpd.GeoDataFrame(feature_frame(find_nearby_features(self._con, spot, within_km=km, layers=layer_models)))

    def changes(self, since: str | dt.date, *, until: str = "", source: str = "") -> pd.DataFrame:
        """Return the new, removed and changed entries of the registers since a date, one row per change.

        Examples
        --------
        >>> len(map.changes("2025-01-01")) > 0
        True
        """
        reports = change_reports(self._con, since=str(since), until=until, source=source)
        return pd.concat([report.rows for report in reports]) if reports else pd.DataFrame(columns=COLUMNS)

    def exposure(
        self,
        *,
        statuses: Sequence[str] = STATUSES_IN_FORCE,
        weights: Sequence[str] = (),
        without_duplicates: bool = False,
    ) -> gpd.GeoDataFrame:
        """Rank the communities by exposure, most exposed first.

        Communities with too little data to rank are left out.

        With `without_duplicates`, rows that repeat the polygon of another row are left out.

        Examples
        --------
        >>> map.exposure()["rank"].is_monotonic_increasing
        True
        """
        rivers = load_networks(self._folder) if self._folder else ()
        weights_by_name = parse_weights(weights, WEIGHTS)
        measured = measure_exposure(self._con, statuses, rivers=rivers, without_duplicates=without_duplicates)
        return gpd.GeoDataFrame(measured.rank_communities(weights_by_name).rows)

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
        """Compare places by the events recorded there, hotspots first (Gi*, permutations, false discovery rate).

        By default, events and area are those of the workspace's country, as on the page and in the command. `country`
        names another one (`CO`) or `all`; `within` names an area. `more` are the other fields of
        `app.answers.hotspots.question.Question`: `resolution`, `since`, `until`, `draws`, `seed`.

        Examples
        --------
        >>> found = map.hotspots("titles", resolution=4, draws=2)
        >>> {"id", "name", "count"} <= set(found.columns)
        True
        """
        question = Question(
            CountedQuantity(of), PlaceKind(over), None if per is None else RateBase(per), within=within, **more
        )
        country_code = find_country(country, self._country)
        return gpd.GeoDataFrame(hotspot_report(self._con, question, country=country_code).rows)

    def ask(self, answer: str, **choices: float) -> pd.DataFrame:
        """Return the rows of a declared answer, such as `far`.

        Parameters
        ----------
        answer
            Name of the answer, as of its command.
        **choices
            Values of its choices, as of the options of its command.

        Returns
        -------
        pandas.DataFrame
            The rows that the command writes. `attrs["finding"]` has its sentences, which say what is not known.

        Examples
        --------
        >>> list(map.ask("far", km=1).columns)
        ['id', 'name', 'type', 'source_id']
        """
        if answer not in DECLARED:
            raise AnswerError(
                N_("there is no answer {name}; there are: {names}"), name=answer, names=", ".join(DECLARED)
            )
        found = DECLARED[answer].ask(self._con, choices)
        rows = found[DECLARED[answer].rows].table_rows
        rows.attrs["finding"] = [*found["finding"].sentences]
        return rows

    def sql(self, query: str, *values: object) -> pd.DataFrame:
        """Query the database directly. It is read-only; `docs/data-model.md` lists its tables.

        Examples
        --------
        >>> map.sql("SELECT count(*) > 0 AS any FROM concessions WHERE kind = ?", "mining")["any"].item()
        True
        """
        return self._con.execute(query, list(values)).df()

    def explore(self, *layers: str, bounds: Bounds | None = None, **frames: gpd.GeoDataFrame) -> "folium.Map":
        """Draw layers, and frames on top of them, on a folium map for a notebook.

        The map contains everything that it needs, including the background: no tiles or scripts are requested from a
        server.

        Parameters
        ----------
        frames
            Frames by their names in the legend (`_` for a space). The column `colour` of a frame, such as `#b2182b`, is
            the colour of each of its rows.

        Examples
        --------
        >>> picture = map.explore("communities", hotspots=map.hotspots("titles", resolution=4, draws=2))
        >>> "https://" in picture.get_root().render()
        False
        """
        default_layers = () if frames else ("protected_areas", "communities", "concessions")
        layer_names = layers or [name for name in default_layers if self.layers.get(name)]
        rows = {name: self.read(name, bounds=bounds) for name in layer_names} | frames
        current = self.sources[lambda sources: sources["layer"].isin(rows) & sources["is_current"]]
        return notebook_map.folium_map(rows, attribution=", ".join(sorted(set(current["publisher"].dropna()))))

    def _build_side(self, layer: str, source: str, where: Sequence[str], bounds: Bounds | None) -> Side:
        return Side.from_options(get_layer(layer), source, where, ",".join(map(repr, bounds)) if bounds else "")

    def _build_spot(self, place: tuple[float | str, ...], country: str) -> Spot:
        match place:
            case (float() | int() as lat, float() | int() as lon):
                position = locate_position(float(lat), float(lon))
            case (str() as text,):
                answer = find_place(text, self._con, country, abroad=not country)
                if not isinstance(answer, FoundPlace):
                    reason = (
                        place_text.unknown_place_text(answer, text)
                        if isinstance(answer, UnknownPlace)
                        else place_text.choice_question(answer, text)
                    )
                    raise AnswerError(N_("'{text}' does not identify a single place: {why}"), text=text, why=reason)
                position = answer
            case _:
                raise AnswerError(N_("give the place as a latitude and a longitude, or as one text"))
        name = place_text.place_name(position)
        return locate_spot(self._con, name, position.latitude, position.longitude, position.place)
