"""Who holds concessions on the land of communities near which attacks or conflicts are recorded."""

from dataclasses import dataclass

import geopandas as gpd
import pandas as pd
import shapely

from lindero.app.answers.coverage import coverage_text
from lindero.app.answers.coverage.coverage import coverage_of, lacking
from lindero.app.answers.coverage.reach import Reach, reach_of
from lindero.app.answers.holder_spellings import across_spellings, by_spelling
from lindero.app.answers.overlap.land import titles_on_lands
from lindero.app.record.coarse_places import whereabouts
from lindero.app.record.incidents import Record, placed_incidents, well_placed
from lindero.app.text.i18n import _, listed, ngettext, number
from lindero.geo import footprint
from lindero.geo.near.within_distance import within
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
_LARGEST = 3  # holders that are named


@dataclass(frozen=True)
class AttackedLands:
    """
    Holders of concessions on the land of communities with an attack or a conflict recorded within `KM` of the land.

    `rows` has one row for each holder and community, most ground first: `COLUMNS`, where `footprint_ha` counts ground
    with several concessions of the holder once. `attacks` and `conflicts` count those at a known place within `KM`;
    `attacks_most` and `conflicts_most` also those known to a district or province that comes as near. `communities`
    counts these communities, with concessions or without, and `attacked` those with an attack at a known place.
    `in_region` counts, by region of the communities, the attacks known to the region alone.
    """

    rows: pd.DataFrame
    communities: int
    attacked: int
    in_region: dict[str, int]
    lands: gpd.GeoDataFrame  # these communities: `id`, `name`, `COUNTS` and geometry in OGC:CRS84
    covered: Reach  # how far concessions are known on their land
    lacks: tuple[str, ...]

    def finding(self) -> str:
        """Return in one sentence who holds most on the land of these communities."""
        if self.lacks:
            return coverage_text.lacks(self.lacks)
        if not self.communities:
            text = _("No attack or conflict whose district is known is recorded within {km} km of a community.")
            return text.format(km=KM)
        if self.rows.empty:
            text = ngettext(
                "No concession is recorded on the land of the {n} community with attacks or conflicts within {km} km.",
                "No concession is recorded on the land of the {n} communities with attacks or conflicts within {km} "
                "km.",
                self.communities,
            )
            return text.format(n=number(self.communities), km=KM)
        held = self.rows.groupby("holder")["footprint_ha"].sum().sort_values(ascending=False)
        largest = [f"{name} ({number(ha)} ha)" for name, ha in held.head(_LARGEST).items()]
        lands = self.rows["community_id"].nunique()
        holders = ngettext("{n} holder has concessions", "{n} holders have concessions", len(held))
        communities = ngettext("{n} community", "{n} communities", lands)
        text = _(
            "{holders} on the land of {communities} with attacks or conflicts within {km} km. Most land: {largest}."
        )
        return text.format(
            holders=holders.format(n=number(len(held))),
            communities=communities.format(n=number(lands)),
            km=KM,
            largest=listed(largest),
        )

    def besides(self) -> str:
        """Return what the finding rests on and leaves open."""
        if self.lacks:
            return ""
        sentences = []
        if self.communities and not self.attacked:
            sentences.append(_("No attack is recorded at a known place near them; the record has conflicts there."))
        elif self.communities:
            text = ngettext(
                "Near {n} of these communities an attack is recorded at a known place.",
                "Near {n} of these communities attacks are recorded at a known place.",
                self.attacked,
            )
            sentences.append(text.format(n=number(self.attacked)))
        if self._is_coarse():
            sentences.append(_("Where a place is known only to its district, the table gives the least and the most."))
        if self.in_region:
            places = listed([f"{name} {number(count)}" for name, count in self.in_region.items()])
            sentences.append(
                _("Attacks without an exact place may be near these and other communities: {places}.").format(
                    places=places
                )
            )
        sentences.append(coverage_text.reach(self.covered))
        sentences.append(_("That a company holds land where people were attacked does not say that it took part."))
        return " ".join(filter(None, sentences))

    def _is_coarse(self) -> bool:
        """Return whether any count has a least and a most."""
        return bool(sum((self.rows[name] < self.rows[f"{name}_most"]).sum() for name in ("attacks", "conflicts")))

    def head(self) -> dict[str, object]:
        """Return the counts as JSON holds them."""
        return {
            "within_km": KM,
            "communities": self.communities,
            "communities_with_attacks": self.attacked,
            "attacks_without_exact_place": self.in_region,
            "coverage": [self.covered.as_dict()],
        }


def attacked_lands(con: Connection, record: Record | None = None) -> AttackedLands:
    """
    Find the holders of concessions on the land of communities near recorded attacks and conflicts.

    Parameters
    ----------
    record
        The record of attacks, for whoever has read it.
    """
    lands = map_database.read_layer(con, COMMUNITIES)
    lands = lands[lands.geometry.notna()].reset_index(drop=True)
    incidents = placed_incidents(con, record)
    counts = _counts_near(lands, incidents)
    meant = gpd.GeoDataFrame(lands.loc[lands["id"].isin(counts.index), ["id", "name", "geometry"]])
    meant = gpd.GeoDataFrame(meant.join(counts, on="id"))
    covered = coverage_of(con)
    return AttackedLands(
        _holders_on(con, meant),
        len(counts),
        int((counts["attacks"] > 0).sum()),
        _attacks_by_region(incidents, lands),
        meant,
        reach_of(covered, CONCESSIONS.name, meant.geometry, of=COMMUNITIES.name),
        tuple(lacking(covered, LAYERS)),
    )


def _counts_near(lands: gpd.GeoDataFrame, incidents: gpd.GeoDataFrame) -> pd.DataFrame:
    """Count attacks and conflicts near each land by its id, at least and at most: `COUNTS`."""
    placed = incidents[incidents["location_precision"].isin(KNOWN_PROVINCE)]
    near = within(lands, placed.set_geometry(whereabouts(placed)), within_km=KM)
    about = incidents.set_index("id")
    is_attack = near["id"].map(about["is_attack"]).astype(bool)
    is_known = near["id"].isin(well_placed(incidents)["id"])
    chosen = (is_attack & is_known, is_attack, ~is_attack & is_known, ~is_attack)
    ids = pd.Index(near["place_id"].unique())
    counted = [near[each].groupby("place_id").size().reindex(ids, fill_value=0) for each in chosen]
    return pd.DataFrame(dict(zip(COUNTS, counted, strict=True)), index=ids)


def _holders_on(con: Connection, lands: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return one row for each holder and land, with the ground that its concessions cover there."""
    pairs, counted = titles_on_lands(con)
    own = pairs[pairs["right_id"].isin(lands["id"])]
    names = by_spelling(across_spellings(map_queries.holders(con, counted.left_out)))
    own = own.assign(holder=own["left_holder"].map(names)).dropna(subset=["holder"])
    if own.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    groups = own.groupby(["holder", "right_id"], sort=True)
    found = groups["left_id"].nunique().rename("concessions").reset_index()
    titles = map_database.read_layer(con, CONCESSIONS, where={"id": own["left_id"].unique().tolist()})
    # One copy of the land for each holder on it, so that all are measured at once.
    copies = lands.set_index("id").loc[found["right_id"]].reset_index(drop=True).assign(id=range(len(found)))
    ground = footprint(own.assign(right_id=groups.ngroup()), titles, gpd.GeoDataFrame(copies, crs=lands.crs))
    found["footprint_ha"] = ground.set_index("id")["footprint_ha"].reindex(range(len(found))).to_numpy()
    about = lands.set_index("id")[["name", *COUNTS]].rename(columns={"name": "community"})
    found = found.rename(columns={"right_id": "community_id"}).join(about, on="community_id")
    return found[list(COLUMNS)].sort_values(["footprint_ha", "holder"], ascending=[False, True], ignore_index=True)


def _attacks_by_region(incidents: gpd.GeoDataFrame, lands: gpd.GeoDataFrame) -> dict[str, int]:
    """Count the attacks known to the region alone, by name of the regions that the lands are in."""
    regions = base_data.regions()
    middles = shapely.point_on_surface(lands.geometry.to_numpy())
    _land, at = shapely.STRtree(regions.geometry.to_numpy()).query(middles, predicate="within")
    meant = regions.iloc[sorted(set(at))].set_index("code")["name"].to_dict()
    unplaced = incidents[incidents["is_attack"] & ~incidents["location_precision"].isin(KNOWN_PROVINCE)]
    counted = unplaced["region_code"].value_counts().reindex(list(meant)).dropna().astype(int)
    return {meant[code]: int(count) for code, count in zip(counted.index, counted, strict=True)}
