"""Checks of the promises of a pocket map on its file, like those of a publication (`products.publication.verify`)."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate
from pathlib import Path
from typing import Any

from lindero.app.media.phone import background
from lindero.app.media.phone.page import security_policy
from lindero.app.media.phone.site_parts import decode_json
from lindero.app.media.site.findings import ID, LEAST_DEGREES, NOT_FOUND, Findings, find_leaks
from lindero.app.text.i18n import _, format_number
from lindero.layers.database.definitions import KNOWN_REGION
from lindero.layers.errors import N_, PublishError
from lindero.layers.publish.rules import PUBLISHED, TEXT_SHOWN
from lindero.layers.vault.vault_file import Vault

_DATA = re.compile(r'<script type="text/plain" id="data" data-size="\d+">([^<]*)</script>')
_PART = re.compile(r"<(style|script)>(.*?)</\1>", re.DOTALL)
_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">')
_DATASET = re.compile(r'<script type="application/ld\+json">[^<]*</script>')
_ADDRESS = re.compile(r"""\b(?:src|href)\s*=\s*["'](?!data:)""")
SCRIPTS = 2  # the data, and the program
_COMMON_KEYS = {"id", "source_id", "at", "g"}  # fields of every row
_DERIVED_KEYS = {  # fields that other tables publish, or that are derived
    "incidents": {"acts"},
    "communities": {"land", "told", "area", "pairs"},
    "concessions": {"pairs"},
    "protected_areas": {"area"},
}
Layers = dict[str, list[dict[str, Any]]]


def check_pocket_map(page: Path, vault: Vault | None) -> Findings:
    """Check the promises of a pocket map. `vault` is opened to search the file for its secrets."""
    text, data = read_page(page)
    findings = Findings()
    findings.record([*find_external_access(text, is_site=False)], _("a page that loads nothing from other computers"))
    findings.record(
        [*find_unlisted_columns("data", data["layers"])], _("only columns on the list of what may be published")
    )
    findings.record(
        [*find_fine_places(data["layers"], data["step"])],
        _("only public records, and no place more precise than its area"),
    )
    findings.record(
        [*find_revealing_ids(collect_ids(data["layers"]))], _("random ids that reveal nothing, not even an order")
    )
    if "background" in data:
        background_faults = [
            _("{what} is not valid in a basemap of tiles").format(what=part)
            for part in background.find_faults(data["background"])
        ]
        findings.record(
            background_faults,
            _("a basemap of tiles only, with its attribution; what the tiles show was not checked"),
        )
    if vault is None:
        findings.proofs.append(_("the vault was not opened, so its contents were not searched for"))
        return findings
    leaks, count, _chance = find_leaks([page], vault)
    findings.record(
        leaks, _("no secret of the vault in any byte ({n} were searched for)").format(n=format_number(count))
    )
    findings.proofs.append(_(NOT_FOUND))
    return findings


def read_page(page: Path) -> tuple[str, dict[str, Any]]:
    """Read a pocket map, or the first page of a site: its text, and the data in it."""
    try:
        text = page.read_text(encoding="utf-8")
        (packed,) = _DATA.findall(text)
        return text, dict(decode_json(packed))
    except (OSError, ValueError, TypeError) as error:
        raise PublishError(N_("{file} is not a pocket map"), file=page) from error


def find_external_access(text: str, *, is_site: bool) -> Iterator[str]:
    """Yield the ways in which a page could load anything that is not in it or, for a site, next to it."""
    (stated_policy,) = _POLICY.findall(text) or [""]
    rules = dict(rule.split(" ", 1) for rule in stated_policy.split("; ") if " " in rule)
    inline_parts = dict(_PART.findall(text))
    scripts = len(_DATASET.findall(text)) + SCRIPTS
    if [name for name, _text in _PART.findall(text)] != ["style", "script"] or text.lower().count("<script") != scripts:
        yield _("the page contains a script or a style that is not part of the pocket map")
    if rules != security_policy(inline_parts.get("script", ""), inline_parts.get("style", ""), is_site=is_site):
        yield _("the security policy of the page allows more than the page contains")
    if _ADDRESS.search(_DATASET.sub("", _PART.sub("", text))):
        yield _("the page refers to another file")


def find_unlisted_columns(file: str, layers: Layers, *, more: frozenset[str] = frozenset()) -> Iterator[str]:
    """Yield a fault for each column of rows that must not be published. `more` lists further allowed columns."""
    for layer, rows in layers.items():
        listed = {*_COMMON_KEYS, *more, *_DERIVED_KEYS.get(layer, ()), *PUBLISHED.get(layer, ())}
        yield from format_column_faults(file, layer, {name for row in rows for name in row} - listed)


def format_column_faults(file: str, table: str, columns: Iterable[str]) -> Iterator[str]:
    """Yield a fault for each of the columns, which must not be published."""
    for column in sorted(columns):
        yield _("{file}: {table}.{column} must not be published").format(file=file, table=table, column=column)


def find_fine_places(layers: Layers, step: float) -> Iterator[str]:
    """Yield a fault for incidents with a place that is more precise than is known."""
    rows = layers.get("incidents", [])
    small_count = sum(not _is_wide_enough(row["g"], step) for row in rows if "g" in row)
    if small_count:
        yield _("incidents shown more precisely than an area: {n}").format(n=small_count)
    count = sum(
        ("place_text" in row and row["location_precision"] not in TEXT_SHOWN)
        or ("region" in row and row["location_precision"] not in KNOWN_REGION)
        for row in rows
    )
    if count:
        yield _("incidents with a place name more precise than is known: {n}").format(n=count)


def _is_wide_enough(outline: dict[str, Any] | None, step: float) -> bool:
    """Return whether an outline with its islands is at least as wide and high as the smallest area that is shown."""
    paths = [ring for rings in (outline or {}).get("a", []) for ring in rings]
    spans = [_path_span([ring[axis::2] for ring in paths]) for axis in (0, 1)]
    return bool(paths) and min(spans) * step >= LEAST_DEGREES


def _path_span(paths: list[list[int]]) -> int:
    """Return the extent of paths along one axis. The first step of each path is measured from the frame."""
    reached = [position for path in paths for position in accumulate(path)]
    return max(reached, default=0) - min(reached, default=0)


def collect_ids(layers: Layers) -> dict[str, list[str]]:
    """Return the ids of the rows of each layer, in their order."""
    return {layer: [row["id"] for row in rows] for layer, rows in layers.items()}


def find_revealing_ids(ids_by_layer: Mapping[str, list[str]]) -> Iterator[str]:
    """Yield a fault for each layer with ids that are not random or not sorted."""
    for layer, ids in ids_by_layer.items():
        if not all(ID.fullmatch(id_) for id_ in ids) or ids != sorted(ids):
            yield _("the ids of {layer} may reveal something: they are not random, or not sorted").format(layer=layer)
