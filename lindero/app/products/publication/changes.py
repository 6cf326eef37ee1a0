"""
What is new in the registers, as a pack tells it: the rows of the last two snapshots, by the columns that are published.

A publication holds the current snapshots alone; changes are computed before, from registers of land and never of
people. Of a title that is gone only what a publication would have told of it is told: name, holder, state, outline.
"""

from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from lindero.app.answers.changes.near_place import latest
from lindero.app.answers.changes.register_changes import ChangeReport, change_reports, registers
from lindero.app.answers.coverage.coverage import coverage_of
from lindero.app.products.pocket.client_words import in_language
from lindero.app.products.pocket.grid_outlines import Frame, clip, encode_outline
from lindero.app.products.publication.select import Publication
from lindero.app.text import change_text, i18n
from lindero.layers.database.definitions import OF_PERSONS
from lindero.layers.database.map_database import Connection, Source


def changes(
    con: Connection, pub: Publication, frame: Frame, *, step: float, with_shapes: bool = False
) -> list[dict[str, Any]]:
    """
    Give what changed in each register between its last two snapshots, in a frame.

    Parameters
    ----------
    con
        The map that the publication is of.
    with_shapes
        Whether to give the outlines as geometries, too: `shape` of the ground, `shapes` of the rows.

    Returns
    -------
    list
        `layer`, `title`, `publisher`, `since`, `until`; `ground`, where both snapshots have data; `silent`, the layer
        where nobody said so; `rows` with `name`, `line` (by language) and `g`, the outline as it is or last was.
    """
    published = [one for one in registers(con) if _is_published(one.snapshots[-1], pub)]

    def changed(before: str, after: str) -> ChangeReport:
        (report,) = change_reports(con, since=before, until=after, source=after.rpartition("@")[0])
        return report

    return [_changes(con, report, pub, frame, step, with_shapes=with_shapes) for report in latest(published, changed)]


def _is_published(source: Source, pub: Publication) -> bool:
    return source.layer not in OF_PERSONS and source.layer in pub.layers and source.source_id in pub.new_sources


def _changes(
    con: Connection, report: ChangeReport, pub: Publication, frame: Frame, step: float, *, with_shapes: bool
) -> dict[str, Any]:
    seen = shapely.intersects(report.shapes.geometry.to_numpy(), shapely.box(*frame))
    rows, shapes = report.rows[seen], report.shapes.geometry[seen]
    lines = {language: in_language(language, lambda: _lines(rows)) for language in i18n.languages()}
    both = _ground(con, report)
    ground = clip(both, frame)
    own = pub.sources[pub.sources["source_id"] == pub.new_sources[report.after.source_id]].iloc[0]
    return {
        "layer": report.after.layer,
        "title": str(own["title"]),
        "publisher": str(own["publisher"]),
        "since": report.before.snapshot_on.isoformat(),
        "until": report.after.snapshot_on.isoformat(),
        "ground": encode_outline(ground, frame, step),
        "silent": [report.after.layer] if both.is_empty else [],
        "rows": [
            {
                "name": str(name or ""),
                "line": {language: texts[at] for language, texts in lines.items()},
                "g": encode_outline(shape, frame, step),
            }
            for at, (name, shape) in enumerate(zip(rows["name"].fillna(""), shapes, strict=True))
        ],
        **({"shape": ground, "shapes": list(shapes)} if with_shapes else {}),
    }


def _lines(rows: Any) -> list[str]:
    return [change_text.line(row) for row in change_text.table(rows).to_dict("records")]


def _ground(con: Connection, report: ChangeReport) -> BaseGeometry:
    """Give the ground on which both snapshots have data."""
    before, after = (
        coverage_of(con, {(one.source_id, one.snapshot_on)}).ground(one.layer) for one in (report.before, report.after)
    )
    return shapely.intersection(before, after)
