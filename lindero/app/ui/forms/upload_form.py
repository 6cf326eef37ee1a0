"""The parts of the page *Add data*: its questions, and the preview of an uploaded file."""

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import pandas as pd
import streamlit as st

from lindero.app.pipeline.add.preview import AccountGroup, PlanPreview
from lindero.app.renderers import columns
from lindero.app.text.codes import translate_code
from lindero.app.text.column_names import translate_column
from lindero.app.text.escape import escape_markdown
from lindero.app.text.i18n import _, format_number
from lindero.app.ui.maps import areas, map_view
from lindero.app.ui.maps.areas import Look
from lindero.layers.model.schema import LAYERS
from lindero.layers.sources.field_proposals import Proposal
from lindero.layers.workspace import source_options
from lindero.layers.workspace.source_options import SourceOptions

_MAX_QUESTIONS = 50  # rows; for more of them, a command is easier


def uploader_style() -> str:
    """Return a style with the text of the uploader's button, which page.css of `streamlit_host` inserts."""
    word_on_it = _("Choose a file")  # outside the f-string, in which texts are not found for translation
    return f'<style>:root {{ --lindero-choose-file: "{word_on_it}" }}</style>'


def ask_options() -> SourceOptions:
    """Show controls for the details that files seldom contain."""
    halves = st.columns(2)
    answers: dict[str, Any] = {}
    for position, name in enumerate(("layer", "id", "publisher", "snapshot_on", "licence", "crs")):
        prompt = source_options.option_prompt(name)
        label, half = _(prompt.label), halves[position % 2]
        if name == "layer":
            answers[name] = half.selectbox(label, ["", *LAYERS], format_func=_layer_label)
        else:
            answers[name] = half.text_input(label, placeholder=prompt.placeholder and _(prompt.placeholder)).strip()
    return SourceOptions(**answers)


def ask_proposals(proposals: tuple[Proposal, ...]) -> tuple[Proposal, ...]:
    """Show the proposals with check boxes; those that are certain are ticked."""
    if not proposals:
        return ()
    st.header(_("What the fields may contain"), anchor=False)
    st.write(_("Tick the correct ones. Each proposal gives its reason and three values."))
    return tuple(proposal for proposal in proposals if _ask_proposal(proposal))


def ask_withdrawn_rows(rows: Sequence[int], *, of_file: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """
    Show controls for each row that resembles a withdrawn record whether it is that record.

    Return the rows that are, and the rows that belong to another record. Rows without an answer are in neither.
    """
    st.header(_("Rows similar to a withdrawn record"), anchor=False)
    st.write(
        _(
            "Consent was withdrawn for a record similar to each of these rows. Look at the row in your "
            "file and ask the sender: is it that record, or another person's? Your answers are saved "
            "when you accept the file."
        )
    )
    if len(rows) > _MAX_QUESTIONS:
        st.info(
            _(
                "There are too many rows to ask here. The person who manages the workspace answers with: "
                "`lindero add FILE --same ROW --another ROW`"
            )
        )
        return (), ()
    answers = {row: _ask_row(row, of_file) for row in rows}
    return tuple(row for row in rows if answers[row] is True), tuple(row for row in rows if answers[row] is False)


def _ask_row(row: int, of_file: str) -> bool | None:
    labels = {True: _("It is the withdrawn record: leave it out"), False: _("It is another person's: keep it")}
    label = _("Row {row}").format(row=format_number(row))
    return st.radio(label, [True, False], index=None, format_func=labels.__getitem__, key=f"same-{of_file}-{row}")


def show_outcome(outline: PlanPreview) -> None:
    """Show the planned outcome: row counts, the field of each column, and the location."""
    st.header(_("Preview"), anchor=False)
    names = {
        "rows_read": _("Rows received"),
        "rows_kept": _("Kept"),
        "rows_repaired": _("Of these, repaired"),
        "rows_rejected": _("Rejected"),
    }
    for column, (name, label) in zip(st.columns(len(names)), names.items(), strict=True):
        column.metric(label, format_number(outline.counts[name]))
    _show_reasons(outline)
    _show_fields(outline)
    _show_rows(outline)


def _layer_label(name: str) -> str:
    return translate_code(name) if name else _("detect from its fields")


def _ask_proposal(proposal: Proposal) -> bool:
    label = _("**{column}** from the field **{field}**: {samples} ({why})").format(
        field=escape_markdown(proposal.field),
        column=translate_column(proposal.column),
        why=_(proposal.why),
        samples=escape_markdown(", ".join(proposal.samples)),
    )
    return st.checkbox(label, value=proposal.is_sure, key=f"proposal-{proposal.column}-{proposal.field}")


def _show_reasons(outline: PlanPreview) -> None:
    labels = {"reason": _("rejected"), "repair": _("repaired"), "finding": _("flagged")}
    rows = [
        {
            "what": labels[group.column],
            "why": translate_code(group.kind),
            "count": group.count,
            "numbers": _row_numbers_text(group),
        }
        for group in outline.noticed
    ]
    if not rows:
        st.write(_("No row was rejected or repaired, and there are no remarks."))
        return
    columns.show_table(
        pd.DataFrame(rows),
        alt=_("Rejections, repairs and remarks, with their rows"),
        what=columns.text_column(_("What")),
        why=columns.text_column(_("Why")),
        count=columns.number_column(_("Rows")),
        numbers=columns.text_column(_("Row numbers")),
    )


def _row_numbers_text(group: AccountGroup) -> str:
    return ", ".join(map(str, group.first)) + (" …" if group.count > len(group.first) else "")


def _show_fields(outline: PlanPreview) -> None:
    rows = [
        {"column": translate_column(proposal.column), "field": proposal.field, "values": ", ".join(proposal.samples)}
        for proposal in outline.fields
    ]
    rows += [
        {"column": translate_column(column), "field": "", "values": translate_code(value)}
        for column, value in outline.constants.items()
    ]
    columns.show_table(
        pd.DataFrame(rows),
        alt=_("Which field fills which column"),
        column=columns.text_column(_("What")),
        field=columns.text_column(_("Field of the file")),
        values=columns.text_column(_("Values")),
    )


def _show_rows(outline: PlanPreview) -> None:
    rows = outline.drawn_rows
    if rows.empty:
        st.info(_("This file has no places to draw."))
        return
    names = rows["name"] if "name" in rows else rows["id"]
    attributes = {"name": names.fillna(rows["id"]), "said": "", "look": "new"}
    frame = gpd.GeoDataFrame(attributes, geometry=rows.geometry, crs=rows.crs, index=rows.index)
    look = Look("new", translate_code(outline.entry.layer), "#5a2d82", "rising", 0.3)
    map_view.show_map(
        areas.build_areas_map(frame, [look], title=_("The file")), map_view.Choice(), key="upload-map", height=320
    )
    st.write(
        _("Drawn and listed: the first {shown} of {all} rows.").format(
            shown=format_number(len(rows)), all=format_number(outline.rows)
        )
    )
    listed = pd.DataFrame(rows.drop(columns=["id", "geometry"]))
    columns.show_table(
        listed.assign(area_ha=listed["area_ha"].round(1)) if "area_ha" in listed else listed,
        alt=_("The rows that are drawn"),
        row_number=columns.number_column(_("Row")),
        more={
            name: (columns.number_column if name == "area_ha" else columns.text_column)(translate_column(name))
            for name in map(str, listed)
            if name != "row_number"
        },
    )
