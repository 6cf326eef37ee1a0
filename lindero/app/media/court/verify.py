"""Verification of a dossier: hashes, signature, time stamp and recomputed overlaps, described in sentences."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely
from cryptography import x509

from lindero.app.media.court import bag, signature, time_stamp
from lindero.app.media.court.contents import AREA_FIGURES, BOUNDARIES, COMMUNITY, OVERLAY_LAYERS
from lindero.app.text.error_advice import error_text
from lindero.app.text.i18n import _, format_long_date, format_number
from lindero.geo import GeoError, overlap, totals
from lindero.geo.geometry.projection import polygonal_part
from lindero.layers.errors import LayerError, make_printable
from lindero.layers.model.schema import CRS
from lindero.layers.read.reader import read

FIGURES, GEOPACKAGE, DRAWN = "data/figures.json", "data/rows/dossier.gpkg", f"data/rows/{BOUNDARIES}"
ROUNDING_HA = 0.001
_RELATIVE = 1e-6
_KEYS = ["left_layer", "left_id", "right_layer", "right_id"]
_TABLE = {"communities": COMMUNITY}


@dataclass
class Findings:
    """The findings of a verification in the reader's language: proofs, faults, and what cannot be verified."""

    proofs: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    unverified: list[str] = field(default_factory=list)


def verify_dossier(folder: Path, *, signer: str = "", authorities: Sequence[x509.Certificate] = ()) -> Findings:
    """Verify a dossier: its hashes, signature and time stamp. If all bytes match, its overlaps are recomputed."""
    findings = Findings()
    checked = bag.check_bag(folder)
    for fault in checked.faults:
        text = _(fault.sentence).format(file=make_printable(fault.file), signature=signature.SIGNATURE)
        findings.broken.append(text)
    if checked.signer is not None:
        _check_signature(findings, checked.signer, signer)
    if findings.broken:
        return findings
    text = _("{n} files are byte for byte as they were when the dossier was made.")
    findings.proofs.insert(0, text.format(n=format_number(checked.files)))
    _check_time_stamp(findings, folder, authorities)
    _check_areas(findings, folder)
    findings.unverified.append(
        _("This check cannot show whether the registers are right, or whether the dossier contains everything in them.")
    )
    findings.unverified.append(_("It does not say whether a concession is lawful: an overlap is a fact of geometry."))
    return findings


def _check_signature(findings: Findings, public_key: str, expected_key: str) -> None:
    fingerprint = signature.key_fingerprint(public_key)
    expected = "".join(expected_key.split()).lower()
    if expected and expected not in {public_key, "".join(fingerprint.split())}:
        text = _(
            "It was signed with a key other than the one that you named. Fingerprint of the key that signed: "
            "{fingerprint}"
        )
        findings.broken.append(text.format(fingerprint=fingerprint))
        return
    findings.proofs.append(
        _("The signature matches. Fingerprint of its key: {fingerprint}").format(fingerprint=fingerprint)
    )
    if not expected:
        findings.unverified.append(
            _(
                "Ask the person who gave you the dossier for their fingerprint by another way, and "
                "compare it with this one. Anybody can sign with a key of their own."
            )
        )


def _check_time_stamp(findings: Findings, folder: Path, authorities: Sequence[x509.Certificate]) -> None:
    file = folder / bag.STAMP
    if not file.is_file():
        return
    stamp = time_stamp.read_stamp(file.read_bytes(), folder.joinpath(bag.MANIFEST).read_bytes(), authorities)
    if stamp is None:
        text = _("{file} is not a time stamp of {manifest}")
        findings.broken.append(text.format(file=bag.STAMP, manifest=bag.MANIFEST))
        return
    values = {"file": bag.STAMP, "by": make_printable(stamp.service), "day": format_long_date(stamp.stamped_at.date())}
    values["time"] = f"{stamp.stamped_at:%H:%M:%S} UTC"
    if stamp.is_vouched:
        text = _("All files existed on {day}, {time}, according to the time stamp of {by}.")
        findings.proofs.append(text.format(**values))
    elif authorities:
        text = _("{file}: no authority that you named certifies the time stamp of {by}")
        findings.broken.append(text.format(**values))
    else:
        text = _(
            "{by} says that all files existed on {day}, {time}. To check its identity, give the "
            "certificate of its authority: --time-stamp-ca FILE."
        )
        findings.unverified.append(text.format(**values))


def _check_areas(findings: Findings, folder: Path) -> None:
    try:
        compared = compare_areas(folder)
    except (LayerError, GeoError) as error:
        findings.broken.append(error_text(error))
        return
    except (OSError, ValueError, KeyError, TypeError, ArithmeticError, RecursionError):
        findings.broken.append(_("{file} could not be parsed").format(file=FIGURES))
        return
    for name, stated, measured in compared.differ:
        text = _("{what}: the dossier states {stated} ha, but its boundaries give {measured} ha ({file})")
        values = {
            "what": make_printable(name),
            "stated": _format_ha(stated),
            "measured": _format_ha(measured),
            "file": FIGURES,
        }
        findings.broken.append(text.format(**values))
    for name in compared.differing_rows:
        text = _("{what}: its boundary in {file} differs from the one in {other}")
        values = {"what": make_printable(name), "file": DRAWN, "other": GEOPACKAGE}
        findings.broken.append(text.format(**values))
    if not compared.differ and not compared.agree:
        findings.proofs.append(_("The dossier contains no overlaps, so none were measured again."))
    elif not compared.differ:
        text = _("Overlap areas measured again from {file}: {n}. All agree with the dossier.")
        findings.proofs.append(text.format(n=format_number(compared.agree), file=GEOPACKAGE))


def _format_ha(value: float | None) -> str:
    return "–" if value is None else format_number(value, decimals=4)


# The overlaps of a dossier, computed again from its GeoPackage and compared with its statements.


@dataclass(frozen=True)
class AreaComparison:
    """The result of comparing the stated areas with recomputed ones.

    `agree` is the number of equal areas. `differ` has the name, the stated and the recomputed area of the others; None
    where there is none. `differing_rows` lists the rows with a boundary in the GeoJSON of the page that differs from
    the GeoPackage.
    """

    agree: int
    differ: tuple[tuple[str, float | None, float | None], ...]
    differing_rows: tuple[str, ...]


def compare_areas(folder: Path) -> AreaComparison:
    """Recompute the overlaps of a dossier from its GeoPackage. It is read in the sandbox, as a file from a stranger."""
    figures = json.loads(folder.joinpath(FIGURES).read_text(encoding="utf-8"))
    stated = {**_stated_pairs(figures["pairs"]), **_stated_sums(figures["figures"])}
    kinds = {str(figure["of"]) for figure in figures["figures"] if figure["value"]}
    measured = _measure_areas(folder / GEOPACKAGE, kinds)
    names = sorted(stated.keys() | measured.keys())
    differ = tuple(
        (name, stated.get(name), measured.get(name))
        for name in names
        if not _is_close(stated.get(name), measured.get(name))
    )
    return AreaComparison(len(names) - len(differ), differ, tuple(_find_different_boundaries(folder, kinds)))


def _stated_pairs(pairs: list[Mapping[str, Any]]) -> dict[str, float]:
    return {_pair_name(pair): float(pair["area_ha"]) for pair in pairs}


def _stated_sums(figures: list[Mapping[str, Any]]) -> dict[str, float]:
    return {
        f"{figure['of']} {figure['figure']}": float(figure["value"])
        for figure in figures
        if figure["of"] in OVERLAY_LAYERS and figure["figure"] in AREA_FIGURES and figure["value"]
    }


def _measure_areas(file: Path, kinds: set[str]) -> dict[str, float]:
    areas: dict[str, float] = {}
    for name, (left, right) in OVERLAY_LAYERS.items():
        if name not in kinds:
            continue
        sides = [_read_layer(file, _TABLE.get(layer, layer)) for layer in (left, right)]
        pairs = overlap(*sides, with_range=True)
        sums = totals(pairs, *sides, with_range=True)
        rows = pairs.assign(left_layer=left, right_layer=right).to_dict("records")
        areas |= {_pair_name(row): float(row["area_ha"]) for row in rows}
        areas |= {
            f"{name} {measure}": float(getattr(sums, measure)) for measure in AREA_FIGURES if getattr(sums, measure)
        }
    return areas


def _find_different_boundaries(folder: Path, kinds: set[str]) -> Iterator[str]:
    """Yield the rows with different boundaries in the GeoJSON and the GeoPackage.

    Older dossiers have no GeoJSON; nothing is compared then.
    """
    if not folder.joinpath(DRAWN).is_file():
        return
    layer_content = read(folder / DRAWN, nothing_written=True)
    if layer_content.geometry is None:
        raise ValueError(DRAWN)
    shapes = dict(
        zip(
            zip(layer_content.rows["layer"], layer_content.rows["id"], strict=True), layer_content.geometry, strict=True
        )
    )
    for layer in ("communities", *sorted(kinds & OVERLAY_LAYERS.keys())):
        table = _read_layer(folder / GEOPACKAGE, _TABLE.get(layer, layer))
        for id_, shape in zip(table["id"], table.geometry, strict=True):
            if not _is_same_shape(shape, shapes.pop((layer, id_), None)):
                yield f"{layer} {id_}"
    yield from (f"{layer} {id_}" for layer, id_ in shapes)


def _is_same_shape(left: shapely.Geometry | None, right: shapely.Geometry | None) -> bool:
    if left is None or right is None:
        return left is right
    return bool(shapely.equals_exact(polygonal_part(left), polygonal_part(right), normalize=True))


def _read_layer(file: Path, name: str) -> gpd.GeoDataFrame:
    layer_content = read(file, sublayer=name, nothing_written=True)
    if layer_content.geometry is None:
        raise ValueError(name)
    accuracy = pd.to_numeric(layer_content.rows["boundary_accuracy_m"], errors="coerce")
    frame = pd.DataFrame({"id": layer_content.rows["id"].astype(str), "boundary_accuracy_m": accuracy})
    return gpd.GeoDataFrame(frame, geometry=layer_content.geometry.to_numpy(), crs=CRS)


def _pair_name(pair: Mapping[Any, Any]) -> str:
    return " ".join(str(pair[key]) for key in _KEYS)


def _is_close(stated: float | None, measured: float | None) -> bool:
    if stated is None or measured is None:
        return False
    return math.isclose(stated, measured, rel_tol=_RELATIVE, abs_tol=ROUNDING_HA)
