"""SQL lies in `lindero/layers/database`; elsewhere in `layers` only where the tables are of that folder's own making."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
STATEMENT = re.compile(
    r"^\s*(SELECT\s.+\sFROM|WITH\s\w+\sAS\s*\(|FROM\s\w+\s*(WHERE|SELECT|JOIN|ORDER)|INSERT\s(OR\s\w+\s)?INTO|CREATE\s"
    r"(OR\sREPLACE\s)?(TEMP\s)?(TABLE|VIEW|MACRO)|UPDATE\s\w+\sSET|DELETE\sFROM|ATTACH|COPY)\b",
    re.DOTALL,
)
OWN_TABLES = {
    "lindero/layers/read/formats/vector": "GeoPackage is SQLite: looked at before GDAL opens it",
    "lindero/layers/publish": "the published database, made from nothing, and searched for leaks; styles of GeoPackages",
    "lindero/layers/reference": "countries, regions and places that the program brings along",
    "lindero/layers/tiles": "vector tiles, cut by the database; MBTiles is SQLite",
    "lindero/layers/vault": "the encrypted file, its journal, and what of it is joined to a map",
    "lindero/layers/workspace": "what a map keeps of refused rows",
}


def statements(path: Path) -> list[str]:
    texts = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.JoinedStr):
            texts.append("".join(part.value if isinstance(part, ast.Constant) else "x" for part in node.values))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            texts.append(node.value)
    return [text for text in texts if STATEMENT.match(text)]


def test_sql_lies_in_the_database_or_beside_tables_of_its_own():
    paths = [
        path for top in ("app", "geo", "layers", "machine") for path in ROOT.joinpath("lindero", top).rglob("*.py")
    ]
    folders = {path.parent.relative_to(ROOT).as_posix() for path in paths if statements(path)}

    assert folders - {"lindero/layers/database", "lindero/layers/database/queries"} == set(OWN_TABLES)
