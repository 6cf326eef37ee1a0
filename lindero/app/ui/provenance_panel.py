"""The panel of a page that says how its figures were made."""

from collections.abc import Iterable, Mapping

import pandas as pd
import streamlit as st

from lindero.app.output.files import records
from lindero.app.output.plain import as_json
from lindero.app.output.provenance import DOCS, IN_SHORT, Made, code_of
from lindero.app.text.codes import word
from lindero.app.text.dates import as_of
from lindero.app.text.escape import plain
from lindero.app.text.i18n import _, date, number
from lindero.layers.database.map_database import Source


def show_provenance(made: Made, rows: pd.DataFrame | None = None, *, name: str = "") -> None:
    """
    Show the reader of a page how its figures were made.

    Parameters
    ----------
    rows
        The rows behind the figures, to be downloaded with the record of how they were made.
    name
        What the downloaded file is called, without its ending; the method if empty.
    """
    with st.expander(_("How was this made?")):
        st.markdown("\n\n".join(_paragraphs(made)))
        of = code_of(made.method)
        st.page_link("views/methods.py", label=_("Read the whole method"), query_params={"of": of})
        st.write(_("This command, in the folder of the workspace, gives the same numbers:"))
        st.container(border=True).text(made.typed())

        def record() -> bytes:  # written when it is asked for: of thousands of rows that takes longer than the page
            return as_json(made.as_dict() if rows is None else {**made.as_dict(), "rows": records(rows)}).encode()

        st.download_button(
            _("Download the record") if rows is None else _("Download the record with its rows"),
            record,
            file_name=f"{name or made.method}.json",
            mime="application/json",
            on_click="ignore",
            key=f"made-{name or made.method}",
        )


def _paragraphs(made: Made) -> list[str]:
    file, section = DOCS[made.method]
    described = _("Described in {file}, section “{section}”.").format(file=f"`{file}`", section=plain(section))
    paragraphs = [f"{_(IN_SHORT[made.method])} {described}", *map(plain, made.limits)]
    if made.parameters:
        settings = (f"- `{name}`: {plain(_value(value))}" for name, value in made.parameters.items())
        paragraphs.append("\n".join([_("Settings:"), "", *settings]))
    if made.seed is not None:
        paragraphs.append(
            _("Chance is drawn from the seed {seed}: the same seed gives the same numbers.").format(seed=made.seed)
        )
    paragraphs.append("\n".join([_("Sources:"), "", *map(_source, made.sources)]))
    return paragraphs


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} = {_value(each)}" for name, each in value.items())
    if isinstance(value, str) or not isinstance(value, Iterable):
        return number(value, decimals=2) if isinstance(value, float) else str(value)
    return ", ".join(map(_value, value))


def _source(source: Source) -> str:
    stated = " · ".join(plain(text) for text in (source.title, source.publisher, word(source.licence)) if text)
    dated = [as_of(source.as_of)]
    if source.retrieved_on:
        dated.append(_("received on {date}").format(date=date(source.retrieved_on)))
    return f"- {stated} ({', '.join(dated)})"
