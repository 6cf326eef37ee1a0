"""What was refused of layers that are laid over each other, and so is in no answer about them, by name."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from lindero.app.answers.coverage.coverage_text import kinds
from lindero.app.answers.overlap.row_selection import Side
from lindero.app.pipeline.source_report import refused_name
from lindero.app.text.escape import plain
from lindero.app.text.i18n import _, ngettext, number
from lindero.layers.database.map_database import Connection
from lindero.layers.model.parse_values import is_missing
from lindero.layers.workspace import refused_rows

NAMED = 5
_TOLD = ("layer", "source_id", "row_number", "name", "code", "area_official_ha", "reason")
Row = Mapping[Any, Any]


def of_sides(con: Connection, sides: Sequence[Side], sources_of: Sequence[Collection[str]]) -> list[Row]:
    """
    List the refused rows of the current snapshots that some sides are about, the largest first.

    Of a side with conditions those of sources of which it holds rows, which `sources_of` names side by side: it is not
    known whether a refused row meets them.
    """
    sources = [some if side.tests else None for side, some in zip(sides, sources_of, strict=True)]
    every = [(side, some) for side, some in zip(sides, sources, strict=True)]
    return [row for row in refused_rows.read_values(con) if any(_is_of(row, *one) for one in every)]


def head(rows: Sequence[Row]) -> list[dict[str, object]]:
    """Give them as JSON holds them."""
    return [{name: row[name] for name in _TOLD} for row in rows]


def refused_text(rows: Sequence[Row]) -> str:
    """Say layer by layer what is missing; nothing if nothing was refused."""
    return " ".join(
        _of_layer(layer, [row for row in rows if row["layer"] == layer])
        for layer in dict.fromkeys(row["layer"] for row in rows)
    )


def _of_layer(layer: str, rows: Sequence[Row]) -> str:
    text = ngettext(
        "{n} row of {kinds} was refused and is in no figure here: {names}.",
        "{n} rows of {kinds} were refused and are in no figure here: {names}.",
        len(rows),
    )
    names = [_named(row) for row in rows[:NAMED]]
    if (more := len(rows) - NAMED) > 0:
        names.append(ngettext("{n} more", "{n} more", more).format(n=number(more)))
    return text.format(n=number(len(rows)), kinds=kinds(layer), names="; ".join(names))


def _named(row: Row) -> str:
    stated = "?" if is_missing(row["area_official_ha"]) else number(row["area_official_ha"])
    return _("{name}, {ha} ha stated").format(name=plain(refused_name(row)), ha=stated)


def _is_of(row: Row, side: Side, sources: Collection[str] | None) -> bool:
    is_meant = side.source_id in {"", row["source_id"]} and (sources is None or row["source_id"] in sources)
    return row["layer"] == side.layer.name and is_meant and side.snapshot_on in {None, row["snapshot_on"]}
