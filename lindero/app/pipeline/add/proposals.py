"""What an unknown file may hold: what was learnt of its source before, and proposals for what is not mapped yet."""

import shlex
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd

from lindero.app.pipeline.add.plan import ReceivedFile
from lindero.app.pipeline.rows.coordinates import in_degrees
from lindero.app.pipeline.rows.ingest import mapping_for
from lindero.app.pipeline.rows.row_location import Land
from lindero.app.pipeline.rows.table_points import proposed_position
from lindero.app.text.codes import word
from lindero.app.text.i18n import _, number
from lindero.geo import GeoError, area_ha
from lindero.layers import sources
from lindero.layers.errors import LayerError
from lindero.layers.model.layer import Layer, Shape
from lindero.layers.model.schema import LAYERS
from lindero.layers.read.reader import Received
from lindero.layers.reference import base_data
from lindero.layers.sources.field_proposals import Likely, Proposal, likely_layers, of_a_drawing, propose
from lindero.layers.sources.mapping import LATITUDE, LONGITUDE, POSITION, used_fields
from lindero.layers.workspace.manifest_file import SourceEntry, Workspace
from lindero.layers.workspace.source_options import MAPPINGS, SourceOptions

_SAMPLES = 3
_FIELDS = 60
_LAYERS = 3


def looked_into(file: ReceivedFile, options: SourceOptions, space: Workspace) -> tuple[SourceOptions, list[Proposal]]:
    """
    Return the options with what was learnt of the source before, and proposals for columns that are not filled yet.

    Without a layer there are no proposals: what a column is depends on it.

    Raises
    ------
    SourceError
        If the file cannot be read.
    """
    received = file.read(options)
    options = with_learnt(options, received, space)
    mapping = sources.recognise(map(str, received.rows.columns), layer=options.layer or None)
    if options.layer not in LAYERS or mapping is not None or options.mapping:
        return options, []
    entry = SourceEntry(**{**options.__dict__, "file": file.path.name})
    filled = used_fields(mapping_for(entry, received), received)
    found = propose(LAYERS[options.layer], received, filled, area_ha=_areas(entry, received, space))
    return options, [*found, *_position(LAYERS[options.layer], received, filled, found)]


def _position(layer: Layer, received: Received, filled: Mapping[str, str], found: list[Proposal]) -> list[Proposal]:
    """Propose a field of whole positions where a table has no coordinates otherwise."""
    columns = {*filled, *(one.column for one in found)}
    is_placed = received.geometry is not None or POSITION in columns or {LONGITUDE, LATITUDE} <= columns
    if is_placed or not layer.has_geometry:
        return []
    return proposed_position(received.rows, {*filled.values(), *(one.field for one in found)})


def with_learnt(options: SourceOptions, received: Received, space: Workspace) -> SourceOptions:
    """Fill what was not said with what was said of the source's last snapshot, or of one with the same fields."""
    earlier = _last(options, received, space)
    if earlier is None:
        return options
    if options.id == earlier.id:
        return options.with_earlier(earlier)
    # the same fields, but another source: only how they are mapped is taken over
    mapped = {name: getattr(earlier, name) for name in ("layer", "mapping", "boundary_accuracy_m", *MAPPINGS)}
    return options.with_earlier(SourceOptions(**mapped))


def with_proposals(options: SourceOptions, proposals: list[Proposal]) -> SourceOptions:
    """Return the options with these proposals among them."""
    return replace(options, fields={**{one.column: one.field for one in proposals}, **options.fields})


def _last(options: SourceOptions, received: Received, space: Workspace) -> SourceEntry | None:
    names = set(map(str, received.rows.columns))
    same = [entry for entry in space.sources if entry.id == options.id]
    alike = [
        entry
        for entry in space.sources
        if entry.fields and options.layer in {"", entry.layer} and {*entry.fields.values()} - {""} <= names
    ]
    candidates = same or ([] if options.fields else alike)
    return max(candidates, key=lambda entry: (len(entry.fields), entry.snapshot_on), default=None)


def _areas(entry: SourceEntry, received: Received, space: Workspace) -> pd.Series | None:
    """Compute the rows' areas, if their coordinates can be told."""
    if received.geometry is None or LAYERS[entry.layer].shape not in {Shape.POLYGON, Shape.SITE, Shape.PLACE}:
        return None
    try:
        land = Land(base_data.countries(), space.country)
        shapes = in_degrees(entry, mapping_for(entry, received), received, land).geometry
        polygons = shapes[[shape is not None and shape.geom_type.endswith("Polygon") for shape in shapes]]
        return pd.Series(area_ha(gpd.GeoSeries(polygons)), index=polygons.index)
    except (LayerError, GeoError, ValueError):  # adding the file says what is wrong with it
        return None


# What an unknown file holds, at a glance: so that somebody can say what it is, and type that.


def look(file: ReceivedFile, options: SourceOptions) -> str:
    """
    Describe a file: its rows, fields and places, which layer is likely, and what to type to add it.

    Raises
    ------
    SourceError
        If it cannot be read.
    """
    received, path = file.read(options), file.path
    found = likely_layers(received, [path.stem, options.sublayer, options.title])
    return "\n".join(
        [
            *_holds(path, received),
            *_likely(found),
            *_command(path, options, found or [Likely("…", 0, tuple(of_a_drawing(received)))]),
        ]
    )


def is_recognised(file: ReceivedFile, options: SourceOptions) -> bool:
    """Return whether a file is of a known kind, by its fields."""
    return sources.recognise(map(str, file.read(options).rows.columns), layer=options.layer or None) is not None


def _holds(path: Path, received: Received) -> list[str]:
    crs = received.crs.name if received.crs else _("none stated")
    shapes = Counter(received.geometry.geom_type.dropna()) if received.geometry is not None else Counter()
    drawn = ", ".join(f"{kind} {number(count)}" for kind, count in shapes.most_common()) or _("none")
    lines = [
        _("{file}: {format}, {rows} rows; geometry: {geometry}; coordinates: {crs}").format(
            file=path.name,
            format=received.format.value,
            rows=number(received.rows_read),
            geometry=drawn,
            crs=crs,
        )
    ]
    for name in received.rows.columns[:_FIELDS]:
        values = received.rows[name].dropna().map(str).drop_duplicates().head(_SAMPLES)
        lines.append(f"  {name!s:<24} {', '.join(value[:40] for value in values)}")
    return lines


def _likely(found: list[Likely]) -> list[str]:
    if not found:
        return [_("What it holds cannot be told from its words: say it with --layer.")]
    names = ", ".join(f"{one.layer} ({word(one.layer)})" for one in found[:_LAYERS])
    return [_("Likely it holds, the likeliest first: {layers}").format(layers=names)]


def _command(path: Path, options: SourceOptions, found: list[Likely]) -> list[str]:
    likely = found[0]
    chosen = [one for one in likely.proposals if one.column not in options.fields and one.is_sure]
    fields = [f"--field {one.column}={shlex.quote(one.field)}" for one in chosen]
    publisher = f"--publisher {shlex.quote(options.publisher or '…')}"
    typed = ["lindero add", shlex.quote(path.name), "--layer", likely.layer, publisher, *fields]
    return [_("Nothing was added. To add it:"), f"  {' '.join(typed)}"]
