"""Maps served to the browser for the whole session: the demonstration, and one of files as they were received."""

import datetime as dt
import shutil
from pathlib import Path

from app.intake.adding import Wishes, planned
from app.intake.build import build
from app.intake.demo import DATA, demonstration
from layers import workspace
from tests.files import Files, shared

DAY = dt.date(2026, 11, 1)
RECEIVED = {  # id: file, and what its publisher does not say in it
    "titles": ("peru-cajamarca/catastro_minero.geojson", {"snapshot_on": "2009-11-30"}),
    "peasant": ("peru-cajamarca/c_campesina.geojson", {}),
    "areas": ("peru-cajamarca/ANP.geojson", {}),
    "provinces": ("peru-cajamarca/provincia.geojson", {}),
    "conflicts": ("peru-conflicts/conflictos.xlsx", {}),
}


def of_the_demonstration(folder: Path) -> Path:
    """Build the demonstration from a copy; gives its folder of builds."""
    for part in ("demo", "public_record"):
        shutil.copytree(DATA / part, folder / part)
    space = demonstration(folder)
    build(space)
    return space.build_folder


def of_received_files(folder: Path) -> Path:
    """Build a map of a few of the received files, as a reader adds them; gives its folder of builds."""
    files = Files(folder / "space")
    for source_id, (name, wishes) in RECEIVED.items():
        path = shared(name)
        known = Wishes(id=source_id, retrieved_on="2026-11-01", **wishes)
        taken = planned(str(path), known, files.space, today=DAY)
        files.space = workspace.add(files.space, taken.entry, path)
    build(files.space)
    return files.space.build_folder
