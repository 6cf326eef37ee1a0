"""What adding a file would do: which kind it is, what fills which column, what becomes of its rows."""

import datetime as dt
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from lindero.app.pipeline.rows.coverage import manifest_coverage, proposed_names
from lindero.app.pipeline.rows.ingest import ingest
from lindero.app.pipeline.rows.other_registers import beside_the_map
from lindero.app.pipeline.rows.row_location import Land
from lindero.app.pipeline.rows.row_report import Ingested
from lindero.app.text.codes import word
from lindero.app.text.i18n import _, ngettext, number
from lindero.layers import sources
from lindero.layers.check.visibility import LIKE_WITHDRAWN, WITHHELD, Gate
from lindero.layers.consent import tombstones
from lindero.layers.errors import N_, ConsentError, MappingError, SourceError
from lindero.layers.model.layer import Layer
from lindero.layers.model.schema import LAYERS
from lindero.layers.read.formats.detect import TABLES
from lindero.layers.read.reader import Received, read
from lindero.layers.reference import base_data
from lindero.layers.sources.mapping import LATITUDE, LONGITUDE, POSITION, FieldMapping, own_mapping, used_fields
from lindero.layers.workspace.manifest_file import SourceEntry, Workspace, sha256, slug
from lindero.layers.workspace.source_options import DATES, OF_ROWS, SourceOptions

_SAMPLES = 3
_ROWS_NAMED = 5
_BEYOND = frozenset({"row_outside_the_country", "outside_the_country", "far_from_the_country"})
_DECIMAL = re.compile(r"-?\d+[.,]\d+")


class ReceivedFile:
    """A received file, which is read once for each encoding and sublayer that is asked of it."""

    def __init__(self, file: str | Path, *, nothing_written: bool = False) -> None:
        if "://" in str(file):
            raise SourceError(N_("{url} is an address, not a file"), url=file)
        self.path, self._nothing_written = Path(file), nothing_written
        self.sha256 = sha256(self.path) if self.path.is_file() else ""  # of what is read here: no other may be kept
        self._received: dict[tuple[str, str], Received] = {}

    def read(self, options: SourceOptions) -> Received:
        """
        Read the file as the options say, unless it was.

        Raises
        ------
        SourceError
            If it cannot be read.
        """
        how = options.encoding, options.sublayer
        if how not in self._received:
            encoding, sublayer = (text or None for text in how)
            self._received[how] = read(
                self.path, encoding=encoding, sublayer=sublayer, nothing_written=self._nothing_written
            )
        return self._received[how]


def planned(
    file: ReceivedFile | str,
    options: SourceOptions,
    space: Workspace,
    *,
    today: dt.date,
    incidents: frozenset[str] | None = None,
    gate: Gate | None = None,
) -> Ingested:
    """
    Read the file as a build would, without keeping anything.

    `incidents` and `gate` are as for `app.pipeline.rows.ingest.ingest`; no gate is that of the workspace's map.

    Raises
    ------
    SourceError
        If it cannot be read, mapped or placed, if none of its rows could be kept, or if it is for the vault.
    ConsentError
        If rows are like withdrawn records, and nobody said whether they are.
    """
    gate = gate or Gate(tombstones.read(space.folder))
    gate = replace(gate, same=frozenset(options.same), another=frozenset(options.another))
    if isinstance(file, str):
        file = ReceivedFile(file, nothing_written=gate.into_vault)
    land, received = Land(base_data.countries(), space.country), file.read(options)
    if not received.rows_read:
        raise SourceError(N_("{name} holds no rows"), name=file.path.name)
    coverage = manifest_coverage(options.coverage, space, land).text
    entry = _entry(file, replace(options, coverage=coverage), _kind(options, received), today)
    _hold_ordered(entry, space)
    taken = ingest(entry, received, land, incidents=incidents, gate=gate)
    if len(taken.rejects):
        if not gate.into_vault:
            _hold_public(taken)
        _hold_asked(taken)
    if not gate.into_vault:
        taken = beside_the_map(taken, space)
    check_kept(taken)
    return replace(taken, answers=tuple(gate.answers), findings=_with_same_file(taken, space))


def check_kept(taken: Ingested) -> None:
    """
    Check that a source keeps a row.

    Raises
    ------
    SourceError
        If it keeps none; the message says why.
    """
    if not int(taken.source["rows_kept"].iloc[0]):
        reasons = taken.rejects["reason"].value_counts()
        raise SourceError(
            N_("no row of {name} can be kept: {reasons}"),
            name=Path(taken.entry.file).name,
            reasons=", ".join(f"{word(reason)} ({number(count)})" for reason, count in reasons.items()),
        )


def _with_same_file(taken: Ingested, space: Workspace) -> pd.DataFrame:
    """Return the findings of a plan, and one more where the workspace has this very file already."""
    entry = taken.entry
    same = [one for one in space.sources if one.sha256 == entry.sha256 and one.sublayer == entry.sublayer]
    detail = ", ".join(f"{one.id}@{one.snapshot_on}" for one in same)
    if not same:
        return taken.findings
    row = {"source_id": entry.id, "snapshot_on": entry.snapshot_on, "row_number": 0, "finding": "file_in_workspace"}
    found = pd.DataFrame([row | {"detail": detail}], columns=taken.findings.columns)
    return pd.concat([taken.findings, found] if len(taken.findings) else [found], ignore_index=True)


def plan_text(taken: Ingested, *, with_samples: bool = True, country: str = "") -> str:
    """
    Return a plan in lines of text for a terminal, with a few values of each field unless they are private.

    `country` is the workspace's.
    """
    entry, received = taken.entry, taken.received
    counts = taken.source.iloc[0]
    head = _("{file} as {layer}: {title}, {publisher}, {dated}").format(
        file=Path(entry.file).name,
        layer=entry.layer,
        title=entry.title,
        publisher=entry.publisher,
        dated=_("as of {date}").format(date=entry.snapshot_on)
        if entry.snapshot_stated
        else _("date not stated (--snapshot-on says it)"),
    )
    crs = counts["crs_received"] or _("none stated, read as degrees")
    what = _("{format}, {rows} rows; coordinates: {crs}").format(
        format=received.format.value, rows=number(received.rows_read), crs=crs
    )
    fields = read_fields(taken)
    mapped = [
        f"  {column:<18} ← {name:<14} {_samples(received, name) if with_samples else ''}"
        for column, name in fields.items()
    ]
    fixed = [f"  {column:<18} = {value}" for column, value in taken.mapping.constants.items() if column not in fields]
    derived = {name for each in taken.mapping.derived for names in each.fields.values() for name in names}
    used = {*fields.values(), *derived}
    unused = [str(name) for name in received.rows.columns if name not in used]
    rest = [_("  not used: {fields}").format(fields=", ".join(unused))] if unused else []
    account = _("{read} received = {kept} kept + {rejected} rejected; {repaired} repaired").format(
        read=number(counts["rows_read"]),
        kept=number(counts["rows_kept"]),
        rejected=number(counts["rows_rejected"]),
        repaired=number(counts["rows_repaired"]),
    )
    noticed = [f"  {line}" for line in _noticed(taken)]
    return "\n".join([head, what, _where(taken, country), *mapped, *fixed, *rest, account, *noticed])


def read_fields(taken: Ingested) -> dict[str, str]:
    """Return the field that fills each column. Columns of coordinates are not read where the file has geometry."""
    fields = used_fields(taken.mapping, taken.received)
    unread = set() if taken.received.geometry is None else {LONGITUDE, LATITUDE, POSITION}
    return {column: name for column, name in fields.items() if column not in unread}


def _where(taken: Ingested, home: str) -> str:
    """Say where the source has data: as declared, else as its rows show, and how to declare it."""
    entry = taken.entry
    if entry.coverage:
        return _("covers, as declared: {places}").format(places=entry.coverage)
    rows = taken.tables[entry.layer]
    # the borders of the base data are coarse: a region across the border is named only where rows lie well beyond it
    country = "" if taken.findings["finding"].isin(_BEYOND).any() else home
    names = proposed_names(entry.layer, rows, country=country) if isinstance(rows, gpd.GeoDataFrame) else []
    ask = _("If it holds all of a country, region or area, say so with --covers COUNTRY|REGION|FILE.")
    if not names:
        return " ".join([_("covers: not known, its rows do not show it."), ask])
    text = _("covers, by its rows, some of: {places}.").format(places=", ".join(names))
    return f"{text} {ask}"


def _hold_public(taken: Ingested) -> None:
    """
    Hold that a file to be kept in the clear holds public record alone.

    Raises
    ------
    SourceError
        If it holds anything else: the copy in `files/` would give it away.
    """
    private = taken.rejects[taken.rejects["reason"] == WITHHELD]
    if len(private):
        raise SourceError(
            N_(
                "{name} holds {count} incidents that are not marked as public_record: "
                "add it with `lindero vault add`, which keeps it encrypted"
            ),
            name=Path(taken.entry.file).name,
            count=len(private),
        )


def _hold_asked(taken: Ingested) -> None:
    """
    Hold that somebody said of each row that is like a withdrawn record whether it is that record.

    Raises
    ------
    ConsentError
        If nobody did: it is neither dropped nor kept unasked.
    """
    like = taken.rejects.loc[taken.rejects["reason"] == LIKE_WITHDRAWN, "row_number"]
    if len(like):
        raise ConsentError(
            N_(
                "{name} holds rows that are like records whose consent was withdrawn, and may be another's: {rows}. "
                "Say of each --same ROW (it stays out) or --another ROW (it is kept)"
            ),
            name=Path(taken.entry.file).name,
            rows=", ".join(map(str, like)),
        )


def _kind(options: SourceOptions, received: Received) -> FieldMapping | None:
    """Give the known kind of the file; None if it is to be read by its own column names and the user's fields."""
    if options.mapping in sources.KNOWN:
        return sources.KNOWN[options.mapping]
    names = [str(name) for name in received.rows.columns]
    if received.format in TABLES and options.layer and not options.fields:
        _check_header(names, LAYERS.get(options.layer))
    mapping = sources.recognise(names, layer=options.layer or None)
    if mapping is None and options.layer not in LAYERS:
        raise MappingError(
            N_("what the file holds is not known; name it with --layer, one of {layers}. Its fields: {fields}"),
            layers=", ".join(LAYERS),
            fields=", ".join(names) or "–",
        )
    return mapping


def _check_header(names: list[str], layer: Layer | None) -> None:
    """
    Check that the first line of a table holds names.

    Raises
    ------
    MappingError
        If it holds decimal numbers, and no name of a column.
    """
    if layer and any(map(_DECIMAL.fullmatch, names)) and not own_mapping(layer, names).fields:
        raise MappingError(
            N_(
                "the first line of the table holds values, not the names of columns: {found}. Write a line of names "
                "above it, such as code,name,longitude,latitude, and add it again"
            ),
            found=", ".join(names),
        )


def _entry(file: ReceivedFile, options: SourceOptions, mapping: FieldMapping | None, today: dt.date) -> SourceEntry:
    path = file.path
    known = mapping or FieldMapping("", options.layer, path.stem, "", frozenset(), {})
    publisher = options.publisher or known.publisher
    if not publisher:
        raise MappingError(N_("name who published {name} with --publisher"), name=path.name)
    dates: dict[str, Any] = {name: _date(getattr(options, name)) for name in (*DATES, "snapshot_on")}
    dates["retrieved_on"] = dates["retrieved_on"] or today.isoformat()
    dates["snapshot_on"] = dates["snapshot_on"] or dates["retrieved_on"]
    said = {name: value for name, value in options.__dict__.items() if name not in OF_ROWS}
    return SourceEntry(
        **{
            **said,
            **dates,
            "id": options.id or slug(path.stem),
            "layer": known.layer,
            "publisher": publisher,
            "title": options.title or known.title,
            "licence": options.licence or known.licence,
            "url": options.url or known.url or "",
            "mapping": known.name,
        },
        file=f"files/{file.sha256[:12]}/{path.name}",
        sha256=file.sha256,
        snapshot_stated=bool(options.snapshot_on),
    )


def _hold_ordered(entry: SourceEntry, space: Workspace) -> None:
    """
    Hold that the snapshots of a source can be put in order: each by the day that its content stands for.

    Raises
    ------
    SourceError
        If the new one or an earlier one does not state its day.
    """
    earlier = [one for one in space.sources if one.id == entry.id]
    if earlier and not entry.snapshot_stated:
        raise SourceError(
            N_(
                "the workspace has a source {id} already: say of what day this file is with --snapshot-on, so that the "
                "two can be put in order, or name another source with --id"
            ),
            id=entry.id,
        )
    if undated := [one for one in earlier if not one.snapshot_stated]:
        raise SourceError(
            N_(
                "nobody stated the date of the earlier file of source {id}: say it with lindero describe {id} "
                "--snapshot {day} --snapshot-on YYYY-MM-DD, so that the two can be put in order, or use another --id"
            ),
            id=entry.id,
            day=undated[0].snapshot_on,
        )


def _date(text: str) -> str:
    try:
        return dt.date.fromisoformat(text).isoformat() if text else ""
    except ValueError as error:
        raise SourceError(N_("{text} is not a date of the form YYYY-MM-DD"), text=text) from error


def _samples(received: Received, name: str) -> str:
    values = received.rows[name].dropna().head(_SAMPLES)
    return ", ".join(str(value)[:40] for value in values)


def _noticed(taken: Ingested) -> list[str]:
    """Sum up rejects, repairs and findings by kind, each with its first rows."""
    kinds = (("reason", taken.rejects), ("repair", taken.repairs), ("finding", taken.findings))
    return [
        f"{word(kind)}: {_of_the_file(rows) or f'{number(len(rows))} ({_rows(rows)})'}"
        for column, frame in kinds
        for kind, rows in frame.groupby(column, sort=True)
    ]


def _of_the_file(frame: pd.DataFrame) -> str:
    """Give what was noticed of a file as a whole, which no row tells; empty where it was of rows."""
    whole = (frame["row_number"] == 0).all() and frame["detail"].notna().all()
    return "; ".join(frame["detail"]) if whole else ""


def _rows(frame: pd.DataFrame) -> str:
    first = ", ".join(str(row) for row in frame["row_number"].head(_ROWS_NAMED))
    if len(frame) > _ROWS_NAMED:
        return _("rows {first} …").format(first=first)
    return ngettext("row {first}", "rows {first}", len(frame)).format(first=first)
