"""Changes in the registers for a pocket map: the events between the last two snapshots.

A publication contains only the current snapshots. Changes are computed before it is made, from registers of land and
never of people. For a removed concession, only published attributes are stated: name, holder, status and outline.
"""

from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from lindero.app.answers.changes.event_text import event_body
from lindero.app.answers.changes.events import Event, list_change_events
from lindero.app.answers.changes.near_place import compare_latest
from lindero.app.answers.changes.register_changes import ChangeReport, change_reports, list_registers
from lindero.app.answers.coverage.coverage import read_coverage
from lindero.app.media.phone.client_words import run_in_language
from lindero.app.media.phone.grid_outlines import Frame, clip_to_frame, encode_outline
from lindero.app.media.site.select import Publication
from lindero.app.text import i18n
from lindero.layers.database.definitions import PERSON_LAYERS
from lindero.layers.database.map_database import Connection, Source


def list_changes(
    con: Connection, pub: Publication, frame: Frame, *, step: float, with_shapes: bool = False
) -> list[dict[str, Any]]:
    """List the changes of each register between its last two snapshots, within a frame.

    `with_shapes`: whether to include the geometries too: `shape` of the covered area, `shapes` of the rows. Returns:
    `layer`, `title`, `publisher`, `since`, `until`; `ground`, the area where both snapshots have data; `silent`, the
    layer if that area is empty; and `rows` with `name`, `line` (by language) and `g`, the current or last outline. For
    a record whose boundary moved, `g` also contains the earlier outline.
    """
    published = [register for register in list_registers(con) if _is_published(register.snapshots[-1], pub)]

    def compute_report(before: str, after: str) -> ChangeReport:
        (report,) = change_reports(con, since=before, until=after, source=after.rpartition("@")[0])
        return report

    return [
        _changes_to_dict(con, report, pub, frame, step, with_shapes=with_shapes)
        for report in compare_latest(published, compute_report)
    ]


def _is_published(source: Source, pub: Publication) -> bool:
    return source.layer not in PERSON_LAYERS and source.layer in pub.layers and source.source_id in pub.new_sources


def _changes_to_dict(
    con: Connection, report: ChangeReport, pub: Publication, frame: Frame, step: float, *, with_shapes: bool
) -> dict[str, Any]:
    area = shapely.box(*frame)
    changed = [(event, _outline_of_change(event)) for event in list_change_events(con, report)]
    near = [(event, shape) for event, shape in changed if shape.intersects(area)]
    lines = {
        language: run_in_language(language, lambda: [event_body(event) for event, _shape in near])
        for language in i18n.languages()
    }
    common_ground = _common_ground(con, report)
    ground = clip_to_frame(common_ground, frame)
    source_row = pub.sources[pub.sources["source_id"] == pub.new_sources[report.after.source_id]].iloc[0]
    return {
        "layer": report.after.layer,
        "title": str(source_row["title"]),
        "publisher": str(source_row["publisher"]),
        "since": report.before.snapshot_on.isoformat(),
        "until": report.after.snapshot_on.isoformat(),
        "ground": encode_outline(ground, frame, step),
        "silent": [report.after.layer] if common_ground.is_empty else [],
        "rows": [
            {
                "name": event.name,
                "line": {language: texts[index] for language, texts in lines.items()},
                "g": encode_outline(shape, frame, step),
            }
            for index, (event, shape) in enumerate(near)
        ],
        **({"shape": ground, "shapes": [shape for _event, shape in near]} if with_shapes else {}),
    }


def _outline_of_change(event: Event) -> BaseGeometry:
    """Return the outline of a record, with its earlier one if it moved: a record that left an area concerns it."""
    return shapely.union_all([event.geometry, event.earlier_geometry])


def _common_ground(con: Connection, report: ChangeReport) -> BaseGeometry:
    """Return the area where both snapshots have data."""
    before, after = (
        read_coverage(con, {(source.source_id, source.snapshot_on)}).covered_area(source.layer)
        for source in (report.before, report.after)
    )
    return shapely.intersection(before, after)
