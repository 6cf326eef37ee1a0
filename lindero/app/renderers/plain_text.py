"""Answers as plain text, for a terminal, an SMS or paper."""

from collections.abc import Iterable, Iterator

from lindero.app.answers.answer import Answer, Section
from lindero.app.text.escape import bare


def sentences(sections: Iterable[Section]) -> str:
    """Write the sentences of sections, one after the other."""
    return " ".join(bare(each) for section in sections for each in section.sentences)


def text(answer: Answer) -> str:
    """Write a whole answer, section by section."""
    head = "\n".join(filter(None, (bare(answer.title), bare(answer.about))))
    return "\n\n".join([head, *("\n".join(lines(section)) for section in answer.sections)]) + "\n"


def lines(section: Section) -> Iterator[str]:
    """Yield a section line by line."""
    if section.title:
        yield bare(section.title)
    if section.finding:
        yield bare(section.finding)
    for label, figure in section.figures.items():
        yield f"{label}: {figure.value} {figure.note}".strip()
    for line in section.lines:
        yield f"- {bare(line)}"
    if section.table is not None:
        from lindero.app.renderers import cells

        columns = cells.texts(section.table)
        yield from (
            "\t".join(row) for row in zip(*([label, *column] for label, column in columns.items()), strict=True)
        )
    if section.note:
        yield bare(section.note)
