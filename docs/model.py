"""
Write the tables, views and columns of a map into `docs/data-model.md`, from the descriptions in the map.

`python -m docs.model`. A test checks that the page is up to date.
"""

from pathlib import Path

from lindero.layers.database.comments import TABLE_COMMENTS, VIEWS, column_comment, list_columns

PAGE = Path(__file__).with_name("data-model.md")
BEGIN, END = "<!-- made by python -m docs.model -->", "<!-- end -->"


def build_section() -> str:
    """Return the section as Markdown."""
    lines = ["| view | the rows of the latest snapshots of |", "|---|---|"]
    lines += [f"| `{view}` | `{table}` |" for view, table in VIEWS.items()]
    for table, text in TABLE_COMMENTS.items():
        lines += ["", f"**`{table}`**: {text}.", "", "| column | |", "|---|---|"]
        lines += [f"| `{column}` | {column_comment(table, column)} |" for column in list_columns(table)]
    return "\n".join(lines)


def replace_section(text: str) -> str:
    """Return the page with a new section."""
    before, _, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}\n\n{build_section()}\n\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    PAGE.write_text(replace_section(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
