"""Selection of a publication from a map and its vault: allow-listed columns, coarse places, counts, and new ids."""

import datetime as dt
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import pandas as pd

from lindero.app.answers.record.coarse_places import assign_cells, department_shapes, known_areas
from lindero.app.answers.record.extents import Extent, read_extents
from lindero.app.answers.record.incidents import read_incidents
from lindero.app.answers.registers import published_title
from lindero.app.media.site.cases import select_distinct_cases
from lindero.app.media.site.coverage import published_coverage
from lindero.layers.database import map_database
from lindero.layers.database.definitions import KNOWN_REGION, PERSON_LAYERS, is_public
from lindero.layers.database.map_database import Connection
from lindero.layers.database.queries import record_queries
from lindero.layers.disk import builds
from lindero.layers.errors import N_, PublishError
from lindero.layers.model.layer import REFERENCES, Layer
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
    CountResult,
    count_records,
)
from lindero.layers.workspace.manifest_file import Workspace

PEOPLE_SOURCE = "public-record"  # source of all rows about people, so that it does not reveal if they were in the vault
CITED_LICENCE = "as cited by each record"
_ID_BYTES = 8


@dataclass(frozen=True)
class Publication:
    """Everything that is published, and the number of records that are not, by reason."""

    title: str
    published_on: dt.date
    layers: dict[str, pd.DataFrame]
    sources: pd.DataFrame
    overlaps: pd.DataFrame
    counts: gpd.GeoDataFrame
    coverage: gpd.GeoDataFrame
    basis: Basis = field(default_factory=Basis)
    withheld: dict[str, int] = field(default_factory=dict)
    is_held_back: bool = False  # the counts are those of the last release, because too few cases have changed since
    is_first: bool = False  # the vault knows of no earlier publication
    new_ids: Mapping[str, pd.Series] = field(default_factory=dict, repr=False)  # by layer: new id by own id; not stored
    new_sources: Mapping[str, str] = field(default_factory=dict, repr=False)  # by own name; never written


def select_publication(space: Workspace, private: Connection | None, *, today: dt.date) -> Publication:
    """Select the publication of a workspace's map, and of its vault if it is open."""
    with map_database.connect(builds.current_map(space.build_folder)) as con:
        return select_from_map(con, private, title=space.title, today=today, country=space.country)


def select_from_map(
    con: Connection, private: Connection | None, *, title: str, today: dt.date, country: str
) -> Publication:
    """Select the publication of an open map.

    Incidents outside the country (ISO 3166-1 alpha-2) are left out, unless it is empty.
    """
    layers = {name: _read_rows(con, LAYERS[name]) for name in PUBLISHED}
    sources = map_database.read_table(con, "sources")
    on_map = read_incidents(con)
    abroad = on_map.loc[on_map["country"].notna() & (on_map["country"] != country) & bool(country), "id"]
    layers["incidents"] = layers["incidents"][is_public(layers["incidents"]) & ~layers["incidents"]["id"].isin(abroad)]
    measure_count = map_database.count_rows(con)["protection_measures"]
    if private is not None:
        _add_vault_rows(layers, private)
    is_first = private is not None and releases.has_no_release(private)
    count_result, withheld = _count_restricted_records(private, on_map) if private else (empty_count(), {})
    named, new_names = _rename_sources(layers, sources, today)
    layers["incidents"] = coarsen_incidents(gpd.GeoDataFrame(layers["incidents"]), read_extents(con))
    new_ids: dict[str, pd.Series] = {}
    published = {name: _select_public_rows(name, layers.pop(name), new_ids) for name in PUBLISHED}
    shown = {name: rows for name, rows in published.items() if len(rows)}
    return Publication(
        title,
        today,
        shown,
        _select_sources(named, published),
        _select_overlaps(con, new_ids),
        _build_count_rows(count_result.cells),
        published_coverage(con, new_names, shown),
        count_result.basis,
        {**withheld, "restricted": count_result.withheld, "protection_measures": measure_count, "abroad": len(abroad)},
        is_held_back=count_result.is_held_back and not is_first,
        is_first=is_first,
        new_ids=new_ids,
        new_sources=new_names,
    )


def _read_rows(con: Connection, layer: Layer) -> pd.DataFrame:
    """Read the current rows of a layer. The geometry of land stays in the map, because it is published unchanged."""
    columns = layer.names if layer.has_geometry and layer is not INCIDENTS else None
    return record_queries.read_layer_rows(con, layer, columns=columns)


def empty_count() -> CountResult:
    """Return an empty count, for a publication without a vault."""
    return count_records(pd.DataFrame({"department": [], "province": [], "year": []}), Basis())


def _count_restricted_records(private: Connection, on_map: pd.DataFrame) -> tuple[CountResult, dict[str, int]]:
    """Count the surely distinct restricted records of the vault, and the records in no number, by reason."""
    selection = select_distinct_cases(private, on_map)
    rows = published_database.read_restricted_records(private)
    by_visibility = published_database.count_by_visibility(private)
    withheld = {
        "copies": selection.copies,
        "known_otherwise": selection.known_otherwise,
        "confidential": by_visibility.get("confidential", 0),
    }
    return count_records(
        assign_cells(rows[rows["id"].isin(selection.distinct)]), releases.read_basis(private)
    ), withheld


def create_ids(count: int) -> list[str]:
    """Create random ids, which reveal nothing and have no order."""
    return [secrets.token_hex(_ID_BYTES) for _ in range(count)]


def _add_vault_rows(layers: dict[str, pd.DataFrame], private: Connection) -> None:
    """Add the public records of the vault, which must cite a source, and the rows that belong to them."""
    vault_incidents = map_database.read_layer(private, INCIDENTS)
    vault_incidents = vault_incidents[
        is_public(vault_incidents) & ~vault_incidents["id"].isin(layers["incidents"]["id"])
    ]  # the map already has the same records
    has_source = vault_incidents["sources"].fillna("").str.strip() != ""
    if not has_source.all():
        raise PublishError(
            N_(
                "incident {id} is marked as public record but has no source; a public record needs a source "
                "that published it"
            ),
            id=vault_incidents.loc[~has_source, "id"].iloc[0],
        )
    combined = _concat_rows(layers["incidents"], vault_incidents)
    layers["incidents"] = gpd.GeoDataFrame(combined, geometry="geometry", crs=CRS)
    for name, map_rows in layers.items():
        if LAYERS[name].has_incident_id:
            rows = map_database.read_layer(private, LAYERS[name])
            layers[name] = _concat_rows(
                map_rows, gpd.GeoDataFrame(rows[rows["incident_id"].isin(vault_incidents["id"])])
            )


def _rename_sources(
    layers: dict[str, pd.DataFrame], sources: pd.DataFrame, today: dt.date
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Rename all sources in all layers, so that no name is that of a received file.

    Return the published sources and the new names.

    All data on people gets one source and one date. Names and dates of files reveal who sent them and which came from
    the vault. The publishers are named, and cited by each record.
    """
    current = sources.loc[sources["is_current"], [*SOURCES_PUBLISHED, "file_name"]].sort_values(
        ["layer", "publisher", "snapshot_on"], ignore_index=True
    )
    of_people = current["layer"].isin(PERSON_LAYERS)
    numbers = current.groupby("layer").cumcount() + 1
    names = (current["layer"].str.replace("_", "-") + "-" + numbers.astype(str)).mask(of_people, PEOPLE_SOURCE)
    new_names = dict(zip(current["source_id"], names, strict=True))
    publishers = dict(zip(current["source_id"], current["publisher"], strict=True))
    incidents = layers["incidents"]
    layers["incidents"] = incidents.assign(sources=incidents["sources"].fillna(incidents["source_id"].map(publishers)))
    for name, rows in layers.items():
        if name in PERSON_LAYERS:
            layers[name] = rows.assign(source_id=PEOPLE_SOURCE, snapshot_on=pd.Timestamp(today))
        else:
            layers[name] = rows.assign(source_id=rows["source_id"].map(new_names))
    land = current[~of_people]
    titles = [
        published_title(title, file, layer, publisher)
        for title, file, layer, publisher in land[["title", "file_name", "layer", "publisher"]].itertuples(index=False)
    ]
    land = land.assign(source_id=names[~of_people], title=titles)
    combined = _concat_rows(land, _people_source(current[of_people], today))
    return combined.drop(columns="file_name", errors="ignore"), new_names


def _people_source(sources: pd.DataFrame, today: dt.date) -> pd.DataFrame:
    publishers = sorted(set(sources["publisher"].dropna()))
    licences = sorted(set(sources["licence"].dropna())) or ["not stated"]
    values = {
        "source_id": PEOPLE_SOURCE,
        "snapshot_on": pd.Timestamp(today),
        "layer": "incidents",
        "title": "Public record",
        "publisher": "; ".join([*publishers, CITED_LICENCE]),
        "licence": "; ".join(licences),
        "is_current": True,
        "snapshot_stated": False,  # the date is that of the publication, not of the data
        "invented": bool(sources["invented"].fillna(value=False).any()),
    }
    return pd.DataFrame([values])


def _concat_rows(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """Concatenate rows, with their snapshot dates converted to one type.

    An empty frame is ignored, so that it does not affect the column types.
    """
    frames = [frame for frame in (first, second) if len(frame)]
    if not frames:
        return first
    return pd.concat(
        [rows.assign(snapshot_on=pd.to_datetime(rows["snapshot_on"])) for rows in frames], ignore_index=True
    )


def coarsen_incidents(incidents: gpd.GeoDataFrame, extents: Mapping[str, Extent] | None = None) -> gpd.GeoDataFrame:
    """Return incidents with places and dates no more precise than they are known."""
    dates = pd.to_datetime(incidents["occurred_on"])
    year = pd.to_datetime(dates.dt.strftime("%Y-01-01"))
    month = pd.to_datetime(dates.dt.strftime("%Y-%m-01"))
    precision = incidents["date_precision"]
    date = dates.where(precision == "day", month.where(precision == "month", year))
    place_precision = incidents["location_precision"]
    shown = incidents.assign(
        occurred_on=date.dt.date.where(date.notna(), None),
        region=incidents["region"].where(place_precision.isin(KNOWN_REGION), None),
        place_text=incidents["place_text"].where(place_precision.isin(TEXT_SHOWN), None),
        geometry=known_areas(incidents, extents).to_numpy(),
    )
    return gpd.GeoDataFrame(shown, geometry="geometry", crs=CRS)


def _select_public_rows(name: str, rows: pd.DataFrame, new_ids: dict[str, pd.Series]) -> pd.DataFrame:
    """Select the published columns under new ids, sorted by id. Rows that refer to an unpublished row are dropped."""
    if rows.empty:
        new_ids[name] = pd.Series(dtype=object)
        return rows
    columns = [*COMMON_PUBLISHED, *(column for column in PUBLISHED[name] if column in rows)]
    published = pd.DataFrame({column: rows[column].to_numpy() for column in columns})
    new_ids[name] = pd.Series(create_ids(len(published)), index=published["id"].to_numpy(), dtype=object)
    for column, target_layer in REFERENCES.items():
        if column in published:
            ids = new_ids.get(target_layer, pd.Series(dtype=object))
            published[column] = published[column].map(ids)
            if column != "concession_id":  # a consultation may be about no concession
                published = published[published[column].notna()]
    published["id"] = published["id"].map(new_ids[name])
    if "geometry" in rows:
        shapes = gpd.GeoSeries(rows.geometry.to_numpy()[published.index], index=published.index, crs=CRS)
        published = gpd.GeoDataFrame(published, geometry=shapes, crs=CRS)
    published = published.sort_values("id", ignore_index=True)
    published["row_number"] = range(1, len(published) + 1)
    return published


def _select_sources(sources: pd.DataFrame, layers: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Select the sources of the published rows. Their row counts are those of the published rows."""
    sizes = pd.concat([rows["source_id"] for rows in layers.values()]).value_counts()
    size = sources["source_id"].map(sizes).fillna(0).astype(int)
    shown = sources.assign(fingerprint="", rows_read=size, rows_kept=size, rows_repaired=0, rows_rejected=0)
    return shown[size.to_numpy() > 0].reindex(columns=[column.name for column in TABLES["sources"]])


def _select_overlaps(con: Connection, new_ids: Mapping[str, pd.Series]) -> pd.DataFrame:
    """Select the overlaps between published features.

    Both geometries are published unchanged, so the areas remain valid.
    """
    parts = []
    for left, right in OVERLAP_PAIRS:
        pairs = map_database.read_all_overlaps(con, left, right)
        pairs["left_id"] = pairs["left_id"].map(new_ids[left])
        pairs["right_id"] = pairs["right_id"].map(new_ids[right])
        parts.append(pairs[pairs["left_id"].notna() & pairs["right_id"].notna()])
    return pd.concat(parts, ignore_index=True).sort_values(["left_id", "right_id"], ignore_index=True)


def _build_count_rows(cells: Mapping[Cell, int]) -> gpd.GeoDataFrame:
    """Return the cells as rows with the outline of their department."""
    codes = sorted({department for department, _, _ in cells})
    departments = department_shapes().loc[codes].to_dict("index") if codes else {}
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
        for new_id, ((department, province, year), count) in zip(create_ids(len(cells)), cells.items(), strict=True)
    ]
    columns = [*(column.name for column in COUNTS), "geometry"]
    return gpd.GeoDataFrame(rows, columns=columns, geometry="geometry", crs=CRS).astype({"year": "Int32"})
