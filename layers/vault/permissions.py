"""Who else on this machine may read or change the vault's files."""

import os
import stat
from pathlib import Path

_OF_OTHERS = 0o077


def open_to_others(folder: Path) -> list[Path]:
    """Name the vault's folder and files that other users may read or change; Windows is not asked."""
    if os.name == "nt":
        return []
    held = [folder, *sorted(path for path in folder.iterdir() if path.suffix == ".duckdb")]
    return [path for path in held if stat.S_IMODE(path.lstat().st_mode) & _OF_OTHERS]
