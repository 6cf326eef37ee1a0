"""Holders of concessions on the land of communities near recorded attacks or conflicts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from lindero.app.answers.claims import find_leading
from lindero.app.answers.coverage import coverage_text
from lindero.app.answers.coverage.coverage import ZERO, Coverage, find_missing_layers, read_coverage
from lindero.app.answers.coverage.reach import Reach, measure_reach
from lindero.app.answers.holder_spellings import group_spellings, map_spellings
from lindero.app.answers.overlap.land import read_concessions_on_land
from lindero.app.answers.place import near_incidents
from lindero.app.answers.record.coarse_places import known_areas
from lindero.app.answers.record.extents import Extent, read_extents
from lindero.app.answers.record.incidents import Record, read_placed_incidents
from lindero.app.answers.record.unplaced import ATTACKS, CONFLICTS, COUNTRY, NOWHERE, REGION, place_name
from lindero.app.text.i18n import _, format_number, join_texts, ngettext
from lindero.geo import footprint
from lindero.geo.geometry.units import M_PER_KM
from lindero.geo.near.window import widen
from lindero.layers.database import map_database
from lindero.layers.database.definitions import KNOWN_PROVINCE
from lindero.layers.database.map_database import Connection
from lindero.layers.database.queries import map_queries
from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS, CRS, INCIDENTS
from lindero.layers.reference import base_data

KM = 25
COUNTS = ("attacks", "attacks_most", "conflicts", "conflicts_most")
REASONS = ("attacks_unknown", "conflicts_unknown")
COLUMNS = ("holder", "community_id", "community", "concessions", "footprint_ha", *COUNTS, *REASONS)
NO_DATA, WITHOUT_PLACE = "no_data", "without_place"
LAYERS = (CONCESSIONS.name, COMMUNITIES.name, INCIDENTS.name)
_LARGEST = 3  # number of holders named


@dataclass(frozen=True)
class AttackedLands:
    """Holders of concessions on the land of communities with an attack or a conflict recorded within `KM` of the land.

    `rows` has one row per holder and community, the largest footprint first, with the columns `COLUMNS`. There,
    `footprint_ha` counts an area with several concessions of the holder once. `attacks` and `conflicts` count those
    certainly within `KM`; `attacks_most` and `conflicts_most` also count those possibly within it (`near_incidents`).
    `communities` is the number of these communities, with concessions or without, and `lands_with_attack` the number
    with an attack certainly within `KM`. Where the map does not have data of attacks or conflicts all around a
    community, or records without an exact place may be there, a 0 is missing, and `attacks_unknown` or
    `conflicts_unknown` is `no_data` or `without_place`. `attacks_without_place` counts, by region and country of the
    communities, the attacks known only to these.
    """

    rows: pd.DataFrame
    footprints: "pd.Series[float]"  # hectares by holder on land with attacks, each counted once
    communities: int
    lands_with_attack: int
    attacks_without_place: dict[str, int]
    lands: gpd.GeoDataFrame  # these communities: `id`, `name`, `COUNTS` and geometry in OGC:CRS84
    covered: Reach  # coverage of concessions on their land
    missing_layers: tuple[str, ...]

    @property
    def may_have_attacks(self) -> bool:
        """Whether an attack is certainly or possibly near any of the communities."""
        return bool(self.lands["attacks_most"].gt(0).any())

    def finding(self) -> str:
        """Return the holders near known attacks, if any are known; else what is known of attacks and conflicts."""
        if self.missing_layers:
            return coverage_text.missing_layers_text(self.missing_layers)
        attacked_rows = self.rows[self.rows["attacks"].fillna(0) > 0]
        if attacked_rows.empty:
            parts = (self._no_attack_text(), self._conflicts_text(), _holders_text(self.rows))
        else:
            parts = (_attacked_holders_text(attacked_rows, self.footprints), self._conflicts_text(), "")
        return " ".join(filter(None, parts))

    def _no_attack_text(self) -> str:
        if self.lands_with_attack:
            text = ngettext(
                "No concession is recorded on the land of the {n} community with attacks within {km} km.",
                "No concession is recorded on the land of the {n} communities with attacks within {km} km.",
                self.lands_with_attack,
            )
            return text.format(n=format_number(self.lands_with_attack), km=KM)
        if self.may_have_attacks:
            text = _("No attack is certainly within {km} km of a community; by their area, some may be.").format(km=KM)
            return " ".join(filter(None, (text, self._vague_places_text())))
        text = _("No attack is known within {km} km of a community.")
        if self.attacks_without_place:
            text = _("No attack is known within {km} km of a community; without an exact place: {places}.")
        return text.format(km=KM, places=self._join_vague_places())

    def _join_vague_places(self) -> str:
        counts = self.attacks_without_place.items()
        return join_texts([_("{value} in {name}").format(value=format_number(n), name=name) for name, n in counts])

    def _vague_places_text(self) -> str:
        text = _("Attacks without an exact place may also be near these or other communities: {places}.")
        return text.format(places=self._join_vague_places()) if self.attacks_without_place else ""

    def _conflicts_text(self) -> str:
        certain = int(self.lands["conflicts"].fillna(0).gt(0).sum())
        possible = int(self.lands["conflicts_most"].fillna(0).gt(0).sum()) - certain
        texts = [
            ngettext(
                "A conflict is recorded within {km} km of {n} community.",
                "Conflicts are recorded within {km} km of {n} communities.",
                certain,
            ).format(km=KM, n=format_number(certain)),
            ngettext(
                "A conflict of which only the area is known may be within {km} km of {n} community.",
                "Conflicts of which only the area is known may be within {km} km of {n} communities.",
                possible,
            ).format(km=KM, n=format_number(possible)),
        ]
        return " ".join(text for text, count in zip(texts, (certain, possible), strict=True) if count)

    def list_limits(self) -> list[str]:
        """Return sentences on the basis and the limits of the finding."""
        if self.missing_layers:
            return []
        innocence = (
            _("A concession on land where people were attacked does not mean that the company took part.")
            if self.lands_with_attack
            else _("A concession near a conflict does not mean that its holder takes part in it.")
        )
        sentences = (
            self._vague_places_text() if self.lands_with_attack else "",
            _("Where only the area is known, the table gives a minimum and a maximum.") if self._is_coarse() else "",
            coverage_text.reach_text(self.covered),
            innocence,
        )
        return list(filter(None, sentences))

    def _is_coarse(self) -> bool:
        """Return whether any count has a minimum and a larger maximum."""
        ends = [(self.rows[name].fillna(0), self.rows[f"{name}_most"].fillna(0)) for name in ("attacks", "conflicts")]
        return any((low < high).any() for low, high in ends)

    def head(self) -> dict[str, object]:
        """Return the counts for JSON."""
        return {
            "within_km": KM,
            "communities": self.communities,
            "communities_with_attacks": self.lands_with_attack,
            "attacks_without_exact_place": self.attacks_without_place,
            "coverage": [self.covered.to_dict()],
        }


def attacked_lands(con: Connection, record: Record | None = None) -> AttackedLands:
    """Find the holders of concessions on the land of communities near recorded attacks and conflicts."""
    lands = map_database.read_layer(con, COMMUNITIES)
    lands = lands[lands.geometry.notna()].reset_index(drop=True)
    incidents = read_placed_incidents(con, record)
    counts = _count_near_lands(lands, incidents, read_extents(con))
    attacked = gpd.GeoDataFrame(lands.loc[lands["id"].isin(counts.index), ["id", "name", "geometry"]])
    covered = read_coverage(con)
    attacked = _mask_false_zeros(gpd.GeoDataFrame(attacked.join(counts, on="id")), covered)
    return AttackedLands(
        *_holders_by_land(con, attacked),
        len(counts),
        int((counts["attacks"] > 0).sum()),
        _attacks_without_place(covered, lands),
        attacked,
        measure_reach(covered, CONCESSIONS.name, attacked.geometry, feature_layer=COMMUNITIES.name),
        tuple(find_missing_layers(covered, LAYERS)),
    )


def _count_near_lands(
    lands: gpd.GeoDataFrame, incidents: gpd.GeoDataFrame, extents: Mapping[str, Extent]
) -> pd.DataFrame:
    """Count attacks and conflicts near each land by its id, at least and at most: `COUNTS`."""
    placed = incidents[incidents["location_precision"].isin(KNOWN_PROVINCE) & incidents.geometry.notna()]
    near = near_incidents.find_near_lands(
        lands, placed.set_geometry(known_areas(placed, extents)), extents, within_km=KM
    )
    is_attack = near["id"].map(incidents.set_index("id")["is_attack"]).astype(bool)
    is_certain = near["is_certain"].astype(bool)
    chosen = (is_attack & is_certain, is_attack, ~is_attack & is_certain, ~is_attack)
    ids = pd.Index(near["place_id"].unique())
    counts = [near[is_counted].groupby("place_id").size().reindex(ids, fill_value=0) for is_counted in chosen]
    return pd.DataFrame(dict(zip(COUNTS, counts, strict=True)), index=ids)


def _holders_by_land(con: Connection, lands: gpd.GeoDataFrame) -> tuple[pd.DataFrame, "pd.Series[float]"]:
    """Return the rows of each holder and land, and the footprint of each holder on all land with attacks."""
    pairs, counted_rows = read_concessions_on_land(con)
    land_pairs = pairs[pairs["right_id"].isin(lands["id"])]
    names = map_spellings(group_spellings(map_queries.read_holders(con, counted_rows.left_out)))
    land_pairs = land_pairs.assign(holder=land_pairs["left_holder"].map(names)).dropna(subset=["holder"])
    if land_pairs.empty:
        return pd.DataFrame(columns=list(COLUMNS)), pd.Series(dtype=float)
    groups = land_pairs.groupby(["holder", "right_id"], sort=True)
    table = groups["left_id"].nunique().rename("concessions").reset_index()
    titles = map_database.read_layer(con, CONCESSIONS, where={"id": land_pairs["left_id"].unique().tolist()})
    shapes = lands.set_index("id").geometry
    # One copy of the land for each of its holders, so that all footprints are computed in one call.
    pairs_of_rows, copies = land_pairs.assign(right_id=groups.ngroup()), shapes.loc[table["right_id"].tolist()]
    table["footprint_ha"] = _measure_footprints(pairs_of_rows, titles, list(copies))
    land_columns = lands.set_index("id")[["name", *COUNTS, *REASONS]].rename(columns={"name": "community"})
    table = table.rename(columns={"right_id": "community_id"}).join(land_columns, on="community_id")
    rows = table[list(COLUMNS)].sort_values(["footprint_ha", "holder"], ascending=[False, True], ignore_index=True)
    attacked = land_pairs[land_pairs["right_id"].isin(lands.loc[lands["attacks"].fillna(0) > 0, "id"])]
    holders = attacked.groupby("holder")
    grounds = {name: shapely.union_all(list(shapes.loc[group["right_id"].unique()])) for name, group in holders}
    pairs_of_holders = attacked.assign(right_id=holders.ngroup()).drop_duplicates(["left_id", "right_id"])
    hectares = _measure_footprints(pairs_of_holders, titles, list(grounds.values()))
    return rows, pd.Series(hectares, index=list(grounds), dtype=float)


def _measure_footprints(
    pairs: pd.DataFrame, titles: gpd.GeoDataFrame, grounds: Sequence[shapely.Geometry]
) -> NDArray[np.float64]:
    """Return the footprint on each ground, in hectares. `right_id` of a pair is the position of its ground."""
    frame = gpd.GeoDataFrame({"id": range(len(grounds))}, geometry=list(grounds), crs=CRS)
    return footprint(pairs, titles, frame).set_index("id")["footprint_ha"].reindex(frame["id"]).to_numpy(dtype=float)


def _mask_false_zeros(lands: gpd.GeoDataFrame, covered: Coverage) -> gpd.GeoDataFrame:
    """Replace zeros by missing values where more may be near a land than is known, and add `REASONS`."""
    around = gpd.GeoSeries([widen(shape, KM * M_PER_KM) for shape in lands.geometry], index=lands.index, crs=lands.crs)
    unplaced = [covered.unplaced.count_in_area(shape) for shape in around]
    result = lands.astype(dict.fromkeys(COUNTS, "Int64"))
    for kind, reason in zip((ATTACKS, CONFLICTS), REASONS, strict=True):
        is_open = np.array([bool(counts.filter_kind(kind)) for counts in unplaced], dtype=bool)
        is_bare = covered.measure_shapes(kind, around)["share"].to_numpy() < ZERO
        result[reason] = np.select([is_bare, is_open], [NO_DATA, WITHOUT_PLACE], "")
        for name in (kind, f"{kind}_most"):
            result[name] = result[name].mask((result[name] == 0) & (is_bare | is_open))
    return gpd.GeoDataFrame(result)


def _attacks_without_place(covered: Coverage, lands: gpd.GeoDataFrame) -> dict[str, int]:
    """Count the attacks known only to a region or country, by its name, of those that contain the lands."""
    regions = base_data.load_regions()
    middles = shapely.point_on_surface(lands.geometry.to_numpy())
    _land, positions = shapely.STRtree(regions.geometry.to_numpy()).query(middles, predicate="within")
    codes = set(regions.iloc[sorted(set(positions))]["code"])
    codes |= {str(code).partition("-")[0] for code in codes} | {""}
    names = {REGION: "{name}", COUNTRY: _("{name} (region not known)"), NOWHERE: _("an unknown country")}
    return {
        names[kind].format(name=place_name(kind, code)): count.attacks
        for kind, code, count in covered.unplaced.count_by_place()
        if code in codes and count.attacks
    }


def _attacked_holders_text(rows: pd.DataFrame, footprints: "pd.Series[float]") -> str:
    """Return how many holders have concessions on land near attacks, and those with the largest area if it is known."""
    leading = find_leading(footprints, footprints, _LARGEST)
    text = _("{holders} with attacks within {km} km.")
    if leading:
        text = _("{holders} with attacks within {km} km. The largest on record: {largest}.")
    largest = [f"{name} ({format_number(footprints[name])} ha)" for name in leading]
    return text.format(holders=_holders_text(rows).rstrip("."), km=KM, largest=join_texts(largest))


def _holders_text(rows: pd.DataFrame) -> str:
    """Return how many holders have concessions on the land of how many communities; empty if there are none."""
    holders, lands = rows["holder"].nunique(), rows["community_id"].nunique()
    text = ngettext("{n} holder has concessions", "{n} holders have concessions", holders)
    communities = ngettext("{n} community", "{n} communities", lands).format(n=format_number(lands))
    sentence = _("{holders} on the land of {communities}.")
    return sentence.format(holders=text.format(n=format_number(holders)), communities=communities) if holders else ""
