"""Whether a dossier agrees with itself and its signature, said in words."""

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

from lindero.app.products.dossier import bag, signature, time_stamp
from lindero.app.products.dossier.contents import BOUNDARIES, COMMUNITY, LAID, MEASURED
from lindero.app.text.error_advice import error_text
from lindero.app.text.i18n import _, date, number
from lindero.geo import GeoError, overlap, totals
from lindero.geo.geometry.projection import areal
from lindero.layers.errors import LayerError, printable
from lindero.layers.model.schema import CRS
from lindero.layers.read.reader import read

FIGURES, GEOPACKAGE, DRAWN = "data/figures.json", "data/rows/dossier.gpkg", f"data/rows/{BOUNDARIES}"
ROUNDING_HA = 0.001
_RELATIVE = 1e-6
_KEYS = ["left_layer", "left_id", "right_layer", "right_id"]
_TABLE = {"communities": COMMUNITY}


@dataclass
class Findings:
    """What agrees, what does not, and what nobody can tell from the dossier; in the reader's language."""

    proofs: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    beyond: list[str] = field(default_factory=list)


def verify(folder: Path, *, signer: str = "", authorities: Sequence[x509.Certificate] = ()) -> Findings:
    """
    Check a dossier: its hashes, its signature and time stamp, and its overlaps, measured anew where all bytes agree.

    Parameters
    ----------
    signer
        The public key that is to have signed it, or its fingerprint; blanks and case do not matter.
    authorities
        Certificates of those who are trusted to vouch for its time stamp.
    """
    found = Findings()
    checked = bag.check(folder)
    for fault in checked.faults:
        text = _(fault.sentence).format(file=printable(fault.file), signature=signature.SIGNATURE)
        found.broken.append(text)
    if checked.signer is not None:
        _signed(found, checked.signer, signer)
    if found.broken:
        return found
    text = _("{n} files are byte for byte as they were when the dossier was made.")
    found.proofs.insert(0, text.format(n=number(checked.files)))
    _stamped(found, folder, authorities)
    _areas(found, folder)
    found.beyond.append(
        _("Nothing here tells whether the registers are right, nor whether all that they hold was taken.")
    )
    found.beyond.append(_("Whether a concession is lawful is not in it: an overlap is a fact of geometry."))
    return found


def _signed(found: Findings, by: str, wanted: str) -> None:
    print_ = signature.fingerprint(by)
    plain = "".join(wanted.split()).lower()
    if plain and plain not in {by, "".join(print_.split())}:
        text = _("It was signed with another key than the one you named, of fingerprint {fingerprint}")
        found.broken.append(text.format(fingerprint=print_))
        return
    found.proofs.append(_("The signature fits. Fingerprint of its key: {fingerprint}").format(fingerprint=print_))
    if not plain:
        found.beyond.append(
            _(
                "Compare this fingerprint with the one that whoever gave you the dossier tells you by another way: "
                "anybody can sign with a key of their own."
            )
        )


def _stamped(found: Findings, folder: Path, authorities: Sequence[x509.Certificate]) -> None:
    file = folder / bag.STAMP
    if not file.is_file():
        return
    stamp = time_stamp.read(file.read_bytes(), folder.joinpath(bag.MANIFEST).read_bytes(), authorities)
    if stamp is None:
        text = _("{file} is no time stamp of {manifest}")
        found.broken.append(text.format(file=bag.STAMP, manifest=bag.MANIFEST))
        return
    values = {"file": bag.STAMP, "by": printable(stamp.by), "day": date(stamp.at.date())}
    values["time"] = f"{stamp.at:%H:%M:%S} UTC"
    if stamp.is_vouched:
        text = _("All files were there on {day}, {time}: so says the time stamp of {by}.")
        found.proofs.append(text.format(**values))
    elif authorities:
        text = _("{file}: none of the authorities that you named stands for the time stamp of {by}")
        found.broken.append(text.format(**values))
    else:
        text = _(
            "{by} says that all files were there on {day}, {time}. Whether it is who it says can be told with the "
            "certificate of its authority: --time-stamp-ca FILE."
        )
        found.beyond.append(text.format(**values))


def _areas(found: Findings, folder: Path) -> None:
    try:
        compared = compare_areas(folder)
    except (LayerError, GeoError) as error:
        found.broken.append(error_text(error))
        return
    except (OSError, ValueError, KeyError, TypeError, ArithmeticError, RecursionError):
        found.broken.append(_("{file} cannot be understood").format(file=FIGURES))
        return
    for name, stated, measured in compared.differ:
        text = _("{what}: the dossier states {stated} ha, its boundaries give {measured} ha ({file})")
        values = {"what": printable(name), "stated": _ha(stated), "measured": _ha(measured), "file": FIGURES}
        found.broken.append(text.format(**values))
    for name in compared.unlike:
        text = _("{what}: its boundary is one in {file} and another in {other}")
        values = {"what": printable(name), "file": DRAWN, "other": GEOPACKAGE}
        found.broken.append(text.format(**values))
    if not compared.differ and not compared.agree:
        found.proofs.append(_("The dossier states no overlap, so that there was none to be measured anew."))
    elif not compared.differ:
        text = _("{n} areas of overlaps, measured anew from {file}, are those that the dossier states.")
        found.proofs.append(text.format(n=number(compared.agree), file=GEOPACKAGE))


def _ha(value: float | None) -> str:
    return "–" if value is None else number(value, decimals=4)


# The overlaps of a dossier measured anew from its GeoPackage, beside what it states.


@dataclass(frozen=True)
class Compared:
    """
    How many areas agree, and those that do not: of what, as stated, as measured (None where it is not there).

    `unlike` are rows whose boundaries, as the page inside a dossier measures them, are not those of the GeoPackage.
    """

    agree: int
    differ: tuple[tuple[str, float | None, float | None], ...]
    unlike: tuple[str, ...]


def compare_areas(folder: Path) -> Compared:
    """
    Measure the overlaps of a dossier from its GeoPackage, which is read behind walls as any stranger's file.

    Raises
    ------
    SourceError
        If the GeoPackage cannot be read.
    ValueError, KeyError, TypeError
        If the figures cannot be understood, or the boundaries cannot be measured.
    """
    figures = json.loads(folder.joinpath(FIGURES).read_text(encoding="utf-8"))
    stated = {**_stated_pairs(figures["pairs"]), **_stated_sums(figures["figures"])}
    kinds = {str(each["of"]) for each in figures["figures"] if each["value"]}
    measured = _measured(folder / GEOPACKAGE, kinds)
    names = sorted(stated.keys() | measured.keys())
    differ = tuple(
        (name, stated.get(name), measured.get(name))
        for name in names
        if not _is_same(stated.get(name), measured.get(name))
    )
    return Compared(len(names) - len(differ), differ, tuple(_unlike(folder, kinds)))


def _stated_pairs(pairs: list[Mapping[str, Any]]) -> dict[str, float]:
    return {_called(pair): float(pair["area_ha"]) for pair in pairs}


def _stated_sums(figures: list[Mapping[str, Any]]) -> dict[str, float]:
    return {
        f"{each['of']} {each['figure']}": float(each["value"])
        for each in figures
        if each["of"] in LAID and each["figure"] in MEASURED and each["value"]
    }


def _measured(file: Path, kinds: set[str]) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, (left, right) in LAID.items():
        if name not in kinds:
            continue
        sides = [_layer(file, _TABLE.get(layer, layer)) for layer in (left, right)]
        pairs = overlap(*sides, with_range=True)
        sums = totals(pairs, *sides, with_range=True)
        rows = pairs.assign(left_layer=left, right_layer=right).to_dict("records")
        found |= {_called(row): float(row["area_ha"]) for row in rows}
        found |= {f"{name} {each}": float(getattr(sums, each)) for each in MEASURED if getattr(sums, each)}
    return found


def _unlike(folder: Path, kinds: set[str]) -> Iterator[str]:
    """Name the rows whose boundaries are not the same in both files; none in a dossier of before there were two."""
    if not folder.joinpath(DRAWN).is_file():
        return
    got = read(folder / DRAWN, nothing_written=True)
    if got.geometry is None:
        raise ValueError(DRAWN)
    drawn = dict(zip(zip(got.rows["layer"], got.rows["id"], strict=True), got.geometry, strict=True))
    for layer in ("communities", *sorted(kinds & LAID.keys())):
        table = _layer(folder / GEOPACKAGE, _TABLE.get(layer, layer))
        for id_, shape in zip(table["id"], table.geometry, strict=True):
            if not _draw_the_same(shape, drawn.pop((layer, id_), None)):
                yield f"{layer} {id_}"
    yield from (f"{layer} {id_}" for layer, id_ in drawn)


def _draw_the_same(one: shapely.Geometry | None, other: shapely.Geometry | None) -> bool:
    if one is None or other is None:
        return one is other
    return bool(shapely.equals_exact(areal(one), areal(other), normalize=True))


def _layer(file: Path, name: str) -> gpd.GeoDataFrame:
    got = read(file, sublayer=name, nothing_written=True)
    if got.geometry is None:
        raise ValueError(name)
    accuracy = pd.to_numeric(got.rows["boundary_accuracy_m"], errors="coerce")
    frame = pd.DataFrame({"id": got.rows["id"].astype(str), "boundary_accuracy_m": accuracy})
    return gpd.GeoDataFrame(frame, geometry=got.geometry.to_numpy(), crs=CRS)


def _called(pair: Mapping[Any, Any]) -> str:
    return " ".join(str(pair[key]) for key in _KEYS)


def _is_same(stated: float | None, measured: float | None) -> bool:
    if stated is None or measured is None:
        return False
    return math.isclose(stated, measured, rel_tol=_RELATIVE, abs_tol=ROUNDING_HA)
