"""Exposure of communities: concessions on and near their land, attacks near it, consultations on record, and a rank."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import geopandas as gpd
import pandas as pd

from lindero.app.answers.coverage.coverage import (
    WHOLE_SHARE,
    Coverage,
    find_missing_layers,
    mask_false_zeros,
    read_coverage,
)
from lindero.app.answers.defaults import EXPOSURE_DRAWS, EXPOSURE_SEED
from lindero.app.answers.engine import Progress
from lindero.app.answers.ranking import along_rivers
from lindero.app.answers.ranking.along_rivers import ALONG_KM
from lindero.app.answers.ranking.exposure_report import ExposureReport
from lindero.app.answers.ranking.land_measures import measure_land
from lindero.app.answers.ranking.weights import (
    mask_false_ranges,
    rank,
)
from lindero.app.answers.record.incidents import Record, filter_known_places, read_placed_attacks
from lindero.app.answers.registers import check_one_register, entries
from lindero.app.answers.repeated_ground import NONE_REPEATED, RepeatedRows, find_repeated_ids, may_repeat
from lindero.app.text.codes import translate_code
from lindero.geo.geometry.units import M_PER_KM
from lindero.geo.stats.exposure import STATUSES_IN_FORCE, exposure
from lindero.layers.database import map_database
from lindero.layers.database.queries import derived_queries
from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS, CONSULTATIONS, INCIDENTS, PROTECTED_AREAS
from lindero.layers.workspace.rivers import RiverNetwork

LAYERS = (COMMUNITIES.name, CONCESSIONS.name, PROTECTED_AREAS.name, INCIDENTS.name, CONSULTATIONS.name)
KM = (5, 10, 25)
RIVER_TITLES = f"titles_along_river_within_{ALONG_KM}_km"
RIVERS = "rivers_by"  # column with the id of the rivers that `ON_RIVER` is counted by
WEIGHTS = {"share": 1.0, "titles_within_10_km": 1.0, "attacks_within_25_km": 1.0}
CONSULTED = "consultations_on_record"  # never weighted: unrecorded consultations may have been held or not be required
_BOX = ("xmin", "ymin", "xmax", "ymax")
_COMMUNITY_COLUMNS = ("id", "source_id", "code", "zone", "level", "name", "recognition", "population", *_BOX)
_CONCESSION_COLUMNS = ("id", "source_id", "code", "kind", "status", "boundary_accuracy_m", "geometry")


@dataclass(frozen=True)
class ExposureMeasures:
    """The measures of exposure that a ranking is computed from.

    `table` has the measures of each community by its id. `about` has its name, recognition and population.
    `parts` and `attacks` are those of `ExposureReport`.
    """

    statuses: tuple[str, ...]
    table: pd.DataFrame
    about: pd.DataFrame
    parts: pd.DataFrame
    attacks: pd.DataFrame
    covered: Coverage
    is_known: pd.Series  # whether concessions are on record on the land, or the map has concession data for all of it
    placeless: pd.DataFrame  # as in `ExposureReport`
    rivers: tuple[dict[str, object], ...]  # as in `ExposureReport`
    river_network_ids: pd.Series  # id of the network in `rivers` that each community is counted by
    repeated: RepeatedRows = NONE_REPEATED  # as in `ExposureReport`

    def rank_communities(
        self, weights: Mapping[str, float] = WEIGHTS, *, draws: int = EXPOSURE_DRAWS, seed: int = EXPOSURE_SEED
    ) -> ExposureReport:
        """Rank the communities by weighted indicators, and test the ranks under other weights."""
        result = rank(self.table[self.is_known.to_numpy()], weights, WEIGHTS, draws=draws, seed=seed)
        weighted = [name for name, weight in result.weights.items() if weight]
        ranks = result.ranks if len(weighted) > 1 else mask_false_ranges(result.ranks)
        rows = ranks.assign(rank_by=" ".join(weighted)).join(self.about[["name", "recognition"]])
        rows = rows.join(self.table)
        rows = rows.join(self.river_network_ids.rename(RIVERS)).reset_index()
        first = ["rank", "rank_low", "rank_high", "rank_by", "name", "recognition"]
        settings = {"statuses": list(self.statuses), "weights": dict(result.weights), "draws": draws, "seed": seed}
        if self.repeated.left_out:
            settings["without_duplicates"] = True
        unranked, unmeasured = (
            self.about.loc[selection, ["name"]].reset_index() for selection in (~self.is_known, result.unmeasured)
        )
        lacks = tuple(find_missing_layers(self.covered, LAYERS))
        ordered = rows[[*first, *rows.columns.drop(first)]]
        remarks = unranked, lacks, result.left, unmeasured, self.placeless, self.rivers, self.repeated
        return ExposureReport(ordered, self.parts, self.attacks, settings, *remarks)


def measure_exposure(
    con: map_database.Connection,
    statuses: Sequence[str] = STATUSES_IN_FORCE,
    *,
    rivers: Sequence[RiverNetwork] = (),
    progress: Progress = lambda *_: None,
    record: Record | None = None,
    covered: Coverage | None = None,
    without_duplicates: bool = False,
) -> ExposureMeasures:
    """Measure the exposure of every community on the map to the concessions of some statuses."""
    communities = map_database.read_layer(con, COMMUNITIES, columns=_COMMUNITY_COLUMNS)
    titles = map_database.read_layer(con, CONCESSIONS, columns=_CONCESSION_COLUMNS)
    for layer, rows in ((COMMUNITIES, communities), (CONCESSIONS, titles)):
        check_one_register(layer, entries(rows))
    titles = titles[titles["status"].fillna("unknown").isin(statuses)]
    repeated_ids = _find_repeated_communities(con, communities), find_repeated_ids(CONCESSIONS, titles)
    repeated = RepeatedRows(len(repeated_ids[0]), len(repeated_ids[1]), without_duplicates)
    ids = communities.loc[communities["xmin"].notna(), "id"]
    if without_duplicates:
        ids = ids[~ids.isin(repeated_ids[0])]
        titles = titles[~titles["id"].isin(repeated_ids[1])].reset_index(drop=True)
    attacks = filter_known_places(read_placed_attacks(con, record))
    covered = covered or read_coverage(con)
    land, near_attacks = measure_land(
        con, titles, attacks, rivers, covered, km=KM, layers=_COLUMN_PREFIXES_BY_LAYER, ids=ids, progress=progress
    )
    is_usual = tuple(statuses) == STATUSES_IN_FORCE and not without_duplicates
    conceded, parts = (_find_stored_measures(con, land) if is_usual else None) or exposure(
        _read_shapes(con, land.index[land["is_polygon"]]),
        titles,
        progress=partial(progress, translate_code(COMMUNITIES.name)),
    )
    columns = {
        **conceded.set_index("id").to_dict("series"),
        **{f"titles_within_{km}_km": land[km] for km in KM},
        RIVER_TITLES: land["titles"],
        "protected_share": _protected_shares(con),
        **{f"attacks_within_{km}_km": _count_within_km(near_attacks, km) for km in KM},
        CONSULTED: _count_consultations(con),
    }
    table = _add_point_concessions(pd.DataFrame(columns, index=land.index), land["points"])
    count_columns = [
        CONSULTED,
        *(name for name in columns if name.startswith(("titles_", "attacks_")) and name != RIVER_TITLES),
    ]
    dtypes = dict.fromkeys(count_columns, int) | dict.fromkeys(("titles", RIVER_TITLES), "Int64")
    table = table.fillna(dict.fromkeys(count_columns, 0)).astype(dtypes)
    table["protected_share"] = table["protected_share"].where(
        table["land_ha"].isna(), table["protected_share"].fillna(0)
    )
    about = communities.set_index("id").loc[land.index, ["name", "recognition", "population", "code"]]
    about["name"] = about["name"].fillna(about.pop("code"))
    concessions = land[CONCESSIONS.name]
    is_covered = pd.Series((table["titles"].fillna(0) > 0) | (concessions >= WHOLE_SHARE), index=table.index)
    table = _mask_false_zeros(table, land).assign(concessions_covered=concessions)
    placeless = communities.loc[communities["xmin"].isna(), ["id", "code", "name"]].reset_index(drop=True)
    by_year = _count_attacks_by_year(near_attacks, attacks)
    river_records = tuple(along_rivers.networks_to_dicts(rivers, land["by"]))
    measures = table, about, parts, by_year, covered, is_covered, placeless, river_records, land["by"]
    return ExposureMeasures(tuple(statuses), *measures, repeated)


def _find_repeated_communities(con: map_database.Connection, communities: pd.DataFrame) -> frozenset[str]:
    """Return the ids that `find_repeated_ids` returns. Only the shapes that may repeat another are read."""
    return find_repeated_ids(COMMUNITIES, _read_shapes(con, communities.loc[may_repeat(communities), "id"]))


def _read_shapes(con: map_database.Connection, ids: Iterable[str]) -> gpd.GeoDataFrame:
    """Read `id`, `boundary_accuracy_m` and geometry of some communities."""
    columns = ["id", "boundary_accuracy_m", "geometry"]
    return map_database.read_layer(con, COMMUNITIES, where={"id": list(ids)}, columns=columns)


def add_shapes(con: map_database.Connection, about: pd.DataFrame) -> gpd.GeoDataFrame:
    """Add the geometry to `about` of `ExposureMeasures`."""
    shapes = map_database.read_layer(con, COMMUNITIES, columns=["id", "geometry"]).set_index("id").geometry
    return gpd.GeoDataFrame(about, geometry=shapes.reindex(about.index))


def _find_stored_measures(con: map_database.Connection, land: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame] | None:
    """Return what the build stored. None if it is not of all land, as on a map that a vault adds communities to."""
    stored = derived_queries.read_exposure(con)
    return stored if stored is not None and set(stored[0]["id"]) == set(land.index[land["is_polygon"]]) else None


def _add_point_concessions(table: pd.DataFrame, count: pd.Series) -> pd.DataFrame:
    """Add the concessions that overlap a land only by a point, which have no hectares.

    Either the concession or the land is known by that point. If a land has no other concession, its share is missing,
    not 0.
    """
    has_points = count.notna()
    is_unmeasured = has_points & ~(table["title_ha"] > 0)
    result = table.assign(titles=table["titles"].where(~has_points, table["titles"].fillna(0) + count.fillna(0)))
    measured = ["title_ha", "share", "share_low", "share_high"]
    return result.assign(**{name: result[name].mask(is_unmeasured) for name in measured})


def _mask_false_zeros(table: pd.DataFrame, land: pd.DataFrame) -> pd.DataFrame:
    """Set zeros to missing where the map has no data of the layer, by its share of each land."""
    result = table.copy()
    for layer, prefixes in _COLUMN_PREFIXES_BY_LAYER.items():
        for name in (name for name in table.columns if name.startswith(prefixes)):
            column = table[name].astype("Int64") if table[name].dtype.kind == "i" else table[name]
            result[name] = mask_false_zeros(column, land[layer])
    return result


_COLUMN_PREFIXES_BY_LAYER = {  # key: the layer counted; value: the beginnings of the column names
    CONCESSIONS.name: ("titles", "share", "under_ha", "certain"),
    PROTECTED_AREAS.name: ("protected_share",),
    INCIDENTS.name: ("attacks_",),
    CONSULTATIONS.name: (CONSULTED,),
}


def _count_within_km(pairs: pd.DataFrame, km: int) -> pd.Series:
    return pairs[pairs["distance_m"] <= km * M_PER_KM].groupby("place_id").size()


def _protected_shares(con: map_database.Connection) -> pd.Series:
    """Return the share of each community's land in protected areas."""
    return map_database.read_footprints(con, COMMUNITIES.name, covered_by=PROTECTED_AREAS.name).set_index("id")["share"]


def _count_consultations(con: map_database.Connection) -> pd.Series:
    """Count the recorded consultations of each community. A consultation that was not sought is not counted."""
    rows = pd.DataFrame(map_database.read_layer(con, CONSULTATIONS))
    return rows[rows["consent_status"] != "not_sought"].groupby("community_id").size()


def _count_attacks_by_year(pairs: pd.DataFrame, attacks: gpd.GeoDataFrame) -> pd.DataFrame:
    """Count attacks within the largest distance by community and year. Without a date the year is missing."""
    years = pd.to_datetime(attacks.set_index("id")["occurred_on"]).dt.year.astype("Int64")
    counts = pairs.assign(year=pairs["id"].map(years)).groupby(["place_id", "year"], dropna=False).size()
    return counts.rename("attacks").reset_index().rename(columns={"place_id": "id"})
