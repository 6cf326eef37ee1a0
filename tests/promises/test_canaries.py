"""Promise 1. Fifty planted secrets: 0 bytes of them in any published artefact."""

import shutil
import sqlite3
import struct

import geopandas as gpd
import pytest

from lindero.app.media.site.publication_files import DATABASE
from lindero.app.media.site.verify import check_publication
from lindero.layers.database import map_database, map_writer
from lindero.layers.disk import builds
from lindero.layers.model.schema import INCIDENTS
from lindero.layers.publish import leak_scan
from lindero.layers.vault import vault_file
from tests.secret_files import SECRETS

PATTERNS = {pattern: f"secret {secret.number}" for secret in SECRETS for pattern in secret.patterns()}


def found_under(folder):
    """Which secrets stand in any file, or in what a file is the packing of."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    held = (leak_scan.Secrets(PATTERNS).search(data) for path in files for _, data in leak_scan.iter_contents(path))
    return {PATTERNS[pattern] for patterns in held for pattern in patterns}


@pytest.fixture(scope="module")
def private(world):
    with vault_file.open_vault(world.held) as con:
        return map_database.read_layer(con, INCIDENTS)


def test_no_artefact_holds_any_of_fifty_secrets(world):
    assert sum(path.is_file() for path in world.folder.rglob("*")) >= 12
    assert found_under(world.folder) == set()


def test_the_plain_bytes_hold_none_either(world):
    """The same without the search's own cunning: every pattern in every file."""
    held = b"\0".join(path.read_bytes() for path in world.folder.rglob("*") if path.is_file())

    some = [pattern for secret in SECRETS[::5] for pattern in secret.patterns()]
    assert [pattern for pattern in some if pattern in held] == []


def test_what_a_build_counts_by_cell_stays_in_the_workspace(world):
    with map_database.connect(builds.current_map(world.files.space.build_folder)) as con:
        assert map_database.count_rows(con)["cells"] > 0
    with map_database.connect(world.folder / DATABASE) as con:
        assert map_database.count_rows(con)["cells"] == 0
    assert "cells" not in {path.stem for path in world.folder.rglob("*.parquet")}


@pytest.mark.parametrize("kind", ["parquet", "gpkg", "geojson", "csv", "duckdb"])
def test_the_attack_finds_them_all_in_a_naive_export(private, tmp_path, kind):
    path = tmp_path / f"naive.{kind}"
    if kind == "parquet":
        private.to_parquet(path, compression="zstd")
    elif kind == "csv":
        private.to_csv(path)
    elif kind == "duckdb":
        con = map_writer.create_map(path)
        map_writer.write_layer(con, INCIDENTS, private)
        map_writer.finish_map(con)
    else:
        private.drop(columns=["snapshot_on", "occurred_on"]).to_file(path)

    assert found_under(tmp_path) == {f"secret {secret.number}" for secret in SECRETS}


@pytest.mark.parametrize("order", ["<d", ">d"])
def test_the_attack_finds_a_place_by_its_floats_alone(private, tmp_path, order):
    values = [value for point in private.geometry for value in point.coords[0]]
    (tmp_path / "floats.bin").write_bytes(b"x" * 3 + b"".join(struct.pack(order, value) for value in values))

    assert len(found_under(tmp_path)) == len(SECRETS)


def test_what_was_left_in_a_file_is_found_though_it_shows_nothing(private, tmp_path):
    flat = private.drop(columns=["snapshot_on", "occurred_on"])
    flat.to_file(tmp_path / "a.gpkg", layer="private")
    with sqlite3.connect(tmp_path / "a.gpkg") as con:
        con.execute("PRAGMA secure_delete = 0")
        con.execute("DELETE FROM gpkg_geometry_columns")
        con.execute("DELETE FROM gpkg_contents")
        con.execute('DROP TABLE "private"')
    con.close()
    named = gpd.GeoDataFrame(
        {"region": private["region"]}, geometry=[point.buffer(1) for point in private.geometry], crs=private.crs
    )
    named.index = private["title"]
    named.to_parquet(tmp_path / "index.parquet")
    told = named.reset_index(drop=True)
    told.attrs["source"] = private["sources"].iloc[3]
    told.to_parquet(tmp_path / "attrs.parquet")

    for name in ("index.parquet", "attrs.parquet"):
        (tmp_path / name[:5]).mkdir()
        shutil.move(tmp_path / name, tmp_path / name[:5] / name)
        assert found_under(tmp_path / name[:5])
    assert found_under(tmp_path)


def test_check_proves_it_with_the_vault_and_says_when_it_was_closed(world):
    findings = check_publication(world.folder, world.held)
    assert findings.broken == []
    assert any("no secret of the vault in any byte" in line for line in findings.proofs)
    assert any("not opened" in line for line in check_publication(world.folder, None).proofs)


SLIPPED_IN = {
    "site/leaf-0.js": SECRETS[3].row()["telefono"].encode(),
    "index.html": SECRETS[3].row()["nombre"].encode("utf-16-le"),
    "map.gpkg": struct.pack(">d", SECRETS[4].longitude),
    "map.pmtiles": SECRETS[5].row()["nota"].encode(),
    "other.txt": f"{SECRETS[6].latitude:.5f}, {SECRETS[6].longitude:.5f}".encode(),
    "phone.txt": b"llame al 961-003.996",
    "capitals.txt": b"DUERME EN CASA DE SU HERMANA LOS MARTES,  TESTIGO 005",
    "accents.txt": b"nusta quilla tanchiva 007 estuvo alli",
    "rounded.txt": f"cerca de {SECRETS[8].latitude:.3f} y {SECRETS[8].longitude:.3f}".encode(),
}


def test_check_finds_what_was_slipped_in_and_does_not_repeat_it(world, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(world.folder, folder)
    for where, content in SLIPPED_IN.items():
        with folder.joinpath(where).open("ab") as file:
            file.write(content)

    broken = check_publication(folder, world.held).broken

    for where in SLIPPED_IN:
        name = where.rpartition("/")[2]
        assert any(line.startswith(f"{name} contains") for line in broken)
        assert any(
            name in line and ("differs from the published file" in line or "not in the description" in line)
            for line in broken
        )
    assert not any(text in line for line in broken for secret in SECRETS for text in secret.texts())
