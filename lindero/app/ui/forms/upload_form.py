"""The parts of the page on which an operator adds a file: its questions, and what would become of the file."""

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import pandas as pd
import streamlit as st

from lindero.app.pipeline.add.preview import Noticed, Outline
from lindero.app.renderers import columns
from lindero.app.text.codes import word
from lindero.app.text.column_names import column_word
from lindero.app.text.escape import plain
from lindero.app.text.i18n import _, number
from lindero.app.ui.maps import areas, map_view
from lindero.app.ui.maps.areas import Look
from lindero.layers.model.schema import LAYERS
from lindero.layers.sources.field_proposals import Proposal
from lindero.layers.workspace import source_options
from lindero.layers.workspace.source_options import SourceOptions

_MOST_ASKED = 50  # rows; of more a command is sooner told


def uploader_style() -> str:
    """Return a style with the word on the uploader's button, which page.css of `streamlit_host` writes there."""
    word_on_it = _("Choose a file")  # apart: what is within a format string is not found for translation
    return f'<style>:root {{ --lindero-choose-file: "{word_on_it}" }}</style>'


def questions() -> SourceOptions:
    """Ask what a file seldom says of itself."""
    halves = st.columns(2)
    said: dict[str, Any] = {}
    for at, name in enumerate(("layer", "id", "publisher", "snapshot_on", "licence", "crs")):
        asked = source_options.asked(name)
        label, half = _(asked.label), halves[at % 2]
        if name == "layer":
            said[name] = half.selectbox(label, ["", *LAYERS], format_func=_layer)
        else:
            said[name] = half.text_input(label, placeholder=asked.placeholder and _(asked.placeholder)).strip()
    return SourceOptions(**said)


def choices(proposals: tuple[Proposal, ...]) -> tuple[Proposal, ...]:
    """Let the operator choose among proposals; those that are sure are ticked."""
    if not proposals:
        return ()
    st.header(_("What the fields may hold"), anchor=False)
    st.write(_("Tick what is right. Each proposal says why, and shows three values."))
    return tuple(one for one in proposals if _ticked(one))


def same_or_another(rows: Sequence[int], *, of_file: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """
    Let the operator say of each row that is like a withdrawn record whether it is that record.

    Gives the rows that are, and those that are another's; what nobody has said yet of a row stands in neither.
    """
    st.header(_("Rows that are like a withdrawn record"), anchor=False)
    st.write(
        _(
            "Consent to a record like each of these was withdrawn. Look at the row in your file, and ask whoever sent"
            " it: is it that record, or another's? What you say is kept when you accept the file."
        )
    )
    if len(rows) > _MOST_ASKED:
        st.info(_("Whoever has the workspace says so with the command: `lindero add FILE --same ROW --another ROW`"))
        return (), ()
    said = {row: _same(row, of_file) for row in rows}
    return tuple(row for row in rows if said[row] is True), tuple(row for row in rows if said[row] is False)


def _same(row: int, of_file: str) -> bool | None:
    words = {True: _("The withdrawn record: it stays out"), False: _("Another's: it is kept")}
    label = _("Row {row}").format(row=number(row))
    return st.radio(label, [True, False], index=None, format_func=words.__getitem__, key=f"same-{of_file}-{row}")


def outcome(outline: Outline) -> None:
    """Show what would become of the file's rows, which field fills which column, and where it lies."""
    st.header(_("What would become of it"), anchor=False)
    names = {
        "rows_read": _("Rows received"),
        "rows_kept": _("Kept"),
        "rows_repaired": _("Of these repaired"),
        "rows_rejected": _("Rejected"),
    }
    for column, (name, label) in zip(st.columns(len(names)), names.items(), strict=True):
        column.metric(label, number(outline.counts[name]))
    _reasons(outline)
    _fields(outline)
    _drawn(outline)


def _layer(name: str) -> str:
    return word(name) if name else _("known by its fields")


def _ticked(one: Proposal) -> bool:
    label = _("**{column}** from the field **{field}**: {samples} ({why})").format(
        field=plain(one.field), column=column_word(one.column), why=_(one.why), samples=plain(", ".join(one.samples))
    )
    return st.checkbox(label, value=one.is_sure, key=f"proposal-{one.column}-{one.field}")


def _reasons(outline: Outline) -> None:
    what = {"reason": _("rejected"), "repair": _("repaired"), "finding": _("noticed")}
    rows = [
        {"what": what[one.column], "why": word(one.kind), "count": one.count, "numbers": _numbers(one)}
        for one in outline.noticed
    ]
    if not rows:
        st.write(_("Nothing was rejected, repaired or noticed."))
        return
    columns.table(
        pd.DataFrame(rows),
        alt=_("Rejected, repaired and noticed, with the rows"),
        what=columns.text(_("What")),
        why=columns.text(_("Why")),
        count=columns.number(_("Rows")),
        numbers=columns.text(_("Row numbers")),
    )


def _numbers(one: Noticed) -> str:
    return ", ".join(map(str, one.first)) + (" …" if one.count > len(one.first) else "")


def _fields(outline: Outline) -> None:
    rows = [
        {"column": column_word(one.column), "field": one.field, "values": ", ".join(one.samples)}
        for one in outline.fields
    ]
    rows += [
        {"column": column_word(column), "field": "", "values": word(value)}
        for column, value in outline.constants.items()
    ]
    columns.table(
        pd.DataFrame(rows),
        alt=_("Which field fills which column"),
        column=columns.text(_("What")),
        field=columns.text(_("Field of the file")),
        values=columns.text(_("Values")),
    )


def _drawn(outline: Outline) -> None:
    shown = outline.drawn
    if shown.empty:
        st.info(_("It has no places to draw."))
        return
    names = shown["name"] if "name" in shown else shown["id"]
    told = {"name": names.fillna(shown["id"]), "said": "", "look": "new"}
    frame = gpd.GeoDataFrame(told, geometry=shown.geometry, crs=shown.crs, index=shown.index)
    look = Look("new", word(outline.entry.layer), "#5a2d82", "rising", 0.3)
    map_view.show(areas.territory(frame, [look], title=_("The file")), map_view.Choice(), key="upload-map", height=320)
    st.write(
        _("Drawn and listed: the first {shown} of {all} rows.").format(
            shown=number(len(shown)), all=number(outline.rows)
        )
    )
    listed = pd.DataFrame(shown.drop(columns=["id", "geometry"]))
    columns.table(
        listed.assign(area_ha=listed["area_ha"].round(1)) if "area_ha" in listed else listed,
        alt=_("The rows that are drawn"),
        row_number=columns.number(_("Row")),
        more={
            name: (columns.number if name == "area_ha" else columns.text)(column_word(name))
            for name in map(str, listed)
            if name != "row_number"
        },
    )
