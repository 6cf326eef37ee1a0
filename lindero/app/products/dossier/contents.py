"""What a dossier holds: a community's figures, the rows behind each, and what they were made from."""

from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from lindero.app.answers.coverage.coverage import Coverage, Verdict
from lindero.app.answers.defaults import NEAR_KM
from lindero.app.answers.overlap import overlaps
from lindero.app.answers.overlap.land import land_coverage
from lindero.app.answers.place.nearby import incidents_near
from lindero.app.answers.place.spot import spot_of_community
from lindero.app.answers.registers import Registers
from lindero.app.products.publication.select import coarse
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
LAID = {"concessions": ("concessions", "communities"), "protected_areas": ("communities", "protected_areas")}
"""The two layers of which each kind of overlap is, in the order in which a build lays them over each other."""

MEASURED = ("gross_ha", "footprint_ha", "certain_ha", "possible_ha")
PAIR = ("left_layer", "left_id", "right_layer", "right_id", "area_ha")
_METHOD = {"gross_ha": "Overlaps", "footprint_ha": "Overlaps", "certain_ha": "Certainty", "possible_ha": "Certainty"}
_TOLD = ("name", "kind", "measure", "stage", "authority", "resolution", "phase", "consent_status", "contested")


@dataclass(frozen=True)
class Contents:
    """
    A community with what lies on its land.

    `rows` are tables by name: `community`, `concessions`, `protected_areas`, `overlaps` (drawn), `consultations`,
    `attacks`. `figures` say what they give, each with its table and its method; `pairs` the area of each overlap.
    """

    id: str
    name: str
    rows: dict[str, pd.DataFrame]
    figures: list[dict[str, object]]
    pairs: list[dict[str, object]]
    sources: tuple[Source, ...]

    @property
    def is_invented(self) -> bool:
        """Whether any source is."""
        return any(source.invented for source in self.sources)


def contents(con: Connection, community: str) -> Contents:
    """
    Gather what a dossier holds, from public rows of the map alone and by the allow-list of a publication.

    Raises
    ------
    AnswerError
        If the map holds no such community.
    """
    id_ = redirects.led(con, COMMUNITIES, (community,)).get(community, community)
    land = map_database.read_layer(con, COMMUNITIES, where={"id": [id_]})
    if land.empty:
        raise AnswerError(N_("the map holds no {layer} {id}"), layer=COMMUNITIES.name, id=community)
    laid = {name: _on_land(con, name, id_) for name in LAID}
    rows: dict[str, pd.DataFrame] = {COMMUNITY: _shown(COMMUNITIES, land)}
    for layer, side in ((CONCESSIONS, "left_id"), (PROTECTED_AREAS, "right_id")):
        ids = list(laid[layer.name][side].unique())
        rows[layer.name] = _shown(layer, map_database.read_layer(con, layer, where={"id": ids}))
    rows[OVERLAPS] = _drawn(con, laid)
    rows["consultations"] = _consultations(con, id_)
    rows["attacks"] = _attacks(con, id_)
    name = land[["name", "code", "id"]].bfill(axis=1).iloc[0, 0]
    return Contents(id_, str(name), rows, _figures(con, id_, laid, rows), _pairs(laid), _sources(con, rows))


def _on_land(con: Connection, name: str, community: str) -> pd.DataFrame:
    left, right = LAID[name]
    side = "left_id" if left == COMMUNITIES.name else "right_id"
    found, _counted = overlaps.find_pairs(con, left, right, whole=COMMUNITIES.name)
    found = found[found[side] == community].reset_index(drop=True)
    return found.assign(left_layer=left, right_layer=right)


def _shown(layer: Layer, rows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Keep what may be published of a layer, under the map's own ids: of land these name no person."""
    columns = [name for name in (*COMMON_PUBLISHED, *PUBLISHED[layer.name]) if name in rows]
    return gpd.GeoDataFrame(rows[[*columns, rows.geometry.name]], crs=CRS).sort_values("id", ignore_index=True)


def _drawn(con: Connection, laid: dict[str, pd.DataFrame]) -> gpd.GeoDataFrame:
    parts = [overlaps.draw_pairs(con, *LAID[name], pairs) for name, pairs in laid.items() if len(pairs)]
    if not parts:
        empty = pd.concat(list(laid.values()))
        return gpd.GeoDataFrame(empty.assign(geometry=None), geometry="geometry", crs=CRS)
    return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), geometry="geometry", crs=CRS)


def _consultations(con: Connection, community: str) -> pd.DataFrame:
    acts = map_queries.consultations(con, community)
    return acts[["concession_id", *_TOLD, "dated_on", "sources"]].reset_index(drop=True)


def _attacks(con: Connection, community: str) -> gpd.GeoDataFrame:
    """Give public record near the land as a publication shows it: by areas, without an id that leads to a file."""
    spot = spot_of_community(con, community)
    near = {} if spot is None else {row["id"]: row["area_m"] for row in incidents_near(con, spot, within_km=NEAR_KM)}
    attacks = record_queries.rows(con, INCIDENTS, where={"id": list(near)})
    attacks = gpd.GeoDataFrame(attacks[is_public(attacks)])
    publishers = {one.source_id: one.publisher for one in map_database.read_sources(con)}
    cited = attacks["sources"].where(attacks["sources"].fillna("") != "", attacks["source_id"].map(publishers))
    shown = coarse(attacks.assign(sources=cited, distance_m=attacks["id"].map(near)))
    columns = [name for name in (*PUBLISHED["incidents"], "distance_m", "geometry") if name in shown]
    return gpd.GeoDataFrame(shown[columns].sort_values(["distance_m", "title"], ignore_index=True), crs=CRS)


def _figures(
    con: Connection, community: str, laid: dict[str, pd.DataFrame], rows: dict[str, pd.DataFrame]
) -> list[dict[str, object]]:
    covered = Registers.of_map(con).coverage(con)
    rows_of_figures: list[dict[str, object]] = [
        _figure("land", "area_ha", rows[COMMUNITY]["area_ha"].iloc[0], COMMUNITY, "Areas")
    ]
    for name, pairs in laid.items():
        sums = overlaps.add_up_pairs(con, *LAID[name], pairs)
        reach = _reach(con, community, covered, name)
        rows_of_figures.append(_count(name, rows, "Overlaps", reach))
        measured = {each: _known(getattr(sums, each), len(pairs), reach) for each in MEASURED}
        rows_of_figures += [_figure(name, each, value, OVERLAPS, _METHOD[each]) for each, value in measured.items()]
    reach = _reach(con, community, covered, "consultations")
    rows_of_figures.append(_count("consultations", rows, "Consultation", reach))
    reach = _reach(con, community, covered, "incidents", within_km=NEAR_KM)
    return [*rows_of_figures, _count("attacks", rows, "Near", reach | {"within_km": NEAR_KM})]


def _reach(
    con: Connection, community: str, covered: Coverage, layer: str, *, within_km: float = 0.0
) -> dict[str, object]:
    """Say how far the map has data of a layer."""
    answer = land_coverage(con, community, covered, layer, within_km=within_km)
    return {"coverage": answer.verdict.value, "share_covered": round(answer.share, 4)}


def _count(of: str, rows: dict[str, pd.DataFrame], method: str, reach: dict[str, object]) -> dict[str, object]:
    return _figure(of, "features", _known(len(rows[of]), len(rows[of]), reach), of, method) | reach


def _known(value: float, found: int, reach: dict[str, object]) -> float | None:
    """Leave out a 0 that does not mean none on record: nothing was found, and the map has no data of it here."""
    return value if found or reach["coverage"] == Verdict.COVERED else None


def _figure(of: str, what: str, value: object, table: str, method: str) -> dict[str, object]:
    figure = None if is_null(value) else value if isinstance(value, int) else round(float(str(value)), 4)
    return {"of": of, "figure": what, "value": figure, "rows": f"rows/{table}.csv", "method": method}


def _pairs(laid: dict[str, pd.DataFrame]) -> list[dict[str, object]]:
    return [
        {str(key): value for key, value in row.items()}
        for pairs in laid.values()
        for row in pairs[list(PAIR)].to_dict("records")
    ]


def _sources(con: Connection, rows: dict[str, pd.DataFrame]) -> tuple[Source, ...]:
    """Give the sources of the land that is in the dossier; who tells of people is cited by each row."""
    land = [rows[name] for name in (COMMUNITY, *LAID)]
    named = {str(id_) for frame in land for id_ in frame["source_id"]}
    layers = {COMMUNITIES.name, *LAID}
    every = map_database.read_sources(con)
    return tuple(one for one in every if one.is_current and one.layer in layers and one.source_id in named)
