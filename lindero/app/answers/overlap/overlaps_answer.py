"""Answer about overlaps: the pairs of two layers, their footprint, and the limits of both."""

from collections.abc import Iterable

import pandas as pd

from lindero.app.answers import answer
from lindero.app.answers.answer import Answer, Column, Figure, Section, Table, count_figure, doubts_section
from lindero.app.answers.coverage import coverage_text
from lindero.app.answers.overlap.report import OverlapReport, Overlaps, footprint_range_text
from lindero.app.answers.place.topic_search import HOLDER
from lindero.app.answers.record.consultation_text import COLUMN
from lindero.app.text.codes import translate_code
from lindero.app.text.escape import build_link_key, escape_markdown
from lindero.app.text.i18n import _, format_number
from lindero.geo import Totals
from lindero.layers.model.parse_values import is_missing


def overlaps_answer(report: OverlapReport) -> Answer:
    """Build the answer about two layers, in the reader's language."""
    pairs = Section("pairs", table=pairs_table(report.pairs, *report.layers))
    return Answer(layers_text(*report.layers), sections=(*overlaps_sections(report), pairs))


def overlaps_sections(report: OverlapReport) -> tuple[Section, Section]:
    """Return the sections of the answer above its table: the finding, and what it leaves out."""
    besides = report.list_notes()
    if report.totals.pairs:
        finding = finding_section(report, report.pairs, report.totals, besides)
    else:
        none = "" if report.points.inside_count else coverage_text.no_overlap_text(report.coverage)
        finding = answer.finding_section(escape_markdown(" ".join(filter(None, (none, *besides)))))
    return finding, doubts_section(report.doubts())


def layers_text(left: str, right: str) -> str:
    """Return the name of the overlay: the left layer on the right layer."""
    return _("{left} on {right}").format(left=translate_code(left), right=_lower_layer_name(right))


def _lower_layer_name(layer: str) -> str:
    """Return the name of a layer for use inside a sentence."""
    name = translate_code(layer)
    return name[:1].lower() + name[1:]


def finding_section(overlaps: Overlaps, pairs: pd.DataFrame, sums: Totals, besides: Iterable[str]) -> Section:
    """Return the section with the totals of some pairs of two layers. `besides` are texts to be read with it."""
    left, right = overlaps.layers
    text = _("{left} on {right}: {ha} hectares, each counted once, in {pairs} overlaps.")
    finding = text.format(
        left=escape_markdown(translate_code(left)),
        right=escape_markdown(_lower_layer_name(right)),
        ha=format_number(sums.footprint_ha),
        pairs=format_number(sums.pairs),
    )
    features = _("between {left} and {right} features")
    figures = {
        _("Number of overlaps"): count_figure(
            format_number(sums.pairs),
            features.format(left=format_number(sums.left_features), right=format_number(sums.right_features)),
        ),
        _("Gross hectares (overlaps added up)"): Figure(
            format_number(sums.gross_ha, decimals=1), gross_range_text(pairs)
        ),
        _("Hectares, each counted once (footprint)"): Figure(
            format_number(sums.footprint_ha, decimals=1), _range_text(sums.certain_ha, sums.possible_ha)
        ),
    }
    return answer.finding_section(
        finding, map(escape_markdown, filter(None, (footprint_range_text(sums), *besides))), figures
    )


def gross_range_text(pairs: pd.DataFrame) -> str:
    """Return the minimum and maximum shared hectares as text; empty if any pair lacks a range."""
    if pairs[["certain_ha", "possible_ha"]].isna().any(axis=None):
        return ""
    return _range_text(float(pairs["certain_ha"].sum()), float(pairs["possible_ha"].sum()))


def _range_text(certain_ha: float | None, possible_ha: float | None) -> str:
    if certain_ha is None or possible_ha is None:
        return ""
    return _("{low} to {high}").format(low=format_number(certain_ha), high=format_number(possible_ha))


def pairs_table(pairs: pd.DataFrame, left: str, right: str, *, of_one_right: bool = False) -> Table:
    """Build a table of overlapping pairs, largest first.

    With `of_one_right`, all pairs belong to one feature of the right layer, which the page names. Its name is then not
    repeated, nor is a single answer about consultations.
    """
    covered = _("{layer}: share covered")
    columns = {
        "left_name": Column(translate_code(left), link="left_page"),
        **({} if of_one_right else {"right_name": Column(translate_code(right), link="right_page")}),
        "area_ha": Column(_("Shared hectares (certain – possible)"), "number", between=("certain_ha", "possible_ha")),
        "share_of_left": Column(covered.format(layer=translate_code(left)), "share"),
        "share_of_right": Column(covered.format(layer=translate_code(right)), "share"),
        "certainty": Column(_("Certainty")),
    }
    rows = pairs.assign(
        left_name=pairs["left_name"].fillna(pairs["left_id"]),
        right_name=pairs["right_name"].fillna(pairs["right_id"]),
        **{name: pairs[name].round(1) for name in ("area_ha", "certain_ha", "possible_ha")},
        certainty=pairs["certainty"].map(translate_code),
        left_page=[build_link_key(left, id_) for id_ in pairs["left_id"]],
        right_page=[build_link_key(right, id_) for id_ in pairs["right_id"]],
    )
    if "concessions" in {left, right}:
        holder = f"{'left' if left == 'concessions' else 'right'}_holder"
        columns[holder] = Column(_("Holder"), link="holder_page")
        rows["holder_page"] = ["" if is_missing(name) else build_link_key(HOLDER, name) for name in pairs[holder]]
    if COLUMN in rows and not (of_one_right and len(set(rows[COLUMN])) <= 1):
        columns[COLUMN] = Column(_("Consultations on record"))
    return Table(_("Overlaps, largest first"), columns, rows)
