"""What is published of a map and its vault: chosen by an allow-list, made coarse, counted, and given new ids."""

import datetime as dt
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import pandas as pd

from lindero.app.products.publication.cases import cases
from lindero.app.products.publication.coverage import published_coverage
from lindero.app.record.coarse_places import as_known, cells_of, department_shapes
from lindero.app.record.incidents import incidents_of
from lindero.layers.database import map_database
from lindero.layers.database.definitions import KNOWN_REGION, OF_PERSONS, is_public
from lindero.layers.database.map_database import Connection
from lindero.layers.database.queries import record_queries
from lindero.layers.disk import builds
from lindero.layers.errors import N_, PublishError
from lindero.layers.model.layer import REFERENCES
from lindero.layers.model.schema import CRS, INCIDENTS, LAYERS, OVERLAP_PAIRS, TABLES
from lindero.layers.publish import published_database, releases
from lindero.layers.publish.rules import (
    COMMON_PUBLISHED,
    COUNTS,
    PUBLISHED,
    SOURCES_PUBLISHED,
    TEXT_SHOWN,
    Basis,
    Cell,
    Counted,
    counted,
    untitled,
)
from lindero.layers.workspace.manifest_file import Workspace, slug

OF_PEOPLE = "public-record"  # the source of all that is told of people: none tells whether the vault or the map held it
CITED = "as cited by each record"
_ID_BYTES = 8


@dataclass(frozen=True)
class Publication:
    """Everything that is published, and what is not and why."""

    title: str
    published_on: dt.date
    layers: dict[str, pd.DataFrame]
    sources: pd.DataFrame
    overlaps: pd.DataFrame
    counts: gpd.GeoDataFrame
    coverage: gpd.GeoDataFrame
    basis: Basis = field(default_factory=Basis)
    withheld: dict[str, int] = field(default_factory=dict)
    is_held_back: bool = False  # the numbers are those of the last release, for too few cases changed since
    is_first: bool = False  # the vault knows of no publication
    new_ids: Mapping[str, pd.Series] = field(default_factory=dict, repr=False)  # by layer: of own ids; written nowhere
    new_sources: Mapping[str, str] = field(default_factory=dict, repr=False)  # of own names; written nowhere


def publication(space: Workspace, private: Connection | None, *, today: dt.date) -> Publication:
    """
    Make what is published of a workspace's map, and of its vault if it is open.

    Raises
    ------
    NotBuiltError
        If there is no map.
    PublishError
        If public record in the vault names no source.
    """
    with map_database.connect(builds.current_map(space.build_folder)) as own:
        return publication_of(own, private, title=space.title, today=today, country=space.country)


def publication_of(
    own: Connection, private: Connection | None, *, title: str, today: dt.date, country: str
) -> Publication:
    """
    Make it of a map that is open; raises PublishError as `publication` does.

    Incidents that are known to lie outside the country (ISO 3166-1 alpha-2) are left out, unless it is empty.
    """
    layers: dict[str, pd.DataFrame] = {name: record_queries.rows(own, LAYERS[name]) for name in PUBLISHED}
    sources = map_database.read_table(own, "sources")
    overlaps = {pair: map_database.read_overlaps(own, *pair) for pair in OVERLAP_PAIRS}
    on_map = incidents_of(own)
    abroad = on_map.loc[on_map["country"].notna() & (on_map["country"] != country) & bool(country), "id"]
    layers["incidents"] = layers["incidents"][is_public(layers["incidents"]) & ~layers["incidents"]["id"].isin(abroad)]
    measures = map_database.counts(own)["protection_measures"]
    if private is not None:
        _join(layers, private)
    is_first = private is not None and releases.is_first(private)
    found, withheld = _counts_of(private, on_map) if private else (counted_none(), {})
    named, new_names = _renamed(layers, sources, today)
    layers["incidents"] = coarse(gpd.GeoDataFrame(layers["incidents"]))
    new_ids: dict[str, pd.Series] = {}
    published = {name: _published(name, rows, new_ids) for name, rows in layers.items()}
    shown = {name: rows for name, rows in published.items() if len(rows)}
    return Publication(
        title,
        today,
        shown,
        _sources(named, published),
        _overlaps(overlaps, new_ids),
        _counts(found.cells),
        published_coverage(own, new_names, shown),
        found.basis,
        {**withheld, "restricted": found.withheld, "protection_measures": measures, "abroad": len(abroad)},
        is_held_back=found.is_held_back and not is_first,
        is_first=is_first,
        new_ids=new_ids,
        new_sources=new_names,
    )


def counted_none() -> Counted:
    """Count nothing: there is no vault, or it stays closed."""
    return counted(pd.DataFrame({"department": [], "province": [], "year": []}), Basis())


def _counts_of(private: Connection, on_map: pd.DataFrame) -> tuple[Counted, dict[str, int]]:
    """Count the restricted records of the vault that are surely distinct; and what is in no number, and why."""
    found = cases(private, on_map)
    rows = published_database.restricted(private)
    by_visibility = published_database.held_back(private)
    withheld = {
        "copies": found.copies,
        "known_otherwise": found.known_otherwise,
        "confidential": by_visibility.get("confidential", 0),
    }
    return counted(cells_of(rows[rows["id"].isin(found.distinct)]), releases.basis(private)), withheld


def new_ids_of(count: int) -> list[str]:
    """Make ids that say nothing: random, and so in no order."""
    return [secrets.token_hex(_ID_BYTES) for _ in range(count)]


def _join(layers: dict[str, pd.DataFrame], private: Connection) -> None:
    """Add what the vault holds of public record, with its source cited, and what belongs to it."""
    own = map_database.read_layer(private, INCIDENTS)
    own = own[is_public(own) & ~own["id"].isin(layers["incidents"]["id"])]  # the same record of the same source
    cited = own["sources"].fillna("").str.strip() != ""
    if not cited.all():
        raise PublishError(
            N_("incident {id} is called public record, but names no source: nothing is public on no one's word"),
            id=own.loc[~cited, "id"].iloc[0],
        )
    both = _stacked(layers["incidents"], own)
    layers["incidents"] = gpd.GeoDataFrame(both, geometry="geometry", crs=CRS)
    for name, above in layers.items():
        if LAYERS[name].of_incidents:
            rows = map_database.read_layer(private, LAYERS[name])
            layers[name] = _stacked(above, gpd.GeoDataFrame(rows[rows["incident_id"].isin(own["id"])]))


def _renamed(
    layers: dict[str, pd.DataFrame], sources: pd.DataFrame, today: dt.date
) -> tuple[pd.DataFrame, dict[str, str]]:
    """
    Give every source a name that no received file bore, in all layers; returns the sources published, and new names.

    What is told of people is of one source and one day: the names of files, and the days on which they came, tell who
    sent them and which came out of the vault. Who published it is named, and cited by each record.
    """
    current = sources.loc[sources["is_current"], [*SOURCES_PUBLISHED, "file_name"]].sort_values(
        ["layer", "publisher", "snapshot_on"], ignore_index=True
    )
    of_people = current["layer"].isin(OF_PERSONS)
    numbers = current.groupby("layer").cumcount() + 1
    names = (current["layer"].str.replace("_", "-") + "-" + numbers.astype(str)).mask(of_people, OF_PEOPLE)
    new = dict(zip(current["source_id"], names, strict=True))
    publishers = dict(zip(current["source_id"], current["publisher"], strict=True))
    incidents = layers["incidents"]
    layers["incidents"] = incidents.assign(sources=incidents["sources"].fillna(incidents["source_id"].map(publishers)))
    for name, rows in layers.items():
        if name in OF_PERSONS:
            layers[name] = rows.assign(source_id=OF_PEOPLE, snapshot_on=pd.Timestamp(today))
        else:
            layers[name] = rows.assign(source_id=rows["source_id"].map(new))
    land = current[~of_people]
    titles = [
        untitled(layer, publisher) if slug(str(title)) == slug(Path(str(file)).stem) else title
        for title, file, layer, publisher in land[["title", "file_name", "layer", "publisher"]].itertuples(index=False)
    ]
    land = land.assign(source_id=names[~of_people], title=titles)
    both = _stacked(land, _source_of_people(current[of_people], today))
    return both.drop(columns="file_name", errors="ignore"), new


def _source_of_people(sources: pd.DataFrame, today: dt.date) -> pd.DataFrame:
    publishers = sorted(set(sources["publisher"].dropna()))
    licences = sorted(set(sources["licence"].dropna())) or ["not stated"]
    values = {
        "source_id": OF_PEOPLE,
        "snapshot_on": pd.Timestamp(today),
        "layer": "incidents",
        "title": "Public record",
        "publisher": "; ".join([*publishers, CITED]),
        "licence": "; ".join(licences),
        "is_current": True,
        "snapshot_stated": False,  # that is the day of the publication, not one that anything stands for
        "invented": bool(sources["invented"].fillna(value=False).any()),
    }
    return pd.DataFrame([values])


def _stacked(above: pd.DataFrame, below: pd.DataFrame) -> pd.DataFrame:
    """Put rows under rows, their snapshots as one kind of date; an empty frame has no say in the columns' types."""
    filled = [frame for frame in (above, below) if len(frame)]
    if not filled:
        return above
    return pd.concat(
        [rows.assign(snapshot_on=pd.to_datetime(rows["snapshot_on"])) for rows in filled], ignore_index=True
    )


def coarse(incidents: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Show incidents no finer than their place, and dates no finer than they are known."""
    dates = pd.to_datetime(incidents["occurred_on"])
    year = pd.to_datetime(dates.dt.strftime("%Y-01-01"))
    month = pd.to_datetime(dates.dt.strftime("%Y-%m-01"))
    precision = incidents["date_precision"]
    day = dates.where(precision == "day", month.where(precision == "month", year))
    where = incidents["location_precision"]
    shown = incidents.assign(
        occurred_on=day.dt.date.where(day.notna(), None),
        region=incidents["region"].where(where.isin(KNOWN_REGION), None),
        place_text=incidents["place_text"].where(where.isin(TEXT_SHOWN), None),
        geometry=as_known(incidents).to_numpy(),
    )
    return gpd.GeoDataFrame(shown, geometry="geometry", crs=CRS)


def _published(name: str, rows: pd.DataFrame, new_ids: dict[str, pd.Series]) -> pd.DataFrame:
    """Keep the columns that are published, under new ids, in the order of these; rows that belong to none are left."""
    layer = LAYERS[name]
    if rows.empty:
        new_ids[name] = pd.Series(dtype=object)
        return rows
    columns = [*COMMON_PUBLISHED, *(column for column in PUBLISHED[name] if column in rows)]
    kept = pd.DataFrame({column: rows[column].to_numpy() for column in columns})
    new_ids[name] = pd.Series(new_ids_of(len(kept)), index=kept["id"].to_numpy(), dtype=object)
    for column, other in REFERENCES.items():
        if column in kept:
            ids = new_ids.get(other, pd.Series(dtype=object))
            kept[column] = kept[column].map(ids)
            if column != "concession_id":  # a consultation need not be about one
                kept = kept[kept[column].notna()]
    kept["id"] = kept["id"].map(new_ids[name])
    if layer.has_geometry:
        shapes = gpd.GeoSeries(rows.geometry.to_numpy()[kept.index], index=kept.index, crs=CRS)
        kept = gpd.GeoDataFrame(kept, geometry=shapes, crs=CRS)
    kept = kept.sort_values("id", ignore_index=True)
    kept["row_number"] = range(1, len(kept) + 1)
    return kept


def _sources(sources: pd.DataFrame, layers: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Name the sources of what is published; their counts are of what is published, too."""
    sizes = pd.concat([rows["source_id"] for rows in layers.values()]).value_counts()
    size = sources["source_id"].map(sizes).fillna(0).astype(int)
    shown = sources.assign(fingerprint="", rows_read=size, rows_kept=size, rows_repaired=0, rows_rejected=0)
    return shown[size.to_numpy() > 0].reindex(columns=[column.name for column in TABLES["sources"]])


def _overlaps(overlaps: Mapping[tuple[str, str], pd.DataFrame], new_ids: Mapping[str, pd.Series]) -> pd.DataFrame:
    """Give overlaps of what is published; both sides are published as they are, so that they are its own."""
    parts = []
    for (left, right), found in overlaps.items():
        pairs = found.assign(
            left_id=found["left_id"].map(new_ids[left]), right_id=found["right_id"].map(new_ids[right])
        )
        parts.append(pairs[pairs["left_id"].notna() & pairs["right_id"].notna()])
    return pd.concat(parts, ignore_index=True).sort_values(["left_id", "right_id"], ignore_index=True)


def _counts(cells: Mapping[Cell, int]) -> gpd.GeoDataFrame:
    """Give the cells as rows with the outline of their department."""
    named = sorted({department for department, _, _ in cells})
    departments = department_shapes().loc[named].to_dict("index") if named else {}
    rows = [
        {
            "id": new_id,
            "country": departments[department]["country"],
            "department": departments[department]["name"],
            "province": province or None,
            "year": year,
            "count": count,
            "geometry": departments[department]["geometry"],
        }
        for new_id, ((department, province, year), count) in zip(new_ids_of(len(cells)), cells.items(), strict=True)
    ]
    columns = [*(column.name for column in COUNTS), "geometry"]
    return gpd.GeoDataFrame(rows, columns=columns, geometry="geometry", crs=CRS).astype({"year": "Int32"})
