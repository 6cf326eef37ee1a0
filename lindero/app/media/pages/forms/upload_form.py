"""The parts of the page *Add data*: its questions, and the preview of an uploaded file."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import geopandas as gpd
import pandas as pd
import streamlit as st

from lindero.app.answers.coverage.health import fault_text
from lindero.app.builder.add.doubts import (
    BROKEN_LETTERS,
    OUTSIDE_COVERAGE,
    broken_letters_text,
    is_mostly_covered,
    outside_text,
)
from lindero.app.builder.add.preview import AccountGroup, PlanPreview, find_group
from lindero.app.builder.add.upload_worker import NO_COVERAGE
from lindero.app.media.pages import columns
from lindero.app.media.pages.maps import areas, map_view
from lindero.app.media.pages.maps.areas import Look
from lindero.app.media.pages.upload import UploadPlan
from lindero.app.text.codes import translate_code
from lindero.app.text.column_names import translate_column
from lindero.app.text.error_advice import error_text
from lindero.app.text.escape import escape_markdown
from lindero.app.text.i18n import _, format_number
from lindero.geo import GeoError
from lindero.layers.errors import LayerError, MappingError
from lindero.layers.model.schema import LAYERS
from lindero.layers.read.formats.encodings import REPAIR
from lindero.layers.sources.field_proposals import Proposal
from lindero.layers.sources.mapping import LATITUDE, LONGITUDE, POSITION
from lindero.layers.workspace import source_options
from lindero.layers.workspace.source_options import SourceOptions, option_prompt

_OPTIONS = ("layer", "id", "publisher", "snapshot_on", "coverage", "boundary_accuracy_m", "licence", "crs")
_ASKED_COLUMNS = ("code", "name", "holder", "title", "occurred_on", "place_text", "incident_id", "level", "observed_on")
_FLAG = re.compile(r"`?--([a-z-]+)`?(?=( [A-Z\d\"])?)")  # an option, and whether a value follows
_MAX_QUESTIONS = 50  # rows; for more of them, a command is easier


def uploader_style() -> str:
    """Return a style with the text of the uploader's button, which page.css of `streamlit_host` inserts."""
    word_on_it = _("Choose a file")  # outside the f-string, in which texts are not found for translation
    return f'<style>:root {{ --lindero-choose-file: "{word_on_it}" }}</style>'


def ask_options() -> SourceOptions:
    """Show controls for the details that files seldom contain."""
    halves = st.columns(2)
    answers: dict[str, Any] = {}
    for position, name in enumerate(_OPTIONS):
        prompt = source_options.option_prompt(name)
        label, half = _(prompt.label), halves[position % 2]
        if name == "layer":
            answers[name] = half.selectbox(label, ["", *LAYERS], format_func=_layer_label)
        elif name == "boundary_accuracy_m":
            answers[name] = half.number_input(label, min_value=0.0, value=None, step=1.0, format="%g")
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


def ask_fields(plan: UploadPlan, options: SourceOptions) -> Mapping[str, str]:
    """Show a control for each main column and return the field that the reader chose, by column."""
    layer = LAYERS[options.layer]
    places = (LONGITUDE, LATITUDE, POSITION) if layer.has_geometry and not plan.has_geometry else ()
    asked = [name for name in (*_ASKED_COLUMNS, *places) if name in layer.names or name in places]
    st.header(_("Which field is what?"), anchor=False)
    st.write(_("The names of the fields do not say what they contain. Choose at least one, and where the rows are."))
    halves = st.columns(2)
    answers = {
        name: halves[position % 2].selectbox(
            translate_column(name),
            ["", *plan.file_fields],
            format_func=lambda field: field or _("not in the file"),
            key=f"field-{options.layer}-{name}",
        )
        for position, name in enumerate(asked)
    }
    return {name: field for name, field in answers.items() if field}


def mapping_text(plan: UploadPlan, options: SourceOptions) -> str:
    """Return what the reader of the page should state so that a file can be understood."""
    fields = escape_markdown(", ".join(plan.file_fields)) or "–"
    if not options.layer:
        return _("Choose above what the file contains: its fields do not say. It has: {fields}").format(fields=fields)
    if not options.publisher:
        return _("State above who published the file.")
    return _("Lindero does not know yet what is in the fields of this file. It has: {fields}").format(fields=fields)


def refusal_text(refusal: LayerError | GeoError) -> str:
    """Return the reason of a refusal in the words of the page: options of commands by the labels of the form."""
    labels = {
        flag.removeprefix("--"): _(option_prompt(option.name).label)
        for option in source_options.OPTIONS
        for flag in (option_prompt(option.name).flags or (f"--{option.name.replace('_', '-')}",))
        if option_prompt(option.name).label
    }

    def name_option(found: re.Match[str]) -> str:
        return f"“{labels[found[1]]}”{':' if found[2] else ''}" if found[1] in labels else found[0]

    return _FLAG.sub(name_option, error_text(refusal))


def ask_corrections(outline: PlanPreview, options: SourceOptions, *, of_file: str) -> SourceOptions:
    """Show questions about broken letters and rows outside the coverage; return the options with the answers."""
    broken, outside = find_group(outline, BROKEN_LETTERS), find_group(outline, OUTSIDE_COVERAGE)
    if broken.count:
        st.warning(escape_markdown(broken_letters_text(broken.count, broken.example)))
        if st.checkbox(_("Repair the letters"), value=True, key=f"letters-{of_file}"):
            options = replace(options, encoding=REPAIR)
    if not is_mostly_covered(outside.count, outline.rows):
        st.warning(escape_markdown(outside_text(outside.count, outline.rows, outline.entry.coverage)))
        label = _("Declare no coverage, and take the area that its rows show")
        if st.checkbox(label, value=True, key=f"coverage-{of_file}"):
            options = replace(options, coverage=NO_COVERAGE)
    return options


def complete_plan(
    plan: UploadPlan, options: SourceOptions, plan_again: Callable[[SourceOptions], UploadPlan], *, of_file: str
) -> UploadPlan:
    """Show what is still asked about a file, or why it is refused; return the plan with the answers."""
    if isinstance(plan.refusal, MappingError) and plan.file_fields:
        st.info(mapping_text(plan, options))
        if options.layer and options.publisher:
            options = replace(options, fields=ask_fields(plan, options))
            plan = plan_again(options) if options.fields else plan
    elif plan.refusal is not None:
        st.error(escape_markdown(refusal_text(plan.refusal)))
    if plan.outline is None:
        return plan
    corrected = ask_corrections(plan.outline, options, of_file=of_file)
    return plan if corrected == options else plan_again(corrected)


def ask_withdrawn_rows(rows: Sequence[int], *, of_file: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Show controls for each row that resembles a withdrawn record whether it is that record.

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


def ask_doubt(doubt: tuple[str, Mapping[str, object]], *, of_file: str) -> bool:
    """Show why a file does not continue its source, and return whether the reader says that it is right."""
    st.warning(escape_markdown(fault_text(*doubt)))
    return st.checkbox(_("The file is right: add it all the same"), key=f"doubt-{of_file}")


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
