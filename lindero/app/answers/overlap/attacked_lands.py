"""Holders of concessions on the land of communities near recorded attacks or conflicts."""

from dataclasses import dataclass

import geopandas as gpd
import pandas as pd
import shapely

from lindero.app.answers.coverage import coverage_text
from lindero.app.answers.coverage.coverage import find_missing_layers, read_coverage
from lindero.app.answers.coverage.reach import Reach, measure_reach
from lindero.app.answers.holder_spellings import group_spellings, map_spellings
from lindero.app.answers.overlap.land import read_concessions_on_land
from lindero.app.record.coarse_places import possible_locations
from lindero.app.record.incidents import Record, filter_known_places, read_placed_incidents
from lindero.app.text.i18n import _, format_number, join_texts, ngettext
from lindero.geo import footprint
from lindero.geo.near.within_distance import find_within_distance
from lindero.layers.database import map_database
from lindero.layers.database.definitions import KNOWN_PROVINCE
from lindero.layers.database.map_database import Connection
from lindero.layers.database.queries import map_queries
from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS, INCIDENTS
from lindero.layers.reference import base_data

KM = 25
COUNTS = ("attacks", "attacks_most", "conflicts", "conflicts_most")
COLUMNS = ("holder", "community_id", "community", "concessions", "footprint_ha", *COUNTS)
LAYERS = (CONCESSIONS.name, COMMUNITIES.name, INCIDENTS.name)
_LARGEST = 3  # number of holders named


@dataclass(frozen=True)
class AttackedLands:
    """
    Holders of concessions on the land of communities with an attack or a conflict recorded within `KM` of the land.

    `rows` has one row per holder and community, the largest footprint first, with the columns `COLUMNS`. There,
    `footprint_ha` counts an area with several concessions of the holder once. `attacks` and `conflicts` count those at
    a known place within `KM`. `attacks_most` and `conflicts_most` also count those known to a district or province
    within `KM`. `communities` is the number of these communities, with concessions or without, and `lands_with_attack`
    the number with an attack at a known place. `attacks_by_region` counts, by region of the communities, the attacks
    known only to the region.
    """

    rows: pd.DataFrame
    communities: int
    lands_with_attack: int
    attacks_by_region: dict[str, int]
    lands: gpd.GeoDataFrame  # these communities: `id`, `name`, `COUNTS` and geometry in OGC:CRS84
    covered: Reach  # coverage of concessions on their land
    missing_layers: tuple[str, ...]

    def finding(self) -> str:
        """Return one sentence on the holders with the largest footprint on the land of these communities."""
        if self.missing_layers:
            return coverage_text.missing_layers_text(self.missing_layers)
        if not self.communities:
            text = _("No attack or conflict with a known district is recorded within {km} km of a community.")
            return text.format(km=KM)
        if self.rows.empty:
            text = ngettext(
                "No concession is recorded on the land of the {n} community with attacks or conflicts within {km} km.",
                "No concession is recorded on the land of the {n} communities with attacks or conflicts within {km} "
                "km.",
                self.communities,
            )
            return text.format(n=format_number(self.communities), km=KM)
        footprints = self.rows.groupby("holder")["footprint_ha"].sum().sort_values(ascending=False)
        largest = [f"{name} ({format_number(ha)} ha)" for name, ha in footprints.head(_LARGEST).items()]
        lands = self.rows["community_id"].nunique()
        holders = ngettext("{n} holder has concessions", "{n} holders have concessions", len(footprints))
        communities = ngettext("{n} community", "{n} communities", lands)
        text = _(
            "{holders} on the land of {communities} with attacks or conflicts within {km} km. Largest "
            "holders: {largest}."
        )
        return text.format(
            holders=holders.format(n=format_number(len(footprints))),
            communities=communities.format(n=format_number(lands)),
            km=KM,
            largest=join_texts(largest),
        )

    def list_limits(self) -> list[str]:
        """Return sentences on the basis and the limits of the finding."""
        if self.missing_layers:
            return []
        sentences = []
        if self.communities and not self.lands_with_attack:
            sentences.append(
                _("No attack at a known place is recorded near them. Conflicts are recorded there.")
                if self.lands["conflicts"].any()
                else _("No attack at a known place is recorded near them.")
            )
        elif self.communities:
            text = ngettext(
                "Attacks at a known place are recorded near {n} of these communities.",
                "Attacks at a known place are recorded near {n} of these communities.",
                self.lands_with_attack,
            )
            sentences.append(text.format(n=format_number(self.lands_with_attack)))
        if self._is_coarse():
            sentences.append(_("Where only the district is known, the table gives a minimum and a maximum."))
        if self.attacks_by_region:
            places = join_texts([f"{name} {format_number(count)}" for name, count in self.attacks_by_region.items()])
            sentences.append(
                _("Attacks without an exact place may also be near these or other communities: {places}.").format(
                    places=places
                )
            )
        sentences.append(coverage_text.reach_text(self.covered))
        sentences.append(_("A concession on land where people were attacked does not mean that the company took part."))
        return list(filter(None, sentences))

    def _is_coarse(self) -> bool:
        """Return whether any count has a minimum and a larger maximum."""
        return bool(sum((self.rows[name] < self.rows[f"{name}_most"]).sum() for name in ("attacks", "conflicts")))

    def head(self) -> dict[str, object]:
        """Return the counts for JSON."""
        return {
            "within_km": KM,
            "communities": self.communities,
            "communities_with_attacks": self.lands_with_attack,
            "attacks_without_exact_place": self.attacks_by_region,
            "coverage": [self.covered.to_dict()],
        }


def attacked_lands(con: Connection, record: Record | None = None) -> AttackedLands:
    """
    Find the holders of concessions on the land of communities near recorded attacks and conflicts.

    Parameters
    ----------
    record
        The record of attacks, if it was read before.
    """
    lands = map_database.read_layer(con, COMMUNITIES)
    lands = lands[lands.geometry.notna()].reset_index(drop=True)
    incidents = read_placed_incidents(con, record)
    counts = _count_near_lands(lands, incidents)
    attacked = gpd.GeoDataFrame(lands.loc[lands["id"].isin(counts.index), ["id", "name", "geometry"]])
    attacked = gpd.GeoDataFrame(attacked.join(counts, on="id"))
    covered = read_coverage(con)
    return AttackedLands(
        _holders_by_land(con, attacked),
        len(counts),
        int((counts["attacks"] > 0).sum()),
        _attacks_by_region(incidents, lands),
        attacked,
        measure_reach(covered, CONCESSIONS.name, attacked.geometry, feature_layer=COMMUNITIES.name),
        tuple(find_missing_layers(covered, LAYERS)),
    )


def _count_near_lands(lands: gpd.GeoDataFrame, incidents: gpd.GeoDataFrame) -> pd.DataFrame:
    """Count attacks and conflicts near each land by its id, at least and at most: `COUNTS`."""
    placed = incidents[incidents["location_precision"].isin(KNOWN_PROVINCE)]
    near = find_within_distance(lands, placed.set_geometry(possible_locations(placed)), within_km=KM)
    incidents_by_id = incidents.set_index("id")
    is_attack = near["id"].map(incidents_by_id["is_attack"]).astype(bool)
    is_known = near["id"].isin(filter_known_places(incidents)["id"])
    chosen = (is_attack & is_known, is_attack, ~is_attack & is_known, ~is_attack)
    ids = pd.Index(near["place_id"].unique())
    counts = [near[is_counted].groupby("place_id").size().reindex(ids, fill_value=0) for is_counted in chosen]
    return pd.DataFrame(dict(zip(COUNTS, counts, strict=True)), index=ids)


def _holders_by_land(con: Connection, lands: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return one row for each holder and land, with the footprint of the holder's concessions there."""
    pairs, counted_rows = read_concessions_on_land(con)
    land_pairs = pairs[pairs["right_id"].isin(lands["id"])]
    names = map_spellings(group_spellings(map_queries.read_holders(con, counted_rows.left_out)))
    land_pairs = land_pairs.assign(holder=land_pairs["left_holder"].map(names)).dropna(subset=["holder"])
    if land_pairs.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    groups = land_pairs.groupby(["holder", "right_id"], sort=True)
    table = groups["left_id"].nunique().rename("concessions").reset_index()
    titles = map_database.read_layer(con, CONCESSIONS, where={"id": land_pairs["left_id"].unique().tolist()})
    # One copy of the land for each of its holders, so that all footprints are computed in one call.
    copies = lands.set_index("id").loc[table["right_id"]].reset_index(drop=True).assign(id=range(len(table)))
    ground = footprint(land_pairs.assign(right_id=groups.ngroup()), titles, gpd.GeoDataFrame(copies, crs=lands.crs))
    table["footprint_ha"] = ground.set_index("id")["footprint_ha"].reindex(range(len(table))).to_numpy()
    land_columns = lands.set_index("id")[["name", *COUNTS]].rename(columns={"name": "community"})
    table = table.rename(columns={"right_id": "community_id"}).join(land_columns, on="community_id")
    return table[list(COLUMNS)].sort_values(["footprint_ha", "holder"], ascending=[False, True], ignore_index=True)


def _attacks_by_region(incidents: gpd.GeoDataFrame, lands: gpd.GeoDataFrame) -> dict[str, int]:
    """Count the attacks known only to the region, by name of the regions that contain the lands."""
    regions = base_data.load_regions()
    middles = shapely.point_on_surface(lands.geometry.to_numpy())
    _land, positions = shapely.STRtree(regions.geometry.to_numpy()).query(middles, predicate="within")
    names = regions.iloc[sorted(set(positions))].set_index("code")["name"].to_dict()
    unplaced = incidents[incidents["is_attack"] & ~incidents["location_precision"].isin(KNOWN_PROVINCE)]
    counts = unplaced["region_code"].value_counts().reindex(list(names)).dropna().astype(int)
    return {names[code]: int(count) for code, count in zip(counts.index, counts, strict=True)}
