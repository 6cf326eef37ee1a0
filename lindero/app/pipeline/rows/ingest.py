"""From one received file to rows for the map: read, map, place, check; every row is accounted for."""

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

from lindero.app.pipeline.rows import coordinates
from lindero.app.pipeline.rows.coordinates import in_degrees, oddities
from lindero.app.pipeline.rows.row_location import Land
from lindero.app.pipeline.rows.row_report import Ingested, SourceAccount, fields_received, refused_rows
from lindero.geo import area_ha, repair
from lindero.geo.geometry.rings import sorted_rings
from lindero.layers import sources
from lindero.layers.check import validate
from lindero.layers.check.incident_region import located
from lindero.layers.check.visibility import Gate
from lindero.layers.consent import withdrawal
from lindero.layers.database.definitions import OF_PERSONS
from lindero.layers.disk import builds
from lindero.layers.errors import N_, MappingError
from lindero.layers.model import identity
from lindero.layers.model.layer import Layer, Shape
from lindero.layers.model.schema import COMMUNITIES, CRS, INCIDENTS, LAYERS
from lindero.layers.read.reader import SIDE_BY_SIDE, Received, begin, read
from lindero.layers.read.sandbox.client import keep
from lindero.layers.sources.mapping import (
    FieldMapping,
    apply,
    check,
    own_mapping,
    plain,
    tells_nothing,
    used_fields,
    with_fields,
)
from lindero.layers.sources.publishers import kobo
from lindero.layers.workspace.manifest_file import SourceEntry, Workspace

FOR_A_MAP = Gate()
OFFICIAL_SHARE = 0.02  # by which the reading of unsorted rings may differ from the official hectares
_OF_NO_INCIDENT = "incident_not_on_the_map"


def read_for(entry: SourceEntry, path: Path, *, gate: Gate = FOR_A_MAP) -> Received:
    """
    Read the file at `path` as its manifest entry says.

    Raises
    ------
    SourceError
        As `layers.read.reader.read` does.
    """
    return read(path, **_read_options(entry, gate))


def begin_for(executor: Executor, entry: SourceEntry, space: Workspace, *, gate: Gate) -> Callable[[], Received]:
    """Have the file of a source read while something else is done, or take over what `add` read of it."""
    return begin(executor, space.folder / entry.file, cache_file=_kept(entry, space), **_read_options(entry, gate))


def keep_reading(entry: SourceEntry, received: Received, space: Workspace) -> None:
    """Keep what was read of a file for the next build, unless it is of persons."""
    if received.answer is not None and entry.layer not in OF_PERSONS:
        with suppress(OSError):  # without it the build reads the file
            space.build_folder.mkdir(exist_ok=True)
            keep(received.answer, _kept(entry, space))


def _kept(entry: SourceEntry, space: Workspace) -> Path:
    """Return where what was read of a file is kept, by its content and by what decides how it is read."""
    decides = [entry.sha256, Path(entry.file).name, entry.encoding, entry.sublayer, version("lindero")]
    return space.build_folder / (hashlib.sha256("\n".join(decides).encode()).hexdigest() + builds.READING)


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
    as_read: Received,
    land: Land,
    *,
    incidents: frozenset[str] | None = None,
    references: Callable[[pd.DataFrame], pd.DataFrame] = lambda rows: rows,
    gate: Gate = FOR_A_MAP,
) -> Ingested:
    """
    Make the rows of a source of what its file holds.

    `incidents` are the ids of the incidents on the map: acts, victims and steps of others are rejected, so that nothing
    of a withheld incident is told. None: they are not held against any. `references` gives rows the ids that what they
    refer to has on the map (`layers.database.queries.redirects`). `gate` says which incidents are kept out.

    Raises
    ------
    SourceError
        If its fields cannot be mapped, or its coordinates and its CRS do not fit.
    """
    layer = LAYERS[entry.layer]
    received = kobo.plain(as_read, layer)
    mapping = mapping_for(entry, received)
    check(mapping, received)
    mapped = apply(mapping, received)
    main = _keyed(mapped.pop(layer.name), entry)
    checked, of_values = validate.typed(layer, main, days_first=_days_first(entry))
    account = SourceAccount(entry, received, mapping)
    of_reading = received.account
    account.note(rejects=of_reading.rejects, repairs=of_reading.repairs, findings=_noticed(of_reading.findings, layer))
    account.note(rejects=of_values.rejects)
    rows = references(checked)
    if layer is INCIDENTS:
        rows = _identified(layer, rows, entry)
        for stopped in gate.stopped(_with_whole(rows, received) if gate.asks else rows):
            rows = account.without(rows, stopped.rows, stopped.reason)
    if layer.of_incidents and incidents is not None:
        rows = account.without(rows, rows.index[~rows["incident_id"].isin(incidents)], _OF_NO_INCIDENT)
    account.note(findings=_without_values(of_values.findings, layer, rows))
    drawn_as_received: gpd.GeoSeries | None = None
    if layer.has_geometry:
        drawn = in_degrees(entry, mapping, received, land)
        account.note(findings=_without_values(drawn.findings, layer, rows))
        drawn_as_received = drawn.geometry
        rows, geometry = _rings_sorted(rows, gpd.GeoSeries(drawn.geometry.reindex(rows.index)), account)
        rows, account.accuracy = coordinates.with_accuracy(_placed(layer, rows, geometry, account, land), drawn.shift)
        if layer is INCIDENTS:
            unstated = validate.unstated(main, "location_precision").reindex(rows.index)
            with_region = located(rows, placed=rows.geometry.notna(), country=land.country, unstated=unstated)
            account.note(findings=with_region.findings)
            rows = with_region.rows
    if layer is not INCIDENTS:
        rows = _identified(layer, rows, entry)
    _note_findings(account, layer, rows)
    tables = {layer.name: rows}
    for name, derived in mapped.items():
        tables[name] = _derived(LAYERS[name], derived, rows["id"], entry, account)
    taken = account.closed(tables)
    return replace(taken, refused=refused_rows(taken, checked, drawn_as_received))


def mapping_for(entry: SourceEntry, received: Received) -> FieldMapping:
    """
    Give the mapping that the manifest names, with the fields that the user chose.

    Raises
    ------
    MappingError
        If the manifest names a mapping or a column that does not exist.
    """
    layer = LAYERS[entry.layer]
    if entry.mapping and entry.mapping not in sources.KNOWN:
        raise MappingError(
            N_("there is no field mapping {name}; known are {known}"),
            name=entry.mapping,
            known=", ".join(sorted(sources.KNOWN)),
        )
    built_in = sources.KNOWN.get(entry.mapping)
    named = [name for name in map(str, received.rows) if not tells_nothing(plain(name), received.rows[name])]
    base = built_in or own_mapping(layer, named)
    return with_fields(base, layer, entry.fields, entry.constants, entry.codes)


def _days_first(entry: SourceEntry) -> bool | None:
    return entry.date_order == "day" if entry.date_order else None


def _identified(layer: Layer, rows: pd.DataFrame, entry: SourceEntry) -> pd.DataFrame:
    """Give rows the ids by which they are known from one snapshot to the next."""
    return rows.assign(id=identity.ids(layer, rows, source_id=entry.id))


def _keyed(rows: pd.DataFrame, entry: SourceEntry) -> pd.DataFrame:
    """Add what names a row: its source, snapshot and number."""
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


def _with_whole(rows: pd.DataFrame, received: Received) -> pd.DataFrame:
    """Add all that each row holds, as it is compared with what was withdrawn."""
    told = fields_received(received).set_index("row_number")["fields"].reindex(rows.index)
    return rows.assign(**{withdrawal.WHOLE: told.map(withdrawal.whole)})


def _note_findings(account: SourceAccount, layer: Layer, rows: pd.DataFrame) -> None:
    """Note what the rows tell as they will stand on the map."""
    account.note(findings=validate.duplicates(layer, rows))
    account.note(findings=validate.hectares(rows))
    if layer is COMMUNITIES:
        account.note(findings=validate.found(rows))


def _noticed(findings: pd.DataFrame, layer: Layer) -> pd.DataFrame:
    """Leave out what was received where reading a file of people noticed something in a row: it may be a name."""
    if layer.name not in OF_PERSONS:
        return findings
    return findings.assign(detail=findings["detail"].mask(findings["row"] > 0, None))


def _without_values(findings: pd.DataFrame, layer: Layer, kept: pd.DataFrame) -> pd.DataFrame:
    """Leave out what was received where a finding is of people and its row is not on the map."""
    if layer.name not in OF_PERSONS or findings.empty:
        return findings
    return findings.assign(detail=findings["detail"].mask(~findings["row"].isin(kept.index), None))


def _rings_sorted(
    rows: pd.DataFrame, geometry: gpd.GeoSeries, account: SourceAccount
) -> tuple[pd.DataFrame, gpd.GeoSeries]:
    """
    Tell parts from holes where a file lists the rings of a row side by side; a row with more than one reading goes.

    The official hectares have a say where they are known: a reading that differs from them is not sure.
    """
    repairs = account.received.account.repairs
    numbers = [row for row in repairs.loc[repairs["repair"] == SIDE_BY_SIDE, "row"] if row in rows.index]
    if not numbers:
        return rows, gpd.GeoSeries(geometry)
    shapes = np.array([sorted_rings(geometry[row]) for row in numbers], dtype=object)
    read = gpd.GeoSeries(shapes, index=numbers, crs=CRS)
    official = rows.reindex(columns=["area_official_ha"]).loc[numbers, "area_official_ha"].astype(float)
    rows = account.without(rows, read.index[read.isna()], "rings_cross")
    differ = ((area_ha(read) / official - 1).abs() > OFFICIAL_SHARE) & ~read.index.isin(account.entry.accepted)
    rows = account.without(rows, read.index[differ], "other_hectares")
    told = geometry.to_numpy().copy()
    told[geometry.index.get_indexer(pd.Index(numbers))] = shapes
    return rows, gpd.GeoSeries(gpd.GeoSeries(told, index=geometry.index, crs=geometry.crs).loc[rows.index])


def _placed(
    layer: Layer, rows: pd.DataFrame, geometry: gpd.GeoSeries, account: SourceAccount, land: Land
) -> gpd.GeoDataFrame:
    """Join rows and their repaired geometry; rows without one are rejected where the layer needs it."""
    shapes = geometry.to_numpy()
    there = geometry[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    # A table of communities of which none has a place may well have places that were not understood: it is refused.
    needs_place = layer.needs_place or (layer is COMMUNITIES and there.empty)
    given = geometry if needs_place else there
    if layer is COMMUNITIES and not needs_place:
        used = used_fields(account.mapping, account.received)
        own = account.received.rows[[used[name] for name in layer.names & used.keys()]]
        rows = account.without(rows, validate.unnamed(rows.drop(index=given.index), own), "no_geometry")
    mended = repair(gpd.GeoSeries(given), layer.shape, accepted=account.entry.accepted)
    account.note(rejects=mended.rejects, repairs=mended.repairs, findings=oddities(mended.geometry, land))
    if len(mended.rejects):
        rows = rows.drop(index=list(mended.rejects["row"]))
    placed = validate.placed(rows, mended.geometry)
    if layer.shape in {Shape.SITE, Shape.PLACE} and len(corners := validate.vertices(placed)):
        placed = gpd.GeoDataFrame(account.without(placed, corners, "vertex_of_boundary"))
    if layer.shape in {Shape.POLYGON, Shape.SITE, Shape.PLACE} and "area_ha" in {column.name for column in layer.own}:
        areal = placed.geometry.geom_type.isin(["Polygon", "MultiPolygon"])
        placed["area_ha"] = area_ha(placed.geometry).where(areal)
    return placed


def _derived(
    layer: Layer, mapped: pd.DataFrame, parents: pd.Series, entry: SourceEntry, account: SourceAccount
) -> pd.DataFrame:
    """Give the acts or victims of the incidents that were kept."""
    kept = mapped[mapped.index.isin(parents.index)].copy()
    kept["incident_id"] = parents.reindex(kept.index)
    rows, of_values = validate.typed(layer, _keyed(kept, entry), days_first=_days_first(entry))
    account.note(findings=of_values.findings)
    return _identified(layer, rows, entry)
