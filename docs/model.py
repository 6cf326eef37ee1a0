"""
Write the tables and columns of a map into `docs/data-model.md`, from the schema and the descriptions in the map.

`python -m docs.model`. A test checks that the page is up to date.
"""

import re
from pathlib import Path

from lindero.layers.database.comments import TABLE_COMMENTS, column_comment, list_columns
from lindero.layers.model.layer import COMMON, Column
from lindero.layers.model.schema import LAYERS, TABLES, VOCABULARY_TABLE

PAGE = Path(__file__).with_name("data-model.md")
BEGIN, END = "<!-- made by python -m docs.model -->", "<!-- end -->"
EVERY_LAYER = "Every layer has the first five columns. Layers with geometry also have the box and `geometry`."
AREAS = ("area_official_ha", "area_ha", "boundary_accuracy_m")
CODED = re.compile(r"(, as a code|: a code of \w+)$")
HEAD = ["", "column | type | description", "---|---|---"]


def build_section() -> str:
    """Return the section as Markdown: columns of several tables once, then each table with its other columns."""
    shared = _shared_columns()
    lines = [EVERY_LAYER, *HEAD, *(_format_row("regions", column) for column in shared)]
    for table, text in TABLE_COMMENTS.items():
        also = [column.name for column in _own_columns(table) if _is_shared(table, column, shared)]
        own = [column for column in _own_columns(table) if not _is_shared(table, column, shared)]
        lines += ["", f"**`{table}`**: {text}.{_describe_geometry(table)}{_describe_shared(also)}"]
        lines += [*HEAD, *(_format_row(table, column) for column in own)] if own else []
    return "\n".join(lines)


def replace_section(text: str) -> str:
    """Return the page with a new section."""
    before, _, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}\n\n{build_section()}\n\n{END}{rest.partition(END)[2]}"


def _own_columns(table: str) -> tuple[Column, ...]:
    if table in LAYERS:
        return LAYERS[table].own_columns
    return VOCABULARY_TABLE if table == "vocabularies" else TABLES[table]


def _shared_columns() -> list[Column]:
    layer = LAYERS["regions"]
    box = [Column(name, "DOUBLE") for name in list_columns(layer.name) if name in {"xmin", "ymin", "xmax", "ymax"}]
    return [*COMMON, *box, Column("geometry", "GEOMETRY"), *(each for each in layer.own_columns if each.name in AREAS)]


def _is_shared(table: str, column: Column, shared: list[Column]) -> bool:
    comments = {(each.name, each.type, column_comment("regions", each.name)) for each in shared}
    return (column.name, column.type, column_comment(table, column.name)) in comments


def _describe_shared(names: list[str]) -> str:
    return f" Also: {', '.join(f'`{name}`' for name in names)}." if names else ""


def _describe_geometry(table: str) -> str:
    return f" Geometry: {LAYERS[table].shape}." if table in LAYERS else ""


def _format_row(table: str, column: Column) -> str:
    comment = column_comment(table, column.name)
    if column.vocabulary:
        comment = f"{CODED.sub('', comment)}; codes of `{column.vocabulary}`"
    required = "; required" if column.required and column not in COMMON else ""
    return f"`{column.name}` | {column.type} | {comment}{required}"


if __name__ == "__main__":
    PAGE.write_text(replace_section(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
