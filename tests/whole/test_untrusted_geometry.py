"""Who parses geometry from text or bytes: of what strangers send the process behind walls alone; others read our own."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
PARSERS = {"from_wkt", "from_wkb", "from_geojson"}
BEHIND_WALLS = {
    "lindero/layers/read/formats/geometry_text.py",
    "lindero/layers/read/sandbox/arrow_reader.py",
    "lindero/layers/read/sandbox/shapes.py",
    "lindero/layers/read/sandbox/worker.py",
}
OF_THE_MAP = {
    "lindero/app/answers/place/near_incidents.py",
    "lindero/app/builder/derived/dask_engine.py",
    "lindero/app/answers/record/extents.py",
    "lindero/layers/database/coverage.py",
    "lindero/layers/database/queries/record_queries.py",
    "lindero/layers/database/queries/row_values.py",
    "lindero/layers/reference/base_data.py",
    "lindero/layers/tiles/tile_query.py",
    "lindero/layers/workspace/refused_rows.py",
    "lindero/app/builder/add/preview.py",
}
OF_THE_OPERATOR = {  # the polygon of a watch: `watch_values` refuses one that is not valid
    "lindero/layers/watch/watch_values.py",
    "lindero/app/answers/changes/events.py",
    "lindero/app/answers/changes/watchlist.py",
}


def sources():
    for folder in ("app", "geo", "layers", "lindero"):
        for path in sorted(ROOT.joinpath("lindero", folder).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def test_geometry_is_parsed_where_it_is_said_to_be():
    found = {
        name
        for name, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in PARSERS
    }

    assert found == BEHIND_WALLS | OF_THE_MAP | OF_THE_OPERATOR


def test_whoever_asks_the_worker_builds_geometry_of_coordinates_alone():
    tree = ast.parse((ROOT / "lindero" / "layers" / "read" / "reader.py").read_text(encoding="utf-8"))
    called = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}

    assert "decode" in called
    assert not called & {"parse_wkb", "parse_column", *PARSERS}


def test_geometry_in_cells_is_for_the_worker_alone():
    importers = {
        name
        for name, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and any(one.name == "geometry_text" for one in node.names)
    }

    assert importers == {"lindero/layers/read/sandbox/arrow_reader.py"}
    worker = ROOT / "lindero" / "layers" / "read" / "sandbox" / "arrow_reader.py"
    called = [node for node in ast.walk(ast.parse(worker.read_text())) if isinstance(node, ast.Call)]
    assert any(getattr(call.func, "attr", "") == "parse_column" for call in called)
