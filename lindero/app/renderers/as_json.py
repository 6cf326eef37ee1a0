"""Answers as JSON, for phones and programs: sentences with their marks of bold, tables in words."""

from typing import Any

from lindero.app.answers.answer import Answer, Section
from lindero.app.text.escape import without_links


def as_dict(answer: Answer) -> dict[str, Any]:
    """Return a whole answer."""
    return {
        "title": answer.title,
        "about": without_links(answer.about),
        "message": answer.message,
        "sections": {section.key: section_dict(section) for section in answer.sections},
    }


def section_dict(section: Section) -> dict[str, Any]:
    """Return a section; what it has not is left out."""
    told: dict[str, Any] = {
        "title": section.title,
        "finding": without_links(section.finding),
        "figures": {label: [figure.value, figure.note] for label, figure in section.figures.items()},
        "lines": [without_links(line) for line in section.lines],
        "note": without_links(section.note),
    }
    if section.table is not None:
        from lindero.app.renderers import cells

        told["table"] = {"caption": section.table.caption, "columns": cells.texts(section.table)}
    return {name: value for name, value in told.items() if value}
