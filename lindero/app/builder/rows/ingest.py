"""From a received file to rows for the map: read, map, locate and check. Every row is accounted for."""

import hashlib
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import TypedDict

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lindero.app.builder.rows import coordinates
from lindero.app.builder.rows.coordinates import find_unlikely_places, locate_rows
from lindero.app.builder.rows.row_location import Land
from lindero.app.builder.rows.row_report import (
    IngestedSource,
    SourceAccount,
    build_refused_rows,
    file_name,
    serialize_fields,
)
from lindero.app.builder.rows.table_points import state_crs
from lindero.geo import area_ha, repair
from lindero.layers import sources
from lindero.layers.check import validate
from lindero.layers.check.incident_region import locate_incidents
from lindero.layers.check.visibility import Gate
from lindero.layers.consent import withdrawal
from lindero.layers.database.definitions import PERSON_LAYERS
from lindero.layers.disk import builds
from lindero.layers.errors import N_, MappingError
from lindero.layers.model import identity
from lindero.layers.model.layer import Layer, Shape
from lindero.layers.model.schema import COMMUNITIES, CRS, INCIDENTS, LAYERS
from lindero.layers.read.reader import SIDE_BY_SIDE, ReceivedLayer, read, start_reading
from lindero.layers.read.sandbox.client import repair_polygons, save_response
from lindero.layers.sources import kobo
from lindero.layers.sources.field_names import has_word
from lindero.layers.sources.mapped_rows import apply_mapping
from lindero.layers.sources.mapping import (
    FieldMapping,
    check_mapping,
    is_all_zero,
    match_columns,
    normalise_text,
    override_mapping,
    used_fields,
)
from lindero.layers.workspace.manifest_file import SourceEntry, Workspace

MAP_GATE = Gate()
OFFICIAL_SHARE = 0.02  # largest difference between a reading of unsorted rings and the official hectares
_INCIDENT_MISSING = "incident_not_on_the_map"


def read_source(entry: SourceEntry, path: Path, *, gate: Gate = MAP_GATE) -> ReceivedLayer:
    """Read the file at `path` with the options of its manifest entry."""
    return read(path, **_read_options(entry, gate))


def start_reading_source(
    executor: Executor, entry: SourceEntry, space: Workspace, *, gate: Gate
) -> Callable[[], ReceivedLayer]:
    """Start reading the file of a source in the background, or load the reading that `add` saved."""
    return start_reading(
        executor, space.folder / entry.file, cache_file=_reading_path(entry, space), **_read_options(entry, gate)
    )


def save_reading(entry: SourceEntry, received: ReceivedLayer, space: Workspace) -> None:
    """Save the reading of a file for the next build, unless the file is about people."""
    if received.answer is not None and entry.layer not in PERSON_LAYERS:
        with suppress(OSError):  # without it, the build reads the file
            space.build_folder.mkdir(exist_ok=True)
            save_response(received.answer, _reading_path(entry, space))


def _reading_path(entry: SourceEntry, space: Workspace) -> Path:
    """Return the path for the reading of a file. It depends on the content and on everything that affects reading."""
    parts = [entry.sha256, Path(entry.file).name, entry.encoding, entry.sublayer, version("lindero")]
    return space.build_folder / (hashlib.sha256("\n".join(parts).encode()).hexdigest() + builds.READING)


class _ReadOptions(TypedDict):
    encoding: str | None
    sublayer: str | None
    nothing_written: bool


def _read_options(entry: SourceEntry, gate: Gate) -> _ReadOptions:
    return {
        "encoding": entry.encoding or None,
        "sublayer": entry.sublayer or None,
        "nothing_written": gate.into_vault,
    }


def ingest(
    entry: SourceEntry,
    as_read: ReceivedLayer,
    land: Land,
    *,
    incidents: frozenset[str] | None = None,
    references: Callable[[pd.DataFrame], pd.DataFrame] = lambda rows: rows,
    gate: Gate = MAP_GATE,
) -> IngestedSource:
    """Convert the content of a file to the rows of a source.

    `incidents` are the ids of the incidents on the map. Acts, victims and steps of other incidents are rejected, so
    that nothing about a withheld incident is disclosed. With None, no row is rejected for this reason. `references`
    replaces ids that rows refer to by the current ids on the map (`layers.database.queries.redirects`). `gate` decides
    which incidents are withheld.
    """
    layer = LAYERS[entry.layer]
    received = kobo.simplify_export(as_read, layer)
    mapping = choose_mapping(entry, received)
    check_mapping(mapping, received)
    received = state_crs(mapping, received)
    mapped = apply_mapping(mapping, received)
    main_rows = _add_keys(mapped.pop(layer.name), entry)
    typed_rows, value_account = validate.convert_types(layer, main_rows, days_first=_days_first(entry))
    account = SourceAccount(entry, received, mapping)
    reading_account = received.account
    account.add(
        rejects=reading_account.rejects,
        repairs=reading_account.repairs,
        findings=_hide_read_details(reading_account.findings, layer),
    )
    account.add(rejects=value_account.rejects)
    rows = references(typed_rows)
    if layer is INCIDENTS:
        rows = _assign_ids(layer, rows, entry)
        for withheld in gate.find_withheld(_add_normalised_rows(rows, received) if gate.has_withdrawals else rows):
            rows = account.reject_rows(rows, withheld.rows, withheld.reason)
    if layer.has_incident_id and incidents is not None:
        rows = account.reject_rows(rows, rows.index[~rows["incident_id"].isin(incidents)], _INCIDENT_MISSING)
    account.add(findings=_hide_absent_details(value_account.findings, layer, rows))
    received_geometry: gpd.GeoSeries | None = None
    if layer.has_geometry:
        located_rows = locate_rows(entry, mapping, received, land)
        account.add(findings=_hide_absent_details(located_rows.findings, layer, rows))
        received_geometry = located_rows.geometry
        rows, geometry = _sort_rings(rows, gpd.GeoSeries(located_rows.geometry.reindex(rows.index)), account)
        rows, account.accuracy = coordinates.add_accuracy(
            _join_geometry(layer, rows, geometry, account, land), located_rows.shift
        )
        if layer is INCIDENTS:
            unstated = validate.missing_mask(main_rows, "location_precision").reindex(rows.index)
            with_region = locate_incidents(rows, placed=rows.geometry.notna(), country=land.country, unstated=unstated)
            account.add(findings=with_region.findings)
            rows = with_region.rows
    if layer is not INCIDENTS:
        rows = _assign_ids(layer, rows, entry)
    _note_findings(account, layer, rows)
    tables = {layer.name: rows}
    for name, derived in mapped.items():
        tables[name] = _build_child_rows(LAYERS[name], derived, rows["id"], entry, account)
    ingested = account.close(tables)
    return replace(ingested, refused=build_refused_rows(ingested, typed_rows, received_geometry))


def choose_mapping(entry: SourceEntry, received: ReceivedLayer) -> FieldMapping:
    """Return the mapping named in the manifest, with the fields that the user chose."""
    layer = LAYERS[entry.layer]
    if entry.mapping and entry.mapping not in sources.MAPPINGS_BY_NAME:
        raise MappingError(
            N_("there is no field mapping '{name}'; choose one of {known}"),
            name=entry.mapping,
            known=", ".join(sorted(sources.MAPPINGS_BY_NAME)),
        )
    built_in = sources.MAPPINGS_BY_NAME.get(entry.mapping)
    field_names = [
        name for name in map(str, received.rows) if not is_all_zero(normalise_text(name), received.rows[name])
    ]
    base = built_in or match_columns(layer, field_names)
    return override_mapping(base, layer, entry.fields, entry.constants, entry.codes)


def _days_first(entry: SourceEntry) -> bool | None:
    return entry.date_order == "day" if entry.date_order else None


def _assign_ids(layer: Layer, rows: pd.DataFrame, entry: SourceEntry) -> pd.DataFrame:
    """Assign ids that stay the same from one snapshot to the next."""
    return rows.assign(id=identity.assign_ids(layer, rows, source_id=entry.id))


def _add_keys(rows: pd.DataFrame, entry: SourceEntry) -> pd.DataFrame:
    """Add the key of each row: source, snapshot and row number."""
    keyed = rows.assign(
        source_id=entry.id,
        snapshot_on=entry.snapshot_on,
        row_number=rows.index,
    )
    if entry.invented:
        keyed["invented"] = True
    if entry.boundary_accuracy_m is not None:
        keyed["boundary_accuracy_m"] = entry.boundary_accuracy_m
    return keyed


def _add_normalised_rows(rows: pd.DataFrame, received: ReceivedLayer) -> pd.DataFrame:
    """Add the complete normalised content of each row, to be compared with withdrawn records."""
    serialized = serialize_fields(received).set_index("row_number")["fields"].reindex(rows.index)
    return rows.assign(**{withdrawal.WHOLE: serialized.map(withdrawal.normalise_row)})


def _note_findings(account: SourceAccount, layer: Layer, rows: pd.DataFrame) -> None:
    """Add findings about the rows as they will be on the map: duplicates, hectares, missing places."""
    account.add(findings=validate.find_duplicates(layer, rows))
    account.add(findings=validate.compare_hectares(rows))
    if layer is COMMUNITIES:
        account.add(findings=validate.find_missing_places(rows))


def _hide_read_details(findings: pd.DataFrame, layer: Layer) -> pd.DataFrame:
    """Remove received values from findings made while reading, in data about people.

    The value may be a name. Findings about the whole file (row 0) keep their detail.
    """
    if layer.name not in PERSON_LAYERS:
        return findings
    return findings.assign(detail=findings["detail"].mask(findings["row"] > 0, None))


def _hide_absent_details(findings: pd.DataFrame, layer: Layer, rows: pd.DataFrame) -> pd.DataFrame:
    """Remove received values from findings about people if their row is not on the map."""
    if layer.name not in PERSON_LAYERS or findings.empty:
        return findings
    return findings.assign(detail=findings["detail"].mask(~findings["row"].isin(rows.index), None))


def _sort_rings(
    rows: pd.DataFrame, geometry: gpd.GeoSeries, account: SourceAccount
) -> tuple[pd.DataFrame, gpd.GeoSeries]:
    """Classify rings as parts or holes where a file lists them side by side, and reject ambiguous rows.

    If the official hectares are known, a reading that differs from them is rejected, too.
    """
    repairs = account.received.account.repairs
    numbers = [row for row in repairs.loc[repairs["repair"] == SIDE_BY_SIDE, "row"] if row in rows.index]
    if not numbers:
        return rows, gpd.GeoSeries(geometry)
    received_shapes, name = np.asarray(geometry.loc[numbers], dtype=object), file_name(account.entry)
    repaired = repair_polygons(received_shapes, numbers, name, is_nested=False)
    shapes = np.array([polygon.ground for polygon in repaired], dtype=object)
    read = gpd.GeoSeries(shapes, index=numbers, crs=CRS)
    official = rows.reindex(columns=["area_official_ha"]).loc[numbers, "area_official_ha"].astype(float)
    rows = account.reject_rows(rows, read.index[read.isna()], "rings_cross")
    differ = ((area_ha(read) / official - 1).abs() > OFFICIAL_SHARE) & ~read.index.isin(account.entry.accepted)
    rows = account.reject_rows(rows, read.index[differ], "other_hectares")
    geometries = geometry.to_numpy().copy()
    geometries[geometry.index.get_indexer(pd.Index(numbers))] = shapes
    return rows, gpd.GeoSeries(gpd.GeoSeries(geometries, index=geometry.index, crs=geometry.crs).loc[rows.index])


def _join_geometry(
    layer: Layer, rows: pd.DataFrame, geometry: gpd.GeoSeries, account: SourceAccount, land: Land
) -> gpd.GeoDataFrame:
    """Join rows and their repaired geometry. Rows without geometry are rejected if the layer needs it."""
    shapes = geometry.to_numpy()
    present = geometry[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    # If no community has a place, the places were probably not understood, so these rows are rejected.
    needs_place = layer.needs_place or (layer is COMMUNITIES and present.empty)
    accepted_geometry = geometry if needs_place else present
    if layer is COMMUNITIES and not needs_place:
        used = used_fields(account.mapping, account.received)
        received_values = account.received.rows[[used[name] for name in layer.names & used.keys()]]
        rows = account.reject_rows(
            rows, validate.find_sums_and_notes(rows.drop(index=accepted_geometry.index), received_values), "no_geometry"
        )
    repaired = repair(
        gpd.GeoSeries(accepted_geometry),
        layer.shape,
        accepted=account.entry.accepted,
        repair_polygons=lambda polygons, positions: repair_polygons(
            polygons, accepted_geometry.index[positions], file_name(account.entry)
        ),
    )
    account.add(
        rejects=repaired.rejects, repairs=repaired.repairs, findings=find_unlikely_places(repaired.geometry, land)
    )
    if len(repaired.rejects):
        rows = rows.drop(index=list(repaired.rejects["row"]))
    placed = validate.join_geometry(rows, repaired.geometry)
    orders = account.received.rows.loc[:, [has_word(str(name), "order") for name in account.received.rows]]
    if layer.shape in {Shape.SITE, Shape.PLACE} and len(vertices := validate.find_vertices(placed, orders)):
        placed = gpd.GeoDataFrame(account.reject_rows(placed, vertices, "vertex_of_boundary"))
    own_names = {column.name for column in layer.own_columns}
    if layer.shape in {Shape.POLYGON, Shape.SITE, Shape.PLACE} and "area_ha" in own_names:
        areal = placed.geometry.geom_type.isin(["Polygon", "MultiPolygon"])
        placed["area_ha"] = area_ha(placed.geometry).where(areal)
    return placed


def _build_child_rows(
    layer: Layer, mapped: pd.DataFrame, parents: pd.Series, entry: SourceEntry, account: SourceAccount
) -> pd.DataFrame:
    """Build the acts or victims of the incidents that were kept."""
    kept_rows = mapped[mapped.index.isin(parents.index)].copy()
    kept_rows["incident_id"] = parents.reindex(kept_rows.index)
    rows, value_account = validate.convert_types(layer, _add_keys(kept_rows, entry), days_first=_days_first(entry))
    account.add(findings=value_account.findings)
    return _assign_ids(layer, rows, entry)
