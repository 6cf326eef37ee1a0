"""Answers from the map: what overlaps what."""

from lindero.app.answers.overlap import stored_pairs
from lindero.app.answers.overlap.pair_filter import EVERY, PairFilter
from lindero.app.answers.overlap.report import OverlapReport
from lindero.app.answers.overlap.row_selection import Side
from lindero.geo.overlay.least_overlap import MIN_HA
from lindero.layers.database import map_database
from lindero.layers.errors import N_, AnswerError


def overlap_report(
    con: map_database.Connection,
    left: Side,
    right: Side,
    *,
    min_ha: float = MIN_HA,
    grown: bool = False,
    with_geometry: bool = False,
    column: str = "",
    wanted: PairFilter = EVERY,
    asked: bool = False,
) -> OverlapReport:
    """
    Lay two layers over each other; pairs are those of the build where it holds them, of these those that are `wanted`.

    Points have no ground; what they lie in is told in `points`. With `column`, a column of numbers of the left layer is
    shared out over the pairs (`geo.overlay.apportion`). With `asked`, two registers of the same things are not added
    up, but asked about.
    """
    areal = ["area_ha" in side.layer.names for side in (left, right)]
    if wrong := [side.layer.name for side in (left, right) if not (side.layer.has_geometry and any(areal))]:
        raise AnswerError(N_("{layer} has no polygons to lay over others"), layer=wrong[0])
    is_plain = not (with_geometry or grown or column) and (min_ha, wanted) == (MIN_HA, EVERY)
    if is_plain and left.is_whole and right.is_whole:
        stored = stored_pairs.stored_report(con, left, right, asked=asked)
        if stored is not None:
            return stored
    from lindero.app.answers.overlap.chosen_pairs import chosen_report  # noqa: PLC0415  as it loads frames

    return chosen_report(
        con,
        left,
        right,
        min_ha=min_ha,
        grown=grown,
        with_geometry=with_geometry,
        column=column,
        wanted=wanted,
        asked=asked,
    )
