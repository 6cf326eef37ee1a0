"""The answer about overlaps: the ground that two layers share, pair by pair and counted once, and what is left open."""

from collections.abc import Iterable

import pandas as pd

from lindero.app.answers import answer
from lindero.app.answers.answer import Answer, Column, Figure, Section, Table, count_figure, doubts_section
from lindero.app.answers.coverage import coverage_text
from lindero.app.answers.overlap.report import OverlapReport, Overlaps, ranged
from lindero.app.answers.place.topic_search import HOLDER
from lindero.app.record.consultation_text import COLUMN
from lindero.app.text.codes import word
from lindero.app.text.escape import key, plain
from lindero.app.text.i18n import _, number
from lindero.geo import Totals
from lindero.layers.model.parse_values import is_missing


def overlaps_answer(report: OverlapReport) -> Answer:
    """Compose the answer about two layers, in the reader's language."""
    besides = report.besides()
    if report.totals.pairs:
        finding = finding_section(report, report.pairs, report.totals, besides)
    else:
        none = "" if report.points.lying else coverage_text.no_overlap(report.coverage)
        finding = answer.finding_section(plain(" ".join(filter(None, (none, *besides)))))
    pairs = Section("pairs", table=pairs_table(report.pairs, *report.layers))
    return Answer(layers_text(*report.layers), sections=(finding, doubts_section(report.doubts()), pairs))


def layers_text(left: str, right: str) -> str:
    """Return which layer lies on which."""
    return _("{left} on {right}").format(left=word(left), right=_inside(right))


def _inside(layer: str) -> str:
    """Return the name of a layer as it stands inside a sentence."""
    name = word(layer)
    return name[:1].lower() + name[1:]


def finding_section(overlaps: Overlaps, pairs: pd.DataFrame, sums: Totals, besides: Iterable[str]) -> Section:
    """Return what some pairs of two layers come to, and `besides` what has to be read with it."""
    left, right = overlaps.layers
    text = _("{left} on {right}: {ha} hectares of ground, each counted once, in {pairs} pairs.")
    finding = text.format(
        left=plain(word(left)),
        right=plain(_inside(right)),
        ha=number(sums.footprint_ha),
        pairs=number(sums.pairs),
    )
    features = _("of {left} and {right} features")
    figures = {
        _("Pairs"): count_figure(
            number(sums.pairs), features.format(left=number(sums.left_features), right=number(sums.right_features))
        ),
        _("Hectares, pairs added up (gross)"): Figure(number(sums.gross_ha, decimals=1), gross_range(pairs)),
        _("Hectares of ground, counted once (footprint)"): Figure(
            number(sums.footprint_ha, decimals=1), _range(sums.certain_ha, sums.possible_ha)
        ),
    }
    return answer.finding_section(finding, map(plain, filter(None, (ranged(sums), *besides))), figures)


def gross_range(pairs: pd.DataFrame) -> str:
    """Return how few and how many hectares pairs share; empty if the accuracy of one of them is not known."""
    if pairs[["certain_ha", "possible_ha"]].isna().any(axis=None):
        return ""
    return _range(float(pairs["certain_ha"].sum()), float(pairs["possible_ha"].sum()))


def _range(certain_ha: float | None, possible_ha: float | None) -> str:
    if certain_ha is None or possible_ha is None:
        return ""
    return _("{low} to {high}").format(low=number(certain_ha), high=number(possible_ha))


def pairs_table(found: pd.DataFrame, left: str, right: str, *, of_one_right: bool = False) -> Table:
    """
    List overlapping pairs, largest first.

    With `of_one_right`, all pairs are of one feature of the right layer, which the page names: its name is not
    repeated, nor is one answer about consultations.
    """
    covered = _("{layer}: share covered")
    columns = {
        "left_name": Column(word(left), link="left_page"),
        **({} if of_one_right else {"right_name": Column(word(right), link="right_page")}),
        "area_ha": Column(_("Shared hectares (certain – possible)"), "number", between=("certain_ha", "possible_ha")),
        "share_of_left": Column(covered.format(layer=word(left)), "share"),
        "share_of_right": Column(covered.format(layer=word(right)), "share"),
        "certainty": Column(_("Certainty")),
    }
    rows = found.assign(
        left_name=found["left_name"].fillna(found["left_id"]),
        right_name=found["right_name"].fillna(found["right_id"]),
        **{name: found[name].round(1) for name in ("area_ha", "certain_ha", "possible_ha")},
        certainty=found["certainty"].map(word),
        left_page=[key(left, id_) for id_ in found["left_id"]],
        right_page=[key(right, id_) for id_ in found["right_id"]],
    )
    if "concessions" in {left, right}:
        holder = f"{'left' if left == 'concessions' else 'right'}_holder"
        columns[holder] = Column(_("Holder"), link="holder_page")
        rows["holder_page"] = ["" if is_missing(name) else key(HOLDER, name) for name in found[holder]]
    if COLUMN in rows and not (of_one_right and len(set(rows[COLUMN])) <= 1):
        columns[COLUMN] = Column(_("Consultations on record"))
    return Table(_("Overlapping pairs, largest first"), columns, rows)
