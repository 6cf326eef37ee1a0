"""Links inside a workspace, which may have come from somebody else: none may lead out of it."""

from collections.abc import Sequence
from pathlib import Path

from lindero.layers.errors import N_, OutsideError


def hold_inside(folder: Path, places: Sequence[str]) -> None:
    """
    Hold that nothing that a workspace names leads out of its folder.

    Raises
    ------
    OutsideError
        If something does.
    """
    root = folder.resolve()
    if outside := [place for place in places if not _leads(folder / place).is_relative_to(root)]:
        raise OutsideError(
            N_("{folder} is not opened: links in it lead outside: {which}"),
            folder=folder,
            which=", ".join(outside),
        )


def _leads(path: Path) -> Path:
    nowhere = Path(path.anchor)
    try:
        end = path.resolve()
    except (OSError, RuntimeError):  # a link that leads round in a circle leads nowhere
        return nowhere
    return nowhere if end.is_symlink() else end  # from Python 3.13 on such a circle is where it ends
