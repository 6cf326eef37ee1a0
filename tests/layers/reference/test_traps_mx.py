"""The known traps of Mexico's registers, on the invented samples of its pack."""

import datetime as dt

from lindero.app.builder.add.plan import plan_source
from lindero.layers.reference import packs
from lindero.layers.services.catalogue import find_entry
from lindero.layers.workspace import manifest_file
from lindero.layers.workspace.source_options import SourceOptions


def test_a_copy_without_status_says_of_no_concession_that_it_is_in_force(tmp_path):
    space = manifest_file.create_workspace(tmp_path / "space", title="x", country="MX")
    file = packs.FOLDER / "mx" / "samples" / "concesiones.geojson"

    taken = plan_source(str(file), SourceOptions(snapshot_on="2026-11-01"), space, today=dt.date(2026, 11, 30))
    rows = taken.tables["concessions"]

    assert set(rows["status"]) == {"unknown"}
    assert rows["area_ha"].gt(0).all()
    assert "area_official_ha" not in rows or rows["area_official_ha"].isna().all()


def test_the_copy_says_that_it_is_not_the_register():
    assert "not the register" in find_entry("inecc-concesiones").note
