"""The plan for adding a file: its layer, the field for each column, and the account of its rows."""

import datetime as dt
import re
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from lindero.app.builder.add.doubts import OUTSIDE_COVERAGE, check_ids, count_findings, find_rows_outside, outside_text
from lindero.app.builder.rows.coverage import manifest_coverage, propose_region_names
from lindero.app.builder.rows.ingest import ingest
from lindero.app.builder.rows.other_registers import compare_with_map
from lindero.app.builder.rows.row_location import Land
from lindero.app.builder.rows.row_report import IngestedSource
from lindero.app.text.codes import translate_code
from lindero.app.text.i18n import _, format_number, ngettext
from lindero.layers import sources
from lindero.layers.check.visibility import LIKE_WITHDRAWN, WITHHELD, Gate
from lindero.layers.consent import tombstones
from lindero.layers.errors import N_, ConsentError, MappingError, SourceError
from lindero.layers.model.layer import Layer
from lindero.layers.model.schema import LAYERS
from lindero.layers.read.formats.detect import TABLES
from lindero.layers.read.reader import ReceivedLayer, read
from lindero.layers.reference import base_data
from lindero.layers.sources.mapping import LATITUDE, LONGITUDE, POSITION, FieldMapping, match_columns, used_fields
from lindero.layers.workspace.manifest_file import SourceEntry, Workspace, choose_id, file_sha256
from lindero.layers.workspace.source_options import DATES, ROW_DECISIONS, SourceOptions

_SAMPLES = 3
_ROWS_NAMED = 5
_OUTSIDE_FINDINGS = frozenset({"row_outside_the_country", "outside_the_country", "far_from_the_country"})
_DECIMAL = re.compile(r"-?\d+[.,]\d+")


class ReceivedFile:
    """A received file. It is read once for each combination of encoding and sublayer."""

    def __init__(self, file: str | Path, *, nothing_written: bool = False) -> None:
        if "://" in str(file):
            raise SourceError(
                N_("{url} is a web address, not a file; download the file first and give its path"), url=file
            )
        self.path, self._nothing_written = Path(file), nothing_written
        self.sha256 = (
            file_sha256(self.path) if self.path.is_file() else ""
        )  # of the file read here: no other file may be added
        self._received: dict[tuple[str, str], ReceivedLayer] = {}

    def read(self, options: SourceOptions) -> ReceivedLayer:
        """Read the file with the given options, or return the earlier result."""
        variant = options.encoding, options.sublayer
        if variant not in self._received:
            encoding, sublayer = (text or None for text in variant)
            self._received[variant] = read(
                self.path, encoding=encoding, sublayer=sublayer, nothing_written=self._nothing_written
            )
        return self._received[variant]


def plan_source(
    file: ReceivedFile | str,
    options: SourceOptions,
    space: Workspace,
    *,
    today: dt.date,
    incidents: frozenset[str] | None = None,
    gate: Gate | None = None,
    takes_files: bool = True,
) -> IngestedSource:
    """Read the file as a build would, without storing anything.

    `incidents` and `gate` are as for `app.builder.rows.ingest.ingest`. The default gate is the one of the map.
    `takes_files` is as for `manifest_coverage`.
    """
    gate = gate or Gate(tombstones.read_registers(space.folder))
    gate = replace(gate, same=frozenset(options.same), another=frozenset(options.another))
    if isinstance(file, str):
        file = ReceivedFile(file, nothing_written=gate.into_vault)
    land, received = Land(base_data.load_countries(), space.country), file.read(options)
    if not received.row_count:
        raise SourceError(N_("{name} has no rows; check that the file is complete"), name=file.path.name)
    coverage = manifest_coverage(options.coverage, space, land, takes_files=takes_files)
    entry = _build_entry(
        file,
        replace(options, coverage=coverage.text),
        _detect_mapping(options, received, space.country),
        today,
        source_ids={entry.id for entry in space.sources},
    )
    _require_snapshot_dates(entry, space)
    ingested = ingest(entry, received, land, incidents=incidents, gate=gate)
    if len(ingested.rejects):
        if not gate.into_vault:
            _require_public(ingested)
        _require_decisions(ingested)
    if not gate.into_vault:
        check_ids(ingested)
        ingested = compare_with_map(ingested, space)
    check_has_rows(ingested)
    findings = [ingested.findings, _find_same_file(ingested, space), find_rows_outside(ingested, coverage.geometry)]
    filled = [rows for rows in findings if len(rows)] or findings[:1]
    return replace(ingested, answers=tuple(gate.answers), findings=pd.concat(filled, ignore_index=True))


def check_has_rows(ingested: IngestedSource) -> None:
    """Check that at least one row of a source is kept."""
    if not int(ingested.source["rows_kept"].iloc[0]):
        reasons = ingested.rejects["reason"].value_counts()
        raise SourceError(
            N_("every row of {name} was rejected: {reasons}"),
            name=Path(ingested.entry.file).name,
            reasons=", ".join(
                f"{translate_code(reason)} ({format_number(count)})" for reason, count in reasons.items()
            ),
        )


def _find_same_file(ingested: IngestedSource, space: Workspace) -> pd.DataFrame:
    """Return a finding if the workspace already contains the same file."""
    entry = ingested.entry
    same = [source for source in space.sources if source.sha256 == entry.sha256 and source.sublayer == entry.sublayer]
    detail = ", ".join(f"{source.id}@{source.snapshot_on}" for source in same)
    row = {"source_id": entry.id, "snapshot_on": entry.snapshot_on, "row_number": 0, "finding": "file_in_workspace"}
    return pd.DataFrame([row | {"detail": detail}] if same else [], columns=ingested.findings.columns)


def plan_text(ingested: IngestedSource, *, with_samples: bool = True, country: str = "") -> str:
    """Format a plan as lines of text for a terminal.

    A few values of each field are included if `with_samples`, which must be False for private data. `country` is the
    workspace's.
    """
    entry, received = ingested.entry, ingested.received
    counts = ingested.source.iloc[0]
    head = _("{file} as {layer}: {title}, {publisher}, {dated}").format(
        file=Path(entry.file).name,
        layer=entry.layer,
        title=entry.title,
        publisher=entry.publisher,
        dated=_("as of {date}").format(date=entry.snapshot_on)
        if entry.snapshot_stated
        else _("date not stated (state it with --snapshot-on)"),
    )
    crs = counts["crs_received"] or _("CRS not stated; read as degrees")
    format_line = ngettext(
        "{format}, {rows} row; coordinates: {crs}", "{format}, {rows} rows; coordinates: {crs}", received.row_count
    ).format(format=received.format.value, rows=format_number(received.row_count), crs=crs)
    fields = read_fields(ingested)
    mapped_lines = [
        f"  {column:<18} ← {name:<14} {_sample_values(received, name) if with_samples else ''}"
        for column, name in fields.items()
    ]
    constant_lines = [
        f"  {column:<18} = {value}" for column, value in ingested.mapping.constants.items() if column not in fields
    ]
    derived = {
        name for derivation in ingested.mapping.derived for names in derivation.fields.values() for name in names
    }
    used = {*fields.values(), *derived, ingested.mapping.unit.get("field")}
    unused = [str(name) for name in received.rows.columns if name not in used]
    unused_lines = [_("  fields not used: {fields}").format(fields=", ".join(unused))] if unused else []
    totals = _("{read} received = {kept} kept + {rejected} rejected; {repaired} repaired").format(
        read=format_number(counts["rows_read"]),
        kept=format_number(counts["rows_kept"]),
        rejected=format_number(counts["rows_rejected"]),
        repaired=format_number(counts["rows_repaired"]),
    )
    account_lines = [f"  {line}" for line in _account_lines(ingested)]
    return "\n".join(
        [
            head,
            format_line,
            _coverage_text(ingested, country),
            *mapped_lines,
            *constant_lines,
            *unused_lines,
            totals,
            *account_lines,
        ]
    )


def read_fields(ingested: IngestedSource) -> dict[str, str]:
    """Return the field that fills each column. Coordinate columns are left out if the file has geometry."""
    fields = used_fields(ingested.mapping, ingested.received)
    skipped = set() if ingested.received.geometry is None else {LONGITUDE, LATITUDE, POSITION}
    return {column: name for column, name in fields.items() if column not in skipped}


def _coverage_text(ingested: IngestedSource, own_country: str) -> str:
    """Return a line about the coverage of the source: as declared, or as its rows suggest, and how to declare it."""
    entry = ingested.entry
    if entry.coverage:
        text = _("coverage, as declared: {places}").format(places=entry.coverage)
        count, rows_kept = count_findings(ingested, OUTSIDE_COVERAGE), len(ingested.tables[entry.layer])
        return f"{text}. {outside_text(count, rows_kept, entry.coverage)}" if count else text
    rows = ingested.tables[entry.layer]
    # the borders of the base data are coarse: a region across the border is named only where rows lie well beyond it
    country = "" if ingested.findings["finding"].isin(_OUTSIDE_FINDINGS).any() else own_country
    names = propose_region_names(entry.layer, rows, country=country) if isinstance(rows, gpd.GeoDataFrame) else []
    ask = _("If the file is complete for a country, a region or an area, declare it with --covers COUNTRY|REGION|FILE.")
    if not names:
        return " ".join([_("coverage: not known; its rows do not show it."), ask])
    text = _("coverage, judging by its rows: part of {places}.").format(places=", ".join(names))
    return f"{text} {ask}"


def _require_public(ingested: IngestedSource) -> None:
    """Check that a file to be stored unencrypted contains public records only."""
    private = ingested.rejects[ingested.rejects["reason"] == WITHHELD]
    if len(private):
        raise SourceError(
            N_(
                "{name} contains incidents that are not marked as public_record ({count}); add the file "
                "with `lindero vault add`, which stores it encrypted"
            ),
            name=Path(ingested.entry.file).name,
            count=len(private),
        )


def _require_decisions(ingested: IngestedSource) -> None:
    """Check that a decision was given for each row that is similar to a withdrawn record."""
    like = ingested.rejects.loc[ingested.rejects["reason"] == LIKE_WITHDRAWN, "row_number"]
    if len(like):
        raise ConsentError(
            N_(
                "some rows of {name} resemble withdrawn records: {rows}. They may be about other people. "
                "For each row, give --same ROW if it is the same record (it stays out) or --another ROW "
                "if it is not (it is kept)"
            ),
            name=Path(ingested.entry.file).name,
            rows=", ".join(map(str, like)),
        )


def _detect_mapping(options: SourceOptions, received: ReceivedLayer, country: str) -> FieldMapping | None:
    """Return the known field mapping for the file; None if its own column names and the user's fields are used."""
    if options.mapping in sources.MAPPINGS_BY_NAME:
        return sources.MAPPINGS_BY_NAME[options.mapping]
    names = [str(name) for name in received.rows.columns]
    if received.format in TABLES and options.layer and not options.fields:
        _check_header(names, LAYERS.get(options.layer))
    mapping = sources.find_mapping(names, layer=options.layer or None, country=country)
    if mapping is None and options.layer not in LAYERS:
        raise MappingError(
            N_(
                "the layer of the file was not recognised; state it with --layer (one of {layers}). Fields "
                "of the file: {fields}"
            ),
            layers=", ".join(LAYERS),
            fields=", ".join(names) or "–",
        )
    return mapping


def _check_header(names: list[str], layer: Layer | None) -> None:
    """Check that the first line of a table contains column names."""
    if layer and any(map(_DECIMAL.fullmatch, names)) and not match_columns(layer, names).fields:
        raise MappingError(
            N_(
                "the first line of the table contains values instead of column names: {found}. Insert a "
                "line of names above it, for example code,name,longitude,latitude, and add the file again"
            ),
            found=", ".join(names),
        )


def _build_entry(
    file: ReceivedFile,
    options: SourceOptions,
    mapping: FieldMapping | None,
    today: dt.date,
    *,
    source_ids: Collection[str],
) -> SourceEntry:
    path = file.path
    known_mapping = mapping or FieldMapping("", options.layer, path.stem, "", frozenset(), {})
    publisher = options.publisher or known_mapping.publisher
    if not publisher:
        raise MappingError(N_("the publisher of {name} is not known; state it with --publisher"), name=path.name)
    dates: dict[str, Any] = {name: _normalise_date(getattr(options, name)) for name in (*DATES, "snapshot_on")}
    dates["retrieved_on"] = dates["retrieved_on"] or today.isoformat()
    dates["snapshot_on"] = dates["snapshot_on"] or dates["retrieved_on"]
    row_options = {name: value for name, value in options.__dict__.items() if name not in ROW_DECISIONS}
    return SourceEntry(
        **{
            **row_options,
            **dates,
            "id": options.id or choose_id(path.stem, source_ids),
            "layer": known_mapping.layer,
            "publisher": publisher,
            "title": options.title or known_mapping.title,
            "licence": options.licence or known_mapping.licence,
            "url": options.url or known_mapping.url or "",
            "mapping": known_mapping.name,
        },
        file=f"files/{file.sha256[:12]}/{path.name}",
        sha256=file.sha256,
        snapshot_stated=bool(options.snapshot_on),
    )


def _require_snapshot_dates(entry: SourceEntry, space: Workspace) -> None:
    """Check that the snapshots of a source can be ordered by the reference date of their content."""
    earlier = [source for source in space.sources if source.id == entry.id]
    if earlier and not entry.snapshot_stated:
        raise SourceError(
            N_(
                "the workspace already has a source {id}. State the date of this file with "
                "--snapshot-on, so that the two can be put in order, or give the new source another name "
                "with --id"
            ),
            id=entry.id,
        )
    if undated := [source for source in earlier if not source.snapshot_stated]:
        raise SourceError(
            N_(
                "the earlier file of source {id} has no stated date. State it with lindero describe {id} "
                "--snapshot {day} --snapshot-on YYYY-MM-DD, so that the two files can be put in order, "
                "or use another --id"
            ),
            id=entry.id,
            day=undated[0].snapshot_on,
        )


def _normalise_date(text: str) -> str:
    try:
        return dt.date.fromisoformat(text).isoformat() if text else ""
    except ValueError as error:
        raise SourceError(N_("'{text}' is not a date in the form YYYY-MM-DD"), text=text) from error


def _sample_values(received: ReceivedLayer, name: str) -> str:
    values = received.rows[name].dropna().head(_SAMPLES)
    return ", ".join(str(value)[:40] for value in values)


def _account_lines(ingested: IngestedSource) -> list[str]:
    """List rejects, repairs and findings by kind, each with its first rows."""
    kinds = (("reason", ingested.rejects), ("repair", ingested.repairs), ("finding", ingested.findings))
    return [
        f"{translate_code(kind)}: {_file_details(rows) or _row_numbers_text(rows['row_number'].drop_duplicates())}"
        for column, frame in kinds
        for kind, rows in frame.groupby(column, sort=True)
    ]


def _file_details(frame: pd.DataFrame) -> str:
    """Return the details of findings about the whole file (row 0); empty if they are about single rows."""
    whole = (frame["row_number"] == 0).all() and frame["detail"].notna().all()
    return "; ".join(frame["detail"]) if whole else ""


def _row_numbers_text(numbers: pd.Series) -> str:
    """Return how many rows there are, and the first of their numbers."""
    first = ", ".join(str(row) for row in numbers.head(_ROWS_NAMED))
    if len(numbers) > _ROWS_NAMED:
        text = _("rows {first} …").format(first=first)
    else:
        text = ngettext("row {first}", "rows {first}", len(numbers)).format(first=first)
    return f"{format_number(len(numbers))} ({text})"
