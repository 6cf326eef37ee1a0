"""The promises of a pocket map, proved on its file, as those of a publication are (`products.publication.verify`)."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate
from pathlib import Path
from typing import Any

from lindero.app.products.pocket import background
from lindero.app.products.pocket.page import policy
from lindero.app.products.pocket.site_parts import unpack
from lindero.app.products.publication.findings import ID, LEAST_DEGREES, NOT_FOUND, Findings, leaking
from lindero.app.text.i18n import _, number
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
_OWN = {"id", "source_id", "at", "g"}  # of every row
_TOLD = {  # of what is published in other tables, or said of it
    "incidents": {"acts"},
    "communities": {"land", "told", "area", "pairs"},
    "concessions": {"pairs"},
    "protected_areas": {"area"},
}
Layers = dict[str, list[dict[str, Any]]]


def check(page: Path, vault: Vault | None) -> Findings:
    """
    Prove the promises on a pocket map; `vault` is opened to look for what it holds.

    Raises
    ------
    PublishError
        If the file is no pocket map.
    VaultError
        If the vault cannot be opened.
    """
    text, data = contents_of(page)
    findings = Findings()
    findings.note([*reaching_out(text, is_site=False)], _("a page that asks nothing of any machine"))
    findings.note([*beyond_the_list("data", data["layers"])], _("no column that is not on the list"))
    findings.note([*too_fine(data["layers"], data["step"])], _("public record alone, and no place finer than its area"))
    findings.note([*telling_ids(ids_of(data["layers"]))], _("ids that say nothing, in no order"))
    if "background" in data:
        strange = [
            _("{what} is no background of tiles").format(what=what) for what in background.faults(data["background"])
        ]
        findings.note(
            strange, _("a background of tiles alone, with whose it is; what is to be seen on it was not looked at")
        )
    if vault is None:
        findings.proofs.append(_("the vault was not opened: what it holds was not looked for"))
        return findings
    found, count, _chance = leaking([page], vault)
    findings.note(found, _("none of {n} secrets of the vault in any byte").format(n=number(count)))
    findings.proofs.append(_(NOT_FOUND))
    return findings


def contents_of(page: Path) -> tuple[str, dict[str, Any]]:
    """Read a pocket map, or the first page of a site: the page, and the data in it."""
    try:
        text = page.read_text(encoding="utf-8")
        (packed,) = _DATA.findall(text)
        return text, dict(unpack(packed))
    except (OSError, ValueError, TypeError) as error:
        raise PublishError(N_("{file} is no pocket map"), file=page) from error


def reaching_out(text: str, *, is_site: bool) -> Iterator[str]:
    """Name by what a page could ask for anything that is neither in it nor, of a site, beside it."""
    (stated,) = _POLICY.findall(text) or [""]
    rules = dict(rule.split(" ", 1) for rule in stated.split("; ") if " " in rule)
    own = dict(_PART.findall(text))
    scripts = len(_DATASET.findall(text)) + SCRIPTS
    if [name for name, _text in _PART.findall(text)] != ["style", "script"] or text.lower().count("<script") != scripts:
        yield _("the page holds a script or a style that is not of the pocket map")
    if rules != policy(own.get("script", ""), own.get("style", ""), is_site=is_site):
        yield _("the policy of the page allows more than what is inside")
    if _ADDRESS.search(_DATASET.sub("", _PART.sub("", text))):
        yield _("the page refers to another file")


def beyond_the_list(file: str, layers: Layers, *, more: frozenset[str] = frozenset()) -> Iterator[str]:
    """Name the columns of rows that are not to be published; `more` may be there besides."""
    for layer, rows in layers.items():
        listed = {*_OWN, *more, *_TOLD.get(layer, ()), *PUBLISHED.get(layer, ())}
        yield from not_listed(file, layer, {name for row in rows for name in row} - listed)


def not_listed(file: str, table: str, columns: Iterable[str]) -> Iterator[str]:
    """Say of each column that it is not to be published."""
    for column in sorted(columns):
        yield _("{file}: {table}.{column} is not to be published").format(file=file, table=table, column=column)


def too_fine(layers: Layers, step: float) -> Iterator[str]:
    """Name what tells a place of an incident more exactly than it is known."""
    rows = layers.get("incidents", [])
    small = sum(not _is_wide(row["g"], step) for row in rows if "g" in row)
    if small:
        yield _("{n} incidents are shown finer than an area").format(n=small)
    count = sum(
        ("place_text" in row and row["location_precision"] not in TEXT_SHOWN)
        or ("region" in row and row["location_precision"] not in KNOWN_REGION)
        for row in rows
    )
    if count:
        yield _("{n} incidents tell a place in words that is finer than is known").format(n=count)


def _is_wide(outline: dict[str, Any] | None, step: float) -> bool:
    """Tell whether an outline with its islands is as wide and high as the smallest area that a place is shown as."""
    paths = [ring for rings in (outline or {}).get("a", []) for ring in rings]
    spans = [_span([ring[axis::2] for ring in paths]) for axis in (0, 1)]
    return bool(paths) and min(spans) * step >= LEAST_DEGREES


def _span(paths: list[list[int]]) -> int:
    """Give how far apart the ends of paths lie; the first step of each is from the corner of the frame."""
    reached = [at for path in paths for at in accumulate(path)]
    return max(reached, default=0) - min(reached, default=0)


def ids_of(layers: Layers) -> dict[str, list[str]]:
    """Return the ids of the rows of each layer, in their order."""
    return {layer: [row["id"] for row in rows] for layer, rows in layers.items()}


def telling_ids(ids_by_layer: Mapping[str, list[str]]) -> Iterator[str]:
    """Name the layers whose ids tell something."""
    for layer, ids in ids_by_layer.items():
        if not all(ID.fullmatch(one) for one in ids) or ids != sorted(ids):
            yield _("the ids of {layer} are not new and random").format(layer=layer)
