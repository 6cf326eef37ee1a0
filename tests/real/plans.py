"""What adding each of the files as received would do: each is read once in a run, for all tests that ask for it."""

import pickle
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from lindero.app.builder.add.plan import plan_source
from lindero.app.builder.rows.row_report import IngestedSource
from lindero.layers.workspace import manifest_file
from lindero.layers.workspace.manifest_file import Workspace
from lindero.layers.workspace.source_options import SourceOptions
from tests.built import build
from tests.files import SHARED, TODAY, Files, shared
from tests.once import made_once

EMPTY: Mapping[str, Mapping[str, str]] = {}
SAID_BY_NO_FILE = {  # the two cadastres are snapshots of one source
    "peru-cajamarca/catastro_minero.geojson": {"id": "titles", "snapshot_on": "2009-11-30"},
    "peru-cadastre-2026/17s_100326.geojson": {"id": "titles", "snapshot_on": "2026-03-10", "crs": "EPSG:32717"},
}


CAJAMARCA = {"coverage": "PE-CAJ"}
# What an operator in Peru adds, and says of it: id of the source, file, and what its publisher does not state.
OPERATOR = (
    ("cadastre", "peru-cajamarca/catastro_minero.geojson", {"snapshot_on": "2009-11-03", **CAJAMARCA}),
    ("cadastre", "peru-cadastre-2026/17s_100326.geojson", {"snapshot_on": "2026-03-10", **CAJAMARCA}),
    ("c-campesina", "peru-cajamarca/c_campesina.geojson", {"snapshot_on": "2023-04-16", **CAJAMARCA}),
    ("c-nativa", "peru-cajamarca/c_nativa.geojson", {"snapshot_on": "2023-04-16", **CAJAMARCA}),
    ("national", "peru-protected-areas/anp_nacional_light.geojson", {"snapshot_on": "2023-04-16", "coverage": "PE"}),
    ("regional", "peru-protected-areas/anp_acr_light.geojson", {"snapshot_on": "2023-04-16", "coverage": "PE"}),
    ("conflicts", "peru-conflicts/conflictos.xlsx", {"snapshot_on": "2024-03-31", "coverage": "PE"}),
    ("killings", "killings-global-witness/global_witness_led_22-09-22.csv", {"snapshot_on": "2022-09-22"}),
    ("departments", "peru-admin/peru_departamental_simple.geojson", {"snapshot_on": "2007-10-21"}),
    ("districts", "peru-admin/peru_distrital_simple.geojson", {"snapshot_on": "2007-10-21"}),
)


def received_files() -> list[str]:
    """Name the files as received, each below its folder."""
    return sorted(path.relative_to(SHARED).as_posix() for path in SHARED.glob("*/*.*"))


def plan_of(tmp_path_factory: pytest.TempPathFactory, name: str) -> IngestedSource:
    """Plan one as a reader would who knows what its publisher does not say; nobody changes what is given."""
    path = shared(name)

    def kept(folder: Path) -> Path:
        known = {"id": path.stem.replace("_", "-").lower(), "retrieved_on": str(TODAY)}
        wishes = SourceOptions(**known | SAID_BY_NO_FILE.get(name, {}))
        taken = plan_source(str(path), wishes, Files(folder / "space").space, today=TODAY)
        (folder / "plan").write_bytes(pickle.dumps(taken))
        return folder / "plan"

    return _read(made_once(tmp_path_factory, f"plan-{path.parent.name}-{path.stem}", kept))


def space_of(
    tmp_path_factory: pytest.TempPathFactory, names: Mapping[str, str], said: Mapping[str, Mapping[str, str]] = EMPTY
) -> Workspace:
    """Build a workspace of received files, by the ids of their sources, with what else is said of some of them."""
    files = Files(tmp_path_factory.mktemp("real") / "space")
    for source_id, name in names.items():
        entry = replace(plan_of(tmp_path_factory, name).entry, id=source_id, **said.get(source_id, {}))
        files.space = manifest_file.add_source(files.space, entry, shared(name))
    build(files.space)
    return files.space


def operator_space(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Build, once in a run, the workspace of an operator in Peru who adds the received files."""

    def kept(folder: Path) -> Path:
        files = Files(folder / "space")
        for source_id, name, said in OPERATOR:
            entry = replace(plan_of(tmp_path_factory, name).entry, id=source_id, **said)
            files.space = manifest_file.add_source(files.space, entry, shared(name))
        build(files.space)
        return files.folder

    return manifest_file.load_workspace(made_once(tmp_path_factory, "operator", kept))


@cache
def _read(path: Path) -> IngestedSource:
    return pickle.loads(path.read_bytes())
