"""
Write every table, view and column of a map into `docs/data-model.md`, from what the map itself says of them.

`python -m docs.model`; a test holds that the page is as it would be written.
"""

from pathlib import Path

from lindero.layers.database.comments import OF_TABLES, VIEWS, columns_of, comment_of

PAGE = Path(__file__).with_name("data-model.md")
BEGIN, END = "<!-- made by python -m docs.model -->", "<!-- end -->"


def section() -> str:
    """Give the section as Markdown."""
    lines = ["| view | the rows of the latest snapshots of |", "|---|---|"]
    lines += [f"| `{view}` | `{table}` |" for view, table in VIEWS.items()]
    for table, text in OF_TABLES.items():
        lines += ["", f"**`{table}`**: {text}.", "", "| column | |", "|---|---|"]
        lines += [f"| `{column}` | {comment_of(table, column)} |" for column in columns_of(table)]
    return "\n".join(lines)


def page(text: str) -> str:
    """Give the page with the section written anew."""
    before, _, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}\n\n{section()}\n\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
