"""The contents of a dossier: a community's figures, the rows behind each of them, and their sources."""

from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from lindero.app.answers.coverage.coverage import Coverage, Verdict
from lindero.app.answers.defaults import NEAR_KM
from lindero.app.answers.invented import mark_invented_rows
from lindero.app.answers.overlap import overlaps
from lindero.app.answers.overlap.land import land_coverage
from lindero.app.answers.place.nearby import find_nearby_incidents
from lindero.app.answers.place.spot import find_community_spot
from lindero.app.answers.record.extents import read_extents
from lindero.app.answers.registers import Registers
from lindero.app.media.site.select import coarsen_incidents
from lindero.layers.database import map_database
from lindero.layers.database.definitions import is_public
from lindero.layers.database.map_database import Connection, Source
from lindero.layers.database.queries import map_queries, record_queries, redirects
from lindero.layers.errors import N_, AnswerError
from lindero.layers.model.layer import Layer
from lindero.layers.model.parse_values import is_null
from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS, CRS, INCIDENTS, PROTECTED_AREAS
from lindero.layers.publish.rules import COMMON_PUBLISHED, PUBLISHED

COMMUNITY, OVERLAPS = "community", "overlaps"
BOUNDARIES = "boundaries.geojson"
OVERLAY_LAYERS = {"concessions": ("concessions", "communities"), "protected_areas": ("communities", "protected_areas")}
"""The two layers of which each kind of overlap is, in the order in which a build lays them over each other."""

AREA_FIGURES = ("gross_ha", "footprint_ha", "certain_ha", "possible_ha")
PAIR = ("left_layer", "left_id", "right_layer", "right_id", "area_ha")
_METHOD = {"gross_ha": "Overlaps", "footprint_ha": "Overlaps", "certain_ha": "Certainty", "possible_ha": "Certainty"}
_ACT_COLUMNS = ("name", "kind", "measure", "stage", "authority", "resolution", "phase", "consent_status", "contested")


@dataclass(frozen=True)
class Contents:
    """A community with everything that overlaps its land.

    `rows` are tables by name: `community`, `concessions`, `protected_areas`, `overlaps` (with geometry),
    `consultations` and `attacks`. Each entry of `figures` states its table and method. `pairs` has the area of each
    overlap.
    """

    id: str
    name: str
    rows: dict[str, pd.DataFrame]
    figures: list[dict[str, object]]
    pairs: list[dict[str, object]]
    sources: tuple[Source, ...]

    @property
    def is_invented(self) -> bool:
        """Return whether any source is invented."""
        return any(source.invented for source in self.sources)


def collect_contents(con: Connection, community: str) -> Contents:
    """Collect the contents of a dossier. It uses only public rows of the map and published columns."""
    id_ = redirects.resolve_ids(con, COMMUNITIES, (community,)).get(community, community)
    land = map_database.read_layer(con, COMMUNITIES, where={"id": [id_]})
    if land.empty:
        raise AnswerError(
            N_("the layer {layer} of this map has no row with id '{id}'; check the id"),
            layer=COMMUNITIES.name,
            id=community,
        )
    pairs_by_layer = {name: _find_overlaps(con, name, id_) for name in OVERLAY_LAYERS}
    rows: dict[str, pd.DataFrame] = {COMMUNITY: _select_public_columns(COMMUNITIES, land)}
    for layer, side in ((CONCESSIONS, "left_id"), (PROTECTED_AREAS, "right_id")):
        ids = list(pairs_by_layer[layer.name][side].unique())
        rows[layer.name] = _select_public_columns(layer, map_database.read_layer(con, layer, where={"id": ids}))
    rows[OVERLAPS] = _draw_overlaps(con, pairs_by_layer)
    rows["consultations"] = _read_consultations(con, id_)
    rows["attacks"] = _read_attacks(con, id_)
    name = land[["name", "code", "id"]].bfill(axis=1).iloc[0, 0]
    sources = _select_sources(con, rows)
    invented = {source.source_id: source.invented for source in sources}
    return Contents(
        id_,
        str(name),
        {table: mark_invented_rows(frame, invented) for table, frame in rows.items()},
        _build_figures(con, id_, pairs_by_layer, rows),
        _list_pairs(pairs_by_layer),
        sources,
    )


def _find_overlaps(con: Connection, name: str, community: str) -> pd.DataFrame:
    left, right = OVERLAY_LAYERS[name]
    side = "left_id" if left == COMMUNITIES.name else "right_id"
    pairs, _counted = overlaps.find_pairs(con, left, right, whole=COMMUNITIES.name)
    pairs = pairs[pairs[side] == community].reset_index(drop=True)
    return pairs.assign(left_layer=left, right_layer=right)


def _select_public_columns(layer: Layer, rows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Select the columns of a layer that may be published.

    The ids are those of the map: ids of land identify nobody.
    """
    columns = [name for name in (*COMMON_PUBLISHED, *PUBLISHED[layer.name]) if name in rows]
    return gpd.GeoDataFrame(rows[[*columns, rows.geometry.name]], crs=CRS).sort_values("id", ignore_index=True)


def _draw_overlaps(con: Connection, pairs_by_layer: dict[str, pd.DataFrame]) -> gpd.GeoDataFrame:
    parts = [
        overlaps.draw_pairs(con, *OVERLAY_LAYERS[name], pairs) for name, pairs in pairs_by_layer.items() if len(pairs)
    ]
    if not parts:
        empty = pd.concat(list(pairs_by_layer.values()))
        return gpd.GeoDataFrame(empty.assign(geometry=None), geometry="geometry", crs=CRS)
    return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), geometry="geometry", crs=CRS)


def _read_consultations(con: Connection, community: str) -> pd.DataFrame:
    acts = map_queries.read_consultations(con, community)
    return acts[["concession_id", *_ACT_COLUMNS, "dated_on", "sources"]].reset_index(drop=True)


def _read_attacks(con: Connection, community: str) -> gpd.GeoDataFrame:
    """Read the public record near the land in the form of a publication.

    Places are areas, and there is no id that leads to a file.
    """
    spot = find_community_spot(con, community)
    near = (
        {}
        if spot is None
        else {row["id"]: row["area_m"] for row in find_nearby_incidents(con, spot, within_km=NEAR_KM)}
    )
    attacks = record_queries.read_layer_rows(con, INCIDENTS, where={"id": list(near)})
    attacks = gpd.GeoDataFrame(attacks[is_public(attacks)])
    publishers = {source.source_id: source.publisher for source in map_database.read_sources(con)}
    citations = attacks["sources"].where(attacks["sources"].fillna("") != "", attacks["source_id"].map(publishers))
    rows = attacks.assign(sources=citations, distance_m=attacks["id"].map(near))
    shown = coarsen_incidents(rows, read_extents(con))
    has_invented = bool(shown["invented"].fillna(value=False).any())
    last = ("invented", "distance_m", "geometry") if has_invented else ("distance_m", "geometry")
    columns = [name for name in (*PUBLISHED["incidents"], *last) if name in shown]
    return gpd.GeoDataFrame(shown[columns].sort_values(["distance_m", "title"], ignore_index=True), crs=CRS)


def _build_figures(
    con: Connection, community: str, pairs_by_layer: dict[str, pd.DataFrame], rows: dict[str, pd.DataFrame]
) -> list[dict[str, object]]:
    covered = Registers.from_map(con).read_coverage(con)
    figures: list[dict[str, object]] = [
        _build_figure("land", "area_ha", rows[COMMUNITY]["area_ha"].iloc[0], COMMUNITY, "Areas")
    ]
    for name, pairs in pairs_by_layer.items():
        sums = overlaps.compute_pair_totals(con, *OVERLAY_LAYERS[name], pairs)
        reach = _coverage_values(con, community, covered, name)
        figures.append(_count_figure(name, rows, "Overlaps", reach))
        measured = {measure: _known_value(getattr(sums, measure), len(pairs), reach) for measure in AREA_FIGURES}
        figures += [
            _build_figure(name, measure, value, OVERLAPS, _METHOD[measure]) for measure, value in measured.items()
        ]
    reach = _coverage_values(con, community, covered, "consultations")
    figures.append(_count_figure("consultations", rows, "Consultation", reach))
    reach = _coverage_values(con, community, covered, "incidents", within_km=NEAR_KM)
    return [*figures, _count_figure("attacks", rows, "Near", reach | {"within_km": NEAR_KM})]


def _coverage_values(
    con: Connection, community: str, covered: Coverage, layer: str, *, within_km: float = 0.0
) -> dict[str, object]:
    """Return how far the map has data of a layer on the land."""
    answer = land_coverage(con, community, covered, layer, within_km=within_km)
    return {"coverage": answer.verdict.value, "share_covered": round(answer.share, 4)}


def _count_figure(
    subject: str, rows: dict[str, pd.DataFrame], method: str, reach: dict[str, object]
) -> dict[str, object]:
    return (
        _build_figure(subject, "features", _known_value(len(rows[subject]), len(rows[subject]), reach), subject, method)
        | reach
    )


def _known_value(value: float, row_count: int, reach: dict[str, object]) -> float | None:
    """Return the value, or None for a 0 where the map has no data: it would not mean that there is none."""
    return value if row_count or reach["coverage"] == Verdict.COVERED else None


def _build_figure(subject: str, figure_name: str, value: object, table: str, method: str) -> dict[str, object]:
    figure = None if is_null(value) else value if isinstance(value, int) else round(float(str(value)), 4)
    return {"of": subject, "figure": figure_name, "value": figure, "rows": f"rows/{table}.csv", "method": method}


def _list_pairs(pairs_by_layer: dict[str, pd.DataFrame]) -> list[dict[str, object]]:
    return [
        {str(key): value for key, value in row.items()}
        for pairs in pairs_by_layer.values()
        for row in pairs[list(PAIR)].to_dict("records")
    ]


def _select_sources(con: Connection, rows: dict[str, pd.DataFrame]) -> tuple[Source, ...]:
    """Return the sources of the land in the dossier. Sources on people are cited in each row instead."""
    land = [rows[name] for name in (COMMUNITY, *OVERLAY_LAYERS)]
    source_ids = {str(id_) for frame in land for id_ in frame["source_id"]}
    layers = {COMMUNITIES.name, *OVERLAY_LAYERS}
    sources = map_database.read_sources(con)
    return tuple(
        source for source in sources if source.is_current and source.layer in layers and source.source_id in source_ids
    )
