"""What an unknown file holds, at a glance: so that somebody can say what it is, and type that."""

import shlex
from collections import Counter
from pathlib import Path

from lindero.app.pipeline.add.plan import Wishes
from lindero.app.text.codes import word
from lindero.app.text.i18n import _, number
from lindero.layers import sources
from lindero.layers.read.reader import Received, read
from lindero.layers.sources.proposals import Likely, likely_layers, of_a_drawing

_SAMPLES = 3
_FIELDS = 60
_LAYERS = 3


def look(path: Path, wishes: Wishes) -> str:
    """
    Describe the file at `path`: its rows, fields and places, which layer is likely, and what to type to add it.

    Raises
    ------
    SourceError
        If it cannot be read.
    """
    received = read(path, encoding=wishes.encoding or None, sublayer=wishes.sublayer or None)
    found = likely_layers(received, [path.stem, wishes.sublayer, wishes.title])
    return "\n".join(
        [
            *_holds(path, received),
            *_likely(found),
            *_command(path, wishes, found or [Likely("…", 0, tuple(of_a_drawing(received)))]),
        ]
    )


def is_known(path: Path, wishes: Wishes) -> bool:
    """Tell whether what was said, or the fields of a file, say what it holds."""
    if wishes.mapping or wishes.layer:
        return True
    received = read(path, encoding=wishes.encoding or None, sublayer=wishes.sublayer or None)
    return sources.recognise(map(str, received.rows.columns)) is not None


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


def _command(path: Path, wishes: Wishes, found: list[Likely]) -> list[str]:
    likely = found[0]
    chosen = [one for one in likely.proposals if one.column not in wishes.fields and one.is_sure]
    fields = [f"--field {one.column}={shlex.quote(one.field)}" for one in chosen]
    publisher = f"--publisher {shlex.quote(wishes.publisher or '…')}"
    typed = ["lindero add", shlex.quote(path.name), "--layer", likely.layer, publisher, *fields]
    return [_("Nothing was added. To add it:"), f"  {' '.join(typed)}"]
