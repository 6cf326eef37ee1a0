"""Each definition has one home, and there is one way to incidents."""

import ast
import re
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely import Point, box

from lindero.geo import overlap
from lindero.geo.geometry import crs
from lindero.geo.registers import name_matching
from lindero.layers.database import definitions, map_database, map_writer
from lindero.layers.model import accents
from lindero.layers.model.schema import CRS, INCIDENTS, LAYERS

ROOT = Path(__file__).parents[3]
CODE = [path for folder in ("app", "geo", "layers") for path in sorted((ROOT / "lindero" / folder).rglob("*.py"))]
OF_INCIDENTS = {"incidents", *(layer.name for layer in LAYERS.values() if layer.has_incident_id)}
READS = re.compile(rf"\b(?:FROM|JOIN)\s+\"?({'|'.join(sorted(OF_INCIDENTS))})\b")
NOT_OF_A_MAP_S_RECORD = {
    "lindero/layers/database/coverage.py",  # where each source has rows, whatever is counted of them
    "lindero/layers/vault/contents.py",  # what a vault holds is of every visibility, and is listed and forgotten row by row
    "lindero/layers/publish/leak_scan.py",  # secrets are looked for in what was received
    "lindero/layers/publish/published_database.py",  # counts what the vault holds back
}
HOMES = {"lindero/layers/database/definitions.py", "lindero/layers/database/queries/record_queries.py"}
# Readers of a vault, and of all rows of a publication that is checked: not of a map's record.
RAW_READERS = {
    "lindero/app/answers/changes/events.py",  # steps in court, of a publication
    "lindero/app/builder/vault.py",
    "lindero/app/builder/consent.py",
    "lindero/app/media/site/select.py",
    "lindero/app/media/site/verify.py",
    "lindero/layers/publish/leak_words.py",  # what the map itself says in words is no secret
    "lindero/layers/publish/leak_scan.py",
    "lindero/layers/publish/published_database.py",
}


def code_of(path):
    return path.relative_to(ROOT).as_posix()


def strings(path):
    """Return the strings of a module. Docstrings are not among them: their examples may read any table."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
    ]


def reads_layer_of_incidents(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        reads = isinstance(node, ast.Call) and getattr(node.func, "attr", "") in {"read_layer", "read_values"}
        if reads and len(node.args) > 1:
            told = ast.unparse(node.args[1])
            if told in {layer.upper() for layer in OF_INCIDENTS} or any(f"'{name}'" in told for name in OF_INCIDENTS):
                yield told


def test_no_other_module_reads_the_tables_of_the_record():
    in_sql = {code_of(path) for path in CODE if any(READS.search(text) for text in strings(path))}
    by_layer = {code_of(path) for path in CODE if any(reads_layer_of_incidents(path))}

    assert (
        in_sql - {f"lindero/layers/database/queries/{name}.py" for name in ("map_names", "map_queries")}
        <= HOMES | NOT_OF_A_MAP_S_RECORD
    )
    assert by_layer <= HOMES | RAW_READERS


def test_what_is_counted_by_its_table_is_counted_by_the_definition():
    for name in ("database/queries/map_queries", "tiles/tile_query"):
        text = (ROOT / "lindero" / "layers" / f"{name}.py").read_text(encoding="utf-8")

        assert "EVENT_SQL" in text


@pytest.mark.parametrize("value", [definitions.KNOWN_PLACE, definitions.KNOWN_PROVINCE, definitions.KNOWN_REGION])
def test_how_exactly_a_place_is_known_is_listed_once(value):
    listed = re.compile(r"[\[({]" + r",\s*".join(f"['\"]{code}['\"]" for code in value) + r"\s*,?[\])}]")
    found = {code_of(path) for path in CODE if listed.search(path.read_text(encoding="utf-8"))}

    assert found <= {"lindero/layers/database/definitions.py"}


def test_the_smallest_overlap_and_the_reference_system_are_named_once():
    smallest = {code_of(path) for path in CODE if re.search(r"\bMIN_HA\b.* = 0", path.read_text(encoding="utf-8"))}

    assert smallest == {"lindero/geo/geometry/units.py"}
    assert overlap.__module__ == "lindero.geo.overlay.overlap"
    assert crs.DEGREES == CRS  # geo and layers do not know each other: one home on each side, held to one another


@pytest.mark.parametrize("text", ["Cía. Ñandú", "PEÑÓN  Áé", "\u05e9\u05dc\u05d5\u05dd", "مجتمع", "Łódź", "Ñ", ""])
def test_accents_are_folded_alike_on_both_sides_and_other_alphabets_stay(text):
    ours = accents.fold(text)

    assert re.sub(r"[\W_]", "", ours).upper() == name_matching.key(text)
    assert bool(ours.strip()) == bool(text.strip())
    assert not re.search("[áéíóúüñÁÉÍÓÚÜÑ]", ours)


def test_two_holders_in_other_alphabets_are_two():
    holders = pd.Series(["\u05e9\u05dc\u05d5\u05dd \u05e7\u05d4\u05d9\u05dc\u05d4", "مجتمع الأرض"])

    assert name_matching.group_names(holders).nunique() == 2


def test_a_place_of_its_own_is_the_same_for_rows_and_for_sql(tmp_path):
    shapes = [Point(-75, -10), Point(-75, -10), box(-75, -10, -74, -9), None, Point(-75, -10)]
    precision = ["exact", "district", "region", "exact", "locality"]
    keys = {"source_id": "s", "snapshot_on": "2026-01-01", "visibility": "public_record"}
    rows = gpd.GeoDataFrame({"id": [*"abcde"], "location_precision": precision}, geometry=shapes, crs=CRS)
    con = map_writer.create_map(tmp_path / "map.duckdb")
    map_writer.write_layer(con, INCIDENTS, rows.assign(**keys, row_number=range(5)))
    source = {"source_id": "s", "snapshot_on": "2026-01-01", "layer": "incidents", "fingerprint": "f"}
    map_writer.write_table(con, "sources", pd.DataFrame([source | {"is_current": True}]))

    drawn = con.execute(f"SELECT id FROM incidents WHERE {definitions.PLACED_SQL} ORDER BY id").fetchall()

    assert [name for (name,) in drawn] == list(rows[definitions.is_placed(rows)]["id"]) == [*"ace"]
    assert list(rows[definitions.is_known_place(rows)]["id"]) == [*"ae"]
    assert len(map_database.read_layer(con, INCIDENTS)) == 5
    con.close()
