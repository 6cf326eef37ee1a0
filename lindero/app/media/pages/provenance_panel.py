"""The panel of a page on how its figures were computed."""

from collections.abc import Iterable, Mapping

import pandas as pd
import streamlit as st

from lindero.app.answers.provenance import DOCS, METHOD_SUMMARIES, Provenance, find_section_code
from lindero.app.media.files.files import to_records
from lindero.app.media.files.plain import to_json
from lindero.app.text.codes import translate_code
from lindero.app.text.dates import reference_date_text
from lindero.app.text.escape import escape_markdown
from lindero.app.text.i18n import _, format_long_date, format_number
from lindero.layers.database.map_database import Source


def show_provenance(provenance: Provenance, rows: pd.DataFrame | None = None, *, name: str = "") -> None:
    """Show how the figures of a page were computed."""
    with st.expander(_("How was this computed?")):
        st.markdown("\n\n".join(_format_paragraphs(provenance)))
        method_code = find_section_code(provenance.method)
        st.page_link("media/pages/views/methods.py", label=_("Read the full method"), query_params={"of": method_code})
        st.write(_("To get the same numbers, run this command in the workspace folder:"))
        st.container(border=True).text(provenance.command_line())

        def build_record() -> bytes:  # built on request: with thousands of rows it takes longer than the page
            return to_json(
                provenance.to_dict() if rows is None else {**provenance.to_dict(), "rows": to_records(rows)}
            ).encode()

        st.download_button(
            _("Download the computation") if rows is None else _("Download the computation with its rows"),
            build_record,
            file_name=f"{name or provenance.method}.json",
            mime="application/json",
            on_click="ignore",
            key=f"made-{name or provenance.method}",
        )


def _format_paragraphs(provenance: Provenance) -> list[str]:
    file, section = DOCS[provenance.method]
    described = _("Described in {file}, section “{section}”.").format(
        file=f"`{file}`", section=escape_markdown(section)
    )
    paragraphs = [f"{_(METHOD_SUMMARIES[provenance.method])} {described}", *map(escape_markdown, provenance.limits)]
    if provenance.parameters:
        settings = (
            f"- `{name}`: {escape_markdown(_format_value(value))}" for name, value in provenance.parameters.items()
        )
        paragraphs.append("\n".join([_("Settings:"), "", *settings]))
    if provenance.seed is not None:
        paragraphs.append(_("Random seed: {seed}. The same seed gives the same numbers.").format(seed=provenance.seed))
    paragraphs.append("\n".join([_("Sources:"), "", *map(_format_source, provenance.sources)]))
    return paragraphs


def _format_value(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} = {_format_value(item)}" for name, item in value.items())
    if isinstance(value, str) or not isinstance(value, Iterable):
        return format_number(value, decimals=2) if isinstance(value, float) else str(value)
    return ", ".join(map(_format_value, value))


def _format_source(source: Source) -> str:
    stated = " · ".join(
        escape_markdown(text) for text in (source.title, source.publisher, translate_code(source.licence)) if text
    )
    dated = [reference_date_text(source.as_of)]
    if source.retrieved_on:
        dated.append(_("received on {date}").format(date=format_long_date(source.retrieved_on)))
    return f"- {stated} ({', '.join(dated)})"
