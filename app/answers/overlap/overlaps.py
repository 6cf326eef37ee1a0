"""Answers from the map: what overlaps what."""

from lindero.app.answers.coverage.reach import reach_between
from lindero.app.answers.overlap import refused_sides
from lindero.app.answers.overlap.pair_filter import EVERY, PairFilter
from lindero.app.answers.overlap.report import Features, KnownPoints, OverlapReport
from lindero.app.answers.overlap.row_selection import Side
from lindero.app.answers.registers import one_register
from lindero.app.answers.repeated_ground import Repeats, repeated_ids
from lindero.app.overlays import stored_totals
from lindero.geo.geometry.units import MIN_HA
from lindero.layers.database import map_database
from lindero.layers.database.queries import map_queries, row_values
from lindero.layers.errors import N_, AnswerError
from lindero.layers.model.schema import OVERLAP_PAIRS

_ABOUT = ("id", "name", "source_id", "boundary_accuracy_m")


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
    without_duplicates: bool = False,
) -> OverlapReport:
    """
    Lay two layers over each other; pairs are those of the build where it holds them, of these those that are `wanted`.

    Points have no ground; what they lie in is told in `points`. With `column`, a column of numbers of the left layer is
    shared out over the pairs (`geo.overlay.apportion`). With `asked`, two registers of the same things are not added
    up, but asked about. With `without_duplicates`, rows that repeat the ground of another row are left out.
    """
    hold_areas(left, right)
    is_plain = not (with_geometry or grown or column or without_duplicates) and (min_ha, wanted) == (MIN_HA, EVERY)
    if is_plain and left.is_whole and right.is_whole:
        stored = stored_report(con, left, right, asked=asked)
        if stored is not None:
            return stored
    from lindero.app.answers.overlap.chosen_pairs import chosen_report  # as it loads frames

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
        without_duplicates=without_duplicates,
    )


def hold_areas(left: Side, right: Side) -> None:
    """
    Hold that two layers have ground to lay over each other.

    Raises
    ------
    AnswerError
        If they have not.
    """
    areal = ["area_ha" in side.layer.names for side in (left, right)]
    if wrong := [side.layer.name for side in (left, right) if not (side.layer.has_geometry and any(areal))]:
        raise AnswerError(N_("{layer} has no polygons to lay over others"), layer=wrong[0])


# All pairs of two layers as a build has stored them, with what they come to: no library of frames is loaded.


def stored_report(con: map_database.Connection, left: Side, right: Side, *, asked: bool) -> OverlapReport | None:
    """
    Do as `overlap_report` does of two whole layers, where a build has laid them over each other and added up.

    None where it has not, as in a map of an earlier version or one built by a cluster.
    """
    names = left.layer.name, right.layer.name
    if names not in OVERLAP_PAIRS:
        return None
    ids, areas = map_queries.pair_areas(con, *names)
    sums = stored_totals.totals_of(con, *names, areas)
    if sums is None:
        return None
    if asked:
        _hold_one_register(con, left, right)
    told = [row_values.read_with_shapes(con, side.layer, _ABOUT) for side in (left, right)]
    rows, shapes = zip(*told, strict=True)
    ours, theirs = (
        repeated_ids(side.layer, [row["id"] for row in values], drawn)
        for side, (values, drawn) in zip((left, right), told, strict=True)
    )
    return OverlapReport(
        map_queries.StoredPairs(con, *names, sums.pairs),
        sums,
        sum(row["boundary_accuracy_m"] is None for some in rows for row in some if "boundary_accuracy_m" in row),
        reach_between(con, (left, right), shapes),
        points=KnownPoints.of(*(_features(*side) for side in told)),
        refused=refused_sides.of_sides(con, (left, right), [{row["source_id"] for row in some} for some in rows]),
        repeats=Repeats.count(names, ids, areas, (ours, theirs)),
    )


def _hold_one_register(con: map_database.Connection, *sides: Side) -> None:
    sources = [source for source in map_database.read_sources(con) if source.is_current]
    for layer in (side.layer for side in sides):
        if len([source for source in sources if source.layer == layer.name]) > 1:
            one_register(layer, map_queries.in_registers(con, layer))


def _features(rows: list[row_values.Values], shapes: row_values.Shapes) -> Features:
    return Features([row["id"] for row in rows], [row.get("name", row["id"]) for row in rows], shapes)
