"""The parts of an answer, the same for every medium.

`app.answers` builds each answer once, in the reader's language. `app.media.text` writes it for a page, as HTML, PDF,
JSON or plain text. Sentences may mark bold text and links as `app.text.escape` defines. Text from other authors is
escaped with `escape_markdown`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from lindero.app.text.i18n import _, format_number, ngettext

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["text", "number", "share", "date"]


@dataclass(frozen=True)
class Column:
    """A column of a table.

    `sort_column` is the column to sort by, if not this one. `link` is a column of link keys, from
    `app.text.escape.build_link_key`. Numbers are rounded to integers, or to one decimal if one of them is not whole.
    Below each value, in smaller type, come its range (`between`, two columns) and the text of the column `note`.
    `width` is the relative width on paper; a column of width 0 is not printed.
    """

    label: str
    kind: Kind = "text"
    sort_column: str = ""
    link: str = ""
    note: str = ""
    between: tuple[str, str] | None = None
    width: float = 1.0


@dataclass(frozen=True)
class Table:
    """Rows in their order, with `columns`, the displayed columns by name.

    `tell` returns the sentence for a row by its position, for media that list a few rows.
    """

    caption: str
    columns: Mapping[str, Column]
    rows: pd.DataFrame
    tell: Callable[[int], str] | None = None

    def lines(self, most: int) -> tuple[str, ...]:
        """Return the first rows as sentences, and the number of remaining rows."""
        texts = () if self.tell is None else map(self.tell, range(min(most, len(self.rows))))
        return (*texts, *rest_lines(len(self.rows) - most))


def rest_lines(rest_count: int) -> tuple[str, ...]:
    """Return a line with the number of rows that are not listed; empty if all are listed."""
    return (ngettext("{n} more", "{n} more", rest_count).format(n=format_number(rest_count)),) if rest_count > 0 else ()


@dataclass(frozen=True)
class Figure:
    """A figure as text, with a note on its certainty if there is one."""

    value: str
    note: str = ""


def count_figure(value: str, unknown: str = "") -> Figure:
    """Return a figure that counts records, with a note on unknown ones, or saying that all are included."""
    return Figure(value, unknown or _("all on record"))


@dataclass(frozen=True)
class Section:
    """A part of an answer. It is read in this order: finding, figures, lines, table, and note on unknowns."""

    key: str
    title: str = ""
    finding: str = ""
    figures: Mapping[str, Figure] = field(default_factory=dict)
    lines: tuple[str, ...] = ()
    table: Table | None = None
    note: str = ""

    def to_lines(self, title: str, most: int) -> Section:
        """Return the section under another title, with the first rows of its table as lines and without figures."""
        rows = () if self.table is None else self.table.lines(most)
        return replace(self, title=title, figures={}, lines=(*self.lines, *rows), table=None)

    @property
    def table_rows(self) -> pd.DataFrame:
        """The rows of the table as data: without links, and without the words for codes (`NAME_label`)."""
        if self.table is None:
            raise ValueError(self.key)
        links = {column.link for column in self.table.columns.values()}
        return self.table.rows[
            [name for name in self.table.rows.columns if name not in links and not str(name).endswith("_label")]
        ]

    @property
    def sentences(self) -> Iterator[str]:
        """The finding, the lines and the note, in reading order."""
        yield from filter(None, (self.finding, *self.lines, self.note))


def finding_section(
    finding: str,
    besides: Iterable[str] = (),
    figures: Mapping[str, Figure] | None = None,
) -> Section:
    """Return the first section of an answer: its finding, its figures, and texts to be read with it."""
    return Section("finding", finding=finding, figures=figures or {}, note=" ".join(filter(None, besides)))


def doubts_section(lines: Iterable[str]) -> Section:
    """Return the section on uncertainty, which pages fold under the finding."""
    filled = tuple(filter(None, lines))
    return Section("doubts", _("How sure this is, and what is not counted") if filled else "", lines=filled)


@dataclass(frozen=True)
class Answer:
    """An answer on one subject: its title and subject, its sections, a message short enough for SMS, and a long one.

    The first section is the finding.
    """

    title: str
    about: str = ""
    sections: tuple[Section, ...] = ()
    message: str = ""
    long_message: str = ""

    def __getitem__(self, key: str) -> Section:
        """Return the section with a key."""
        return next(section for section in self.sections if section.key == key)

    def select_sections(self, *keys: str) -> tuple[Section, ...]:
        """Return the sections with the given keys, in the order of the keys. Missing ones are skipped."""
        by_key = {section.key: section for section in self.sections}
        return tuple(by_key[key] for key in keys if key in by_key)
