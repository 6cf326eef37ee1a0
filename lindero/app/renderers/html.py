"""Answers as HTML: whatever others wrote reaches it as text."""

from collections.abc import Iterator

from markupsafe import Markup, escape

from lindero.app.answers.answer import Section, Table
from lindero.app.renderers import cells
from lindero.app.text.escape import Address, Piece, address_of, pieces


def no_address(_kind: str, _id: str) -> str:
    """Return no address for anything: the names in a file that is kept lead nowhere."""
    return ""


def sentence(text: str, address: Address = no_address) -> Markup:
    """Write a sentence: bold text and links of ours stay so, and all else is text."""
    return Markup("").join(_piece(piece, address) for piece in pieces(text))


def _piece(piece: Piece, address: Address) -> Markup:
    if piece.is_bold:
        return Markup("<strong>{}</strong>").format(piece.text)
    to = address_of(piece.key, address)
    return Markup('<a href="{}">{}</a>').format(to, piece.text) if to else escape(piece.text)


def body(section: Section, address: Address = no_address) -> Markup:
    """Write what stands under the title of a section: finding, figures, lines, table, note."""
    return Markup("\n").join(_body(section, address))


def _body(section: Section, address: Address) -> Iterator[Markup]:
    if section.finding:
        yield Markup("<p>{}</p>").format(sentence(section.finding, address))
    if section.figures:
        stated = (
            Markup("<dt>{}</dt><dd>{} {}</dd>").format(label, figure.value, figure.note)
            for label, figure in section.figures.items()
        )
        yield Markup("<dl>{}</dl>").format(Markup("").join(stated))
    if section.lines:
        lines = (Markup("<li>{}</li>").format(sentence(line, address)) for line in section.lines)
        yield Markup("<ul>{}</ul>").format(Markup("").join(lines))
    if section.table is not None:
        yield _table(section.table)
    if section.note:
        yield Markup('<p class="note">{}</p>').format(sentence(section.note, address))


def _table(table: Table) -> Markup:
    columns = cells.texts(table)
    head = Markup("").join(Markup("<th>{}</th>").format(label) for label in columns)
    rows = Markup("").join(
        Markup("<tr>{}</tr>").format(Markup("").join(Markup("<td>{}</td>").format(cell) for cell in row))
        for row in zip(*columns.values(), strict=True)
    )
    caption = Markup("<caption>{}</caption>").format(table.caption)
    return Markup("<table>{}<thead><tr>{}</tr></thead><tbody>{}</tbody></table>").format(caption, head, rows)
