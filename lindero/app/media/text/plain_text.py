"""Answers as plain text, for a terminal, an SMS or paper."""

from collections.abc import Iterable, Iterator

from lindero.app.answers.answer import Answer, Section
from lindero.app.text.escape import remove_markup


def format_sentences(sections: Iterable[Section]) -> str:
    """Return the sentences of sections as one text."""
    return " ".join(remove_markup(sentence) for section in sections for sentence in section.sentences)


def format_answer(answer: Answer) -> str:
    """Return a whole answer as plain text, section by section."""
    head = "\n".join(filter(None, (remove_markup(answer.title), remove_markup(answer.about))))
    return "\n\n".join([head, *("\n".join(iter_lines(section)) for section in answer.sections)]) + "\n"


def iter_lines(section: Section) -> Iterator[str]:
    """Yield a section line by line."""
    if section.title:
        yield remove_markup(section.title)
    if section.finding:
        yield remove_markup(section.finding)
    for label, figure in section.figures.items():
        yield f"{label}: {figure.value} {figure.note}".strip()
    for line in section.lines:
        yield f"- {remove_markup(line)}"
    if section.table is not None:
        from lindero.app.media.text import cells

        columns = cells.format_cells(section.table)
        yield from (
            "\t".join(row) for row in zip(*([label, *column] for label, column in columns.items()), strict=True)
        )
    if section.note:
        yield remove_markup(section.note)
