"""Answers as HTML. Text from the data is always escaped."""

from collections.abc import Iterator

from markupsafe import Markup, escape

from lindero.app.answers.answer import Section, Table
from lindero.app.media.text import cells
from lindero.app.text.escape import Address, Piece, resolve_link_key, split_sentence


def no_address(_kind: str, _id: str) -> str:
    """Return an empty address: names in a saved file have no links."""
    return ""


def render_sentence(text: str, address: Address = no_address) -> Markup:
    """Return a sentence as HTML: bold text and our own links are kept, everything else is escaped."""
    return Markup("").join(_render_piece(piece, address) for piece in split_sentence(text))


def _render_piece(piece: Piece, address: Address) -> Markup:
    if piece.is_bold:
        return Markup("<strong>{}</strong>").format(piece.text)
    url = resolve_link_key(piece.key, address)
    return Markup('<a href="{}">{}</a>').format(url, piece.text) if url else escape(piece.text)


def render_section(section: Section, address: Address = no_address) -> Markup:
    """Return the content of a section below its title as HTML: finding, figures, lines, table and note."""
    return Markup("\n").join(_iter_section_parts(section, address))


def _iter_section_parts(section: Section, address: Address) -> Iterator[Markup]:
    if section.finding:
        yield Markup("<p>{}</p>").format(render_sentence(section.finding, address))
    if section.figures:
        figure_items = (
            Markup("<dt>{}</dt><dd>{} {}</dd>").format(label, figure.value, figure.note)
            for label, figure in section.figures.items()
        )
        yield Markup("<dl>{}</dl>").format(Markup("").join(figure_items))
    if section.lines:
        lines = (Markup("<li>{}</li>").format(render_sentence(line, address)) for line in section.lines)
        yield Markup("<ul>{}</ul>").format(Markup("").join(lines))
    if section.table is not None:
        yield _render_table(section.table)
    if section.note:
        yield Markup('<p class="note">{}</p>').format(render_sentence(section.note, address))


def _render_table(table: Table) -> Markup:
    columns = cells.format_cells(table)
    head = Markup("").join(Markup("<th>{}</th>").format(label) for label in columns)
    rows = Markup("").join(
        Markup("<tr>{}</tr>").format(Markup("").join(Markup("<td>{}</td>").format(cell) for cell in row))
        for row in zip(*columns.values(), strict=True)
    )
    caption = Markup("<caption>{}</caption>").format(table.caption)
    return Markup("<table>{}<thead><tr>{}</tr></thead><tbody>{}</tbody></table>").format(caption, head, rows)
