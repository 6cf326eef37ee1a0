"""Answers as JSON for phones and programs: sentences with their bold marks, tables as text."""

from typing import Any

from lindero.app.answers.answer import Answer, Section
from lindero.app.text.escape import remove_links


def answer_to_dict(answer: Answer) -> dict[str, Any]:
    """Return a whole answer as a dictionary."""
    return {
        "title": answer.title,
        "about": remove_links(answer.about),
        "message": answer.message,
        "sections": {section.key: section_to_dict(section) for section in answer.sections},
    }


def section_to_dict(section: Section) -> dict[str, Any]:
    """Return a section as a dictionary; empty parts are left out."""
    parts: dict[str, Any] = {
        "title": section.title,
        "finding": remove_links(section.finding),
        "figures": {label: [figure.value, figure.note] for label, figure in section.figures.items()},
        "lines": [remove_links(line) for line in section.lines],
        "note": remove_links(section.note),
    }
    if section.table is not None:
        from lindero.app.media.text import cells

        parts["table"] = {"caption": section.table.caption, "columns": cells.format_cells(section.table)}
    return {name: value for name, value in parts.items() if value}
