"""Whether a dossier agrees with itself and its signature, said in words."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509

from lindero.app.dossier import areas, bag, signature, time_stamp
from lindero.app.text.error_advice import said
from lindero.app.text.i18n import _, date, number
from lindero.geo import GeoError
from lindero.layers.errors import LayerError, printable


@dataclass
class Findings:
    """What agrees, what does not, and what nobody can tell from the dossier; in the reader's language."""

    told: list[str] = field(default_factory=list)
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
    found.told.insert(0, text.format(n=number(checked.files)))
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
    found.told.append(_("The signature fits. Fingerprint of its key: {fingerprint}").format(fingerprint=print_))
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
    told = {"file": bag.STAMP, "by": printable(stamp.by), "day": date(stamp.at.date())}
    told["time"] = f"{stamp.at:%H:%M:%S} UTC"
    if stamp.is_vouched:
        text = _("All files were there on {day}, {time}: so says the time stamp of {by}.")
        found.told.append(text.format(**told))
    elif authorities:
        text = _("{file}: none of the authorities that you named stands for the time stamp of {by}")
        found.broken.append(text.format(**told))
    else:
        text = _(
            "{by} says that all files were there on {day}, {time}. Whether it is who it says can be told with the "
            "certificate of its authority: --time-stamp-ca FILE."
        )
        found.beyond.append(text.format(**told))


def _areas(found: Findings, folder: Path) -> None:
    try:
        compared = areas.compared(folder)
    except (LayerError, GeoError) as error:
        found.broken.append(said(error))
        return
    except (OSError, ValueError, KeyError, TypeError, ArithmeticError, RecursionError):
        found.broken.append(_("{file} cannot be understood").format(file=areas.FIGURES))
        return
    for name, stated, measured in compared.differ:
        text = _("{what}: the dossier states {stated} ha, its boundaries give {measured} ha ({file})")
        told = {"what": printable(name), "stated": _ha(stated), "measured": _ha(measured), "file": areas.FIGURES}
        found.broken.append(text.format(**told))
    for name in compared.unlike:
        text = _("{what}: its boundary is one in {file} and another in {other}")
        told = {"what": printable(name), "file": areas.DRAWN, "other": areas.GEOPACKAGE}
        found.broken.append(text.format(**told))
    if not compared.differ and not compared.agree:
        found.told.append(_("The dossier states no overlap, so that there was none to be measured anew."))
    elif not compared.differ:
        text = _("{n} areas of overlaps, measured anew from {file}, are those that the dossier states.")
        found.told.append(text.format(n=number(compared.agree), file=areas.GEOPACKAGE))


def _ha(value: float | None) -> str:
    return "–" if value is None else number(value, decimals=4)
