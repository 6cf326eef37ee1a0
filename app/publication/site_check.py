"""The promises of a publication's site, proved on its first page and on each of its parts."""

import base64
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lindero.app.pocket import bundle
from lindero.app.pocket.contents import DRAWN
from lindero.app.publication import site
from lindero.app.publication.coverage import coarse_grounds
from lindero.app.publication.findings import Findings
from lindero.app.publication.pack_check import Layers, beyond_the_list, contents_of, reaching_out, telling_ids, too_fine
from lindero.app.text.i18n import _
from lindero.layers.database.definitions import OF_PERSONS
from lindero.layers.errors import PublishError
from lindero.layers.publish.rules import K

_LIST = "list_"
_COUNTS = "restricted_counts"
_NAMED = {"name", "kind", "around", "at", "layer", "id", "code", "box", "part"}
_PAIR = {"id", "name", "holder", "status", "part", "area_ha", "certainty"}
_TITLE = {"id", "name", "status", "kind", "area_ha", "part", "lands"}
_COLUMNS: dict[str, set[str]] = {
    "places": {"name", "kind", "around", "at", "size"},
    "coverage": {"layer", "source_id", "basis", "extent", "name", "g"},
    "ground": {"layer", "g"},
    "changed": {"name", "line", "g", "report"},
    "changed_ground": {"report", "g"},
    "pairs": _PAIR,
    "lands": {"id", "name", "part"},
    "names": _NAMED,
    "holders": {"name", "titles"},
    "titles": _TITLE,
    _COUNTS: {"country", "department", "province", "year", "count"},
}


def note(findings: Findings, folder: Path) -> None:
    """Prove that a site asks nothing of other machines, and holds nothing but what may be published."""
    try:
        text, first = contents_of(folder / site.PAGE)
        held = list(site.parts_of(folder))
    except PublishError as error:
        findings.broken.append(str(error))
        return
    faults = [*reaching_out(text, is_site=True)]
    if f"<script>{bundle.script(bundle.SITE)}</script>" not in text:
        faults.append(_("{file} is not as it was published").format(file=site.PAGE))
    findings.note(faults, _("a site that asks nothing of any machine"))
    own = [fault for name, part in held for fault in _of_part(name, part, first["step"])]
    findings.note(sorted({*own, *_of_first(first)}), _("a site that holds nothing but what may be published"))


def tiles(folder: Path) -> dict[int, bytes]:
    """Give the tiles of a site by their number (of PMTiles); none if it cannot be read."""
    try:
        held = [part for name, part in site.parts_of(folder) if name.startswith(f"{site.TILES}-")]
        return {int(number): base64.b64decode(tile) for part in held for number, tile in part.items()}
    except (PublishError, ValueError, AttributeError):
        return {}


def _of_first(first: dict[str, Any]) -> Iterator[str]:
    if any(first[name] for name in ("layers", "overlaps", "lands", "coverage", "ground")):
        yield _("{file} is not as it was published").format(file=site.PAGE)


def _of_part(name: str, part: Any, step: float) -> Iterator[str]:
    kind = name.rpartition("-")[0]
    if kind == "leaf":
        yield from _of_leaf(name, part, step)
    elif kind in {"names", "holders"}:
        rows = {kind: [row for _key, row in part], "titles": _inside([row for _key, row in part], "titles")}
        yield from _not_listed(name, {**rows, "lands": _inside(rows["titles"], "lands")})
    elif kind == f"{_LIST}{_COUNTS}":
        rows = {_COUNTS: [row for _key, row in part]}
        yield from _not_listed(name, rows)
        yield from _small_cells(rows[_COUNTS])
    elif kind.startswith(_LIST):
        layers = {kind.removeprefix(_LIST): [row for _key, row in part]}
        yield from beyond_the_list(name, layers, more=frozenset({"part"}))
        yield from too_fine(layers, step)
    elif kind != site.TILES:
        yield _("{file} is not described, or missing").format(file=f"{name}.js")


def _of_leaf(name: str, part: dict[str, list[dict[str, Any]]], step: float) -> Iterator[str]:
    layers: Layers = {kind: rows for kind, rows in part.items() if kind in DRAWN}
    yield from beyond_the_list(name, layers)
    yield from too_fine(layers, step)
    yield from telling_ids(layers)
    pairs = [pair for rows in layers.values() for pair in _inside(rows, "pairs")]
    yield from _not_listed(name, {**{kind: rows for kind, rows in part.items() if kind not in DRAWN}, "pairs": pairs})
    yield from _finer_coverage(part.get("coverage", []))


def _inside(rows: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    return [one for row in rows for one in row.get(name, ())]


def _not_listed(file: str, tables: Layers) -> Iterator[str]:
    strange: dict[str, set[str]] = defaultdict(set)
    for table, rows in tables.items():
        for row in rows:
            strange[table] |= row.keys() - _COLUMNS.get(table, set())
    for table, names in strange.items():
        for column in sorted(names):
            yield _("{file}: {table}.{column} is not to be published").format(file=file, table=table, column=column)


def _small_cells(rows: list[dict[str, Any]]) -> Iterator[str]:
    for row in rows:
        if row["count"] < K or row["count"] % K:
            yield _("a cell of {department} is {count}").format(department=row["department"], count=row["count"])


def _finer_coverage(rows: list[dict[str, Any]]) -> Iterator[str]:
    """Name what tells where sources on people have data by another name than a department's or a country's."""
    told = {row.get("name") for row in rows if row["layer"] in OF_PERSONS}
    strange = len(told - set(coarse_grounds()["name"])) if told else 0
    if strange:
        yield _("{n} areas of coverage tell where records of people come from").format(n=strange)
