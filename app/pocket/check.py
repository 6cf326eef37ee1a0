"""The promises of a pocket map, proved on its file: as those of a publication are (`app.publication.verify`)."""

import base64
import binascii
import json
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from lindero.app.pocket.page import hashed
from lindero.app.publication.verify import ID, LEAST_DEGREES, NOT_FOUND, Findings, leaking
from lindero.app.text.i18n import _, number
from lindero.layers.database.definitions import KNOWN_REGION
from lindero.layers.errors import N_, PublishError
from lindero.layers.publish.rules import PUBLISHED, TEXT_SHOWN
from lindero.layers.vault.vault_file import Vault

_DATA = re.compile(r'<script type="text/plain" id="data" data-size="\d+">([^<]*)</script>')
_PART = re.compile(r"<(style|script)>(.*?)</\1>", re.DOTALL)
_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">')
_ADDRESS = re.compile(r"""\b(?:src|href)\s*=\s*["'](?!data:)""")
SCRIPTS = 2  # the data, and the program
_OWN = {"id", "source_id", "at", "g"}  # of every row
_SCANNED = ("layers", "overlaps", "coverage", "sources", "changes")  # the rest is of Lindero itself, or made of these


def check(page: Path, held: Vault | None) -> Findings:
    """
    Prove the promises on a pocket map; `held` is the vault, to look for what it holds.

    Raises
    ------
    PublishError
        If the file is no pocket map.
    VaultError
        If the vault cannot be opened.
    """
    text, data = contents_of(page)
    findings = Findings()
    findings.note([*_reaching_out(text)], _("a page that asks nothing of any machine"))
    findings.note([*_beyond_the_list(data)], _("no column that is not on the list"))
    findings.note([*_too_fine(data)], _("public record alone, and no place finer than its area"))
    findings.note([*_telling_ids(data)], _("ids that say nothing, in no order"))
    if held is None:
        findings.told.append(_("the vault was not opened: what it holds was not looked for"))
        return findings
    with TemporaryDirectory() as folder:
        told = Path(folder) / "data.json"
        scanned = {name: data[name] for name in _SCANNED}
        told.write_text(json.dumps(scanned, ensure_ascii=False), encoding="utf-8")
        found, count, _chance = leaking([told], held)
    findings.note(found, _("none of {n} secrets of the vault in any byte").format(n=number(count)))
    findings.told.append(_(NOT_FOUND))
    return findings


def contents_of(page: Path) -> tuple[str, dict[str, Any]]:
    """Read a pocket map: the page, and the data in it."""
    try:
        text = page.read_text(encoding="utf-8")
        (packed,) = _DATA.findall(text)
        data = json.loads(zlib.decompress(base64.b64decode(packed, validate=True), wbits=-zlib.MAX_WBITS))
        return text, dict(data)
    except (OSError, ValueError, TypeError, binascii.Error, zlib.error) as error:
        raise PublishError(N_("{file} is no pocket map"), file=page) from error


def _reaching_out(text: str) -> Iterator[str]:
    (policy,) = _POLICY.findall(text) or [""]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; ") if " " in rule)
    if [name for name, _text in _PART.findall(text)] != ["style", "script"] or text.lower().count("<script") != SCRIPTS:
        yield _("the page holds a script or a style that is not of the pocket map")
    allowed = {f"{name}-src": f"'{hashed(part)}'" for name, part in _PART.findall(text)}
    if rules != {"default-src": "'none'", "img-src": "data:", "base-uri": "'none'", "form-action": "'none'", **allowed}:
        yield _("the policy of the page allows more than what is inside")
    if _ADDRESS.search(_PART.sub("", text)):
        yield _("the page refers to another file")


def _beyond_the_list(data: dict[str, Any]) -> Iterator[str]:
    for layer, rows in data["layers"].items():
        for name in sorted({name for row in rows for name in row} - _OWN - set(PUBLISHED.get(layer, ()))):
            yield _("{file}: {table}.{column} is not to be published").format(file="data", table=layer, column=name)


def _too_fine(data: dict[str, Any]) -> Iterator[str]:
    rows = data["layers"].get("incidents", [])
    small = sum(not _is_wide(row["g"], data["step"]) for row in rows)
    if small:
        yield _("{n} incidents are shown finer than an area").format(n=small)
    told = sum(
        ("place_text" in row and row["location_precision"] not in TEXT_SHOWN)
        or ("region" in row and row["location_precision"] not in KNOWN_REGION)
        for row in rows
    )
    if told:
        yield _("{n} incidents tell a place in words that is finer than is known").format(n=told)


def _is_wide(outline: dict[str, Any] | None, step: float) -> bool:
    """Tell whether an outline is as wide and as high as the smallest area that a place is shown as."""
    paths = [ring for rings in (outline or {}).get("a", []) for ring in rings]
    spans = [_span(ring[axis::2]) for axis in (0, 1) for ring in paths]
    return bool(spans) and min(spans) * step >= LEAST_DEGREES


def _span(steps: list[int]) -> int:
    at, low, high = steps[0], steps[0], steps[0]
    for step in steps[1:]:
        at += step
        low, high = min(low, at), max(high, at)
    return high - low


def _telling_ids(data: dict[str, Any]) -> Iterator[str]:
    for layer, rows in data["layers"].items():
        ids = [row["id"] for row in rows]
        if not all(ID.fullmatch(one) for one in ids) or ids != sorted(ids):
            yield _("the ids of {layer} are not new and random").format(layer=layer)
