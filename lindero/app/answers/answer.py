"""
What an answer is made of, the same for every medium.

An answer is composed once, in the reader's language, by `app.answers`; `app.renderers` write it for a page, as HTML, as
PDF, as JSON and as plain text. Sentences may mark bold text and links as `app.text.escape` has them, and hold what
others wrote as `plain` makes it safe.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from lindero.app.text.i18n import _, ngettext, number

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["text", "number", "share", "date"]


@dataclass(frozen=True)
class Column:
    """
    One column of a table.

    `by` names the column that it is sorted by, if not itself; `link` the column that says what its texts lead to, as
    `app.text.escape.key` writes it. Numbers have no decimals or, where one is not whole, one. Under each value stands,
    smaller, from what to what it may be (`between`, two columns), and what the column `note` says. `width` is that on
    paper, beside the other columns'; a column of no width is not printed.
    """

    label: str
    kind: Kind = "text"
    by: str = ""
    link: str = ""
    note: str = ""
    between: tuple[str, str] | None = None
    width: float = 1.0


@dataclass(frozen=True)
class Table:
    """
    Rows in their order, with what is shown of them: `columns` by the names of the rows' columns.

    `tell` says one row in a sentence, by its position, for media that list a few.
    """

    caption: str
    columns: Mapping[str, Column]
    rows: pd.DataFrame
    tell: Callable[[int], str] | None = None

    def lines(self, most: int) -> tuple[str, ...]:
        """Return the first rows as sentences, and how many more there are."""
        told = () if self.tell is None else map(self.tell, range(min(most, len(self.rows))))
        return (*told, *not_listed(len(self.rows) - most))


def not_listed(more: int) -> tuple[str, ...]:
    """Return in words how many rows are not listed; nothing if all are."""
    return (ngettext("{n} more", "{n} more", more).format(n=number(more)),) if more > 0 else ()


@dataclass(frozen=True)
class Figure:
    """A figure in words, with how sure it is where that is told."""

    value: str
    note: str = ""


def count_figure(value: str, unknown: str = "") -> Figure:
    """Return a figure that counts records, with how much of it is not known: where that is nothing, it is said."""
    return Figure(value, unknown or _("all that is on record"))


@dataclass(frozen=True)
class Section:
    """A part of an answer, read in this order: what was found, figures, lines, a table, and what is not known."""

    key: str
    title: str = ""
    finding: str = ""
    figures: Mapping[str, Figure] = field(default_factory=dict)
    lines: tuple[str, ...] = ()
    table: Table | None = None
    note: str = ""

    def in_lines(self, title: str, most: int) -> Section:
        """Return the section under a title with the first rows of its table as lines, without figures."""
        rows = () if self.table is None else self.table.lines(most)
        return replace(self, title=title, figures={}, lines=(*self.lines, *rows), table=None)

    @property
    def sentences(self) -> Iterator[str]:
        """All that is said in sentences, in the order in which it is read."""
        yield from filter(None, (self.finding, *self.lines, self.note))


def finding_section(
    finding: str,
    besides: Iterable[str] = (),
    figures: Mapping[str, Figure] | None = None,
) -> Section:
    """Return the section that an answer begins with: its finding, its figures, and what has to be read with it."""
    return Section("finding", finding=finding, figures=figures or {}, note=" ".join(filter(None, besides)))


def doubts_section(lines: Iterable[str]) -> Section:
    """Return the section that pages fold under the finding."""
    return Section("doubts", _("How sure this is, and what is not counted"), lines=tuple(filter(None, lines)))


@dataclass(frozen=True)
class Answer:
    """
    All that is said of one subject: what it is called and about, its sections, and one message short enough for SMS.

    The first section holds the finding.
    """

    title: str
    about: str = ""
    sections: tuple[Section, ...] = ()
    message: str = ""

    def __getitem__(self, key: str) -> Section:
        """Return the section of a key."""
        return next(section for section in self.sections if section.key == key)

    def only(self, *keys: str) -> tuple[Section, ...]:
        """Return the sections of some keys that the answer has, in the order of the keys."""
        by_key = {section.key: section for section in self.sections}
        return tuple(by_key[key] for key in keys if key in by_key)
