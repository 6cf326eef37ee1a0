"""Proposals for an unknown file: options used earlier for the same source, and fields for unmapped columns."""

import shlex
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd

from lindero.app.builder.add.plan import ReceivedFile
from lindero.app.builder.rows.coordinates import locate_rows
from lindero.app.builder.rows.ingest import choose_mapping
from lindero.app.builder.rows.row_location import Land
from lindero.app.builder.rows.table_points import propose_position
from lindero.app.text.codes import translate_code
from lindero.app.text.i18n import _, format_number, ngettext
from lindero.geo import GeoError, area_ha
from lindero.layers import sources
from lindero.layers.errors import LayerError
from lindero.layers.model.layer import Layer, Shape
from lindero.layers.model.schema import LAYERS
from lindero.layers.read.reader import ReceivedLayer
from lindero.layers.reference import base_data
from lindero.layers.sources.field_proposals import (
    LayerCandidate,
    Proposal,
    is_clear,
    likely_layers,
    propose_fields,
    propose_for_drawing,
)
from lindero.layers.sources.mapping import LATITUDE, LONGITUDE, POSITION, used_fields
from lindero.layers.workspace.manifest_file import SourceEntry, Workspace
from lindero.layers.workspace.source_options import MAPPINGS, SourceOptions

_SAMPLES = 3
_FIELDS = 60
_LAYERS = 3


def propose_options(
    file: ReceivedFile, options: SourceOptions, space: Workspace
) -> tuple[SourceOptions, list[Proposal]]:
    """Return the options completed from earlier snapshots, and proposals for columns that are not filled yet.

    Without a layer there are no proposals, because the meaning of a column depends on the layer.
    """
    received = file.read(options)
    options = add_earlier_options(options, received, space)
    mapping = sources.find_mapping(map(str, received.rows.columns), layer=options.layer or None)
    if options.layer not in LAYERS or mapping is not None or options.mapping:
        return options, []
    entry = SourceEntry(**{**options.__dict__, "file": file.path.name})
    filled = used_fields(choose_mapping(entry, received), received)
    proposals = propose_fields(LAYERS[options.layer], received, filled, area_ha=_compute_areas(entry, received, space))
    return options, [*proposals, *_propose_position(LAYERS[options.layer], received, filled, proposals)]


def _propose_position(
    layer: Layer, received: ReceivedLayer, filled: Mapping[str, str], proposals: list[Proposal]
) -> list[Proposal]:
    """Propose a field with complete positions if a table has no other coordinates."""
    columns = {*filled, *(proposal.column for proposal in proposals)}
    is_placed = received.geometry is not None or POSITION in columns or {LONGITUDE, LATITUDE} <= columns
    if is_placed or not layer.has_geometry:
        return []
    return propose_position(received.rows, {*filled.values(), *(proposal.field for proposal in proposals)})


def add_earlier_options(options: SourceOptions, received: ReceivedLayer, space: Workspace) -> SourceOptions:
    """Complete the options from the source's last snapshot, or from a source with the same fields.

    Values that are already set stay.
    """
    earlier = _find_earlier_source(options, received, space)
    if earlier is None:
        return options
    if options.id == earlier.id:
        return options.merge_earlier(earlier)
    # another source with the same fields: only the mapping is copied
    mapped = {name: getattr(earlier, name) for name in ("layer", "mapping", "boundary_accuracy_m", *MAPPINGS)}
    return options.merge_earlier(SourceOptions(**mapped))


def apply_proposals(options: SourceOptions, proposals: list[Proposal]) -> SourceOptions:
    """Return the options with the proposed fields. Fields that are already set stay."""
    return replace(options, fields={**{proposal.column: proposal.field for proposal in proposals}, **options.fields})


def _find_earlier_source(options: SourceOptions, received: ReceivedLayer, space: Workspace) -> SourceEntry | None:
    names = set(map(str, received.rows.columns))
    same_source = [entry for entry in space.sources if entry.id == options.id]
    same_fields = [
        entry
        for entry in space.sources
        if entry.fields and options.layer in {"", entry.layer} and {*entry.fields.values()} - {""} <= names
    ]
    candidates = same_source or ([] if options.fields else same_fields)
    return max(candidates, key=lambda entry: (len(entry.fields), entry.snapshot_on), default=None)


def _compute_areas(entry: SourceEntry, received: ReceivedLayer, space: Workspace) -> pd.Series | None:
    """Compute the areas of the rows, or return None if the coordinates cannot be located."""
    if received.geometry is None or LAYERS[entry.layer].shape not in {Shape.POLYGON, Shape.SITE, Shape.PLACE}:
        return None
    try:
        land = Land(base_data.load_countries(), space.country)
        shapes = locate_rows(entry, choose_mapping(entry, received), received, land).geometry
        polygons = shapes[[shape is not None and shape.geom_type.endswith("Polygon") for shape in shapes]]
        return pd.Series(area_ha(gpd.GeoSeries(polygons)), index=polygons.index)
    except (LayerError, GeoError, ValueError):  # adding the file reports the error
        return None


# A summary of an unknown file, from which a person can decide what it is and how to add it.


def describe_file(file: ReceivedFile, options: SourceOptions) -> str:
    """Describe a file: its rows, fields and location, the likely layers, and the command that adds it."""
    received, path = file.read(options), file.path
    candidates = likely_layers(received, [path.stem, options.sublayer, options.title])
    return "\n".join(
        [
            *_content_lines(path, received),
            *_candidate_lines(candidates),
            *_command_lines(
                path, options, candidates or [LayerCandidate("…", 0, tuple(propose_for_drawing(received)))]
            ),
        ]
    )


def is_recognised(file: ReceivedFile, options: SourceOptions) -> bool:
    """Return whether a known field mapping fits the fields of the file."""
    return sources.find_mapping(map(str, file.read(options).rows.columns), layer=options.layer or None) is not None


def _content_lines(path: Path, received: ReceivedLayer) -> list[str]:
    crs = received.crs.name if received.crs else received.unknown_crs or _("CRS not stated")
    shapes = Counter(received.geometry.geom_type.dropna()) if received.geometry is not None else Counter()
    geometry_text = ", ".join(f"{kind} {format_number(count)}" for kind, count in shapes.most_common()) or _("none")
    lines = [
        ngettext(
            "{file}: {format}, {rows} row; geometry: {geometry}; coordinates: {crs}",
            "{file}: {format}, {rows} rows; geometry: {geometry}; coordinates: {crs}",
            received.row_count,
        ).format(
            file=path.name,
            format=received.format.value,
            rows=format_number(received.row_count),
            geometry=geometry_text,
            crs=crs,
        )
    ]
    for name in received.rows.columns[:_FIELDS]:
        values = received.rows[name].dropna().map(str).drop_duplicates().head(_SAMPLES)
        lines.append(f"  {name!s:<24} {', '.join(value[:40] for value in values)}")
    return lines


def _candidate_lines(candidates: list[LayerCandidate]) -> list[str]:
    if not candidates:
        return [_("The layer was not recognised from the text in the file; state it with --layer.")]
    names = ", ".join(f"{candidate.layer} ({translate_code(candidate.layer)})" for candidate in candidates[:_LAYERS])
    return [_("Likely layers, the likeliest first: {layers}").format(layers=names)]


def _command_lines(path: Path, options: SourceOptions, candidates: list[LayerCandidate]) -> list[str]:
    best = candidates[0]
    layer = best.layer if is_clear(candidates) else "…"
    chosen = [proposal for proposal in best.proposals if proposal.column not in options.fields and proposal.is_sure]
    fields = [f"--field {proposal.column}={shlex.quote(proposal.field)}" for proposal in chosen]
    publisher = f"--publisher {shlex.quote(options.publisher or '…')}"
    typed = ["lindero add", shlex.quote(path.name), "--layer", layer, publisher, *fields]
    return [_("Nothing was added. To add it:"), f"  {' '.join(typed)}"]
