"""
Alerts for CoMapeo phones on new and changed concessions on watched land.

Alerts contain only what registers publish, and nothing about people. Holders are left out, because many are persons.
"""

import datetime as dt
import json
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd
import shapely

from lindero.app.answers.changes import watchlist
from lindero.app.answers.changes.register_changes import ChangeReport
from lindero.app.answers.changes.watchlist import WatchedPlace
from lindero.app.answers.defaults import AlertShape
from lindero.app.text.codes import translate_code
from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS, PROTECTED_AREAS

REPORTED_CHANGES = ("new", "renumbered", "holder", "status", "boundary")
"""Changes that are told: what is gone needs nobody to go there, and a name spelt otherwise is no change."""
DECIMALS = 6  # of a degree: 0.1 m


def build_alerts(
    watched: Sequence[WatchedPlace], reports: Iterable[ChangeReport], *, shape: AlertShape = AlertShape.OUTLINE
) -> list[dict[str, object]]:
    """
    Build an alert for each change of a concession on watched land, in the format of CoMapeo archive servers.

    Parameters
    ----------
    reports
        Comparisons of register snapshots. Layers other than concessions are left out.
    """
    return [
        _alert(report, row, geometry, shape)
        for report in reports
        if report.after.layer == CONCESSIONS.name
        for row, geometry in _iter_watched_changes(report, watched)
    ]


def _iter_watched_changes(
    report: ChangeReport, watched: Sequence[WatchedPlace]
) -> Iterator[tuple[dict[Hashable, Any], shapely.Geometry]]:
    is_reported = watchlist.is_watched_change(report, watched) & report.rows["change"].isin(REPORTED_CHANGES).to_numpy()
    shapes = report.shapes.geometry.to_numpy()[is_reported]
    for row, geometry in zip(report.rows[is_reported].to_dict("records"), shapes, strict=True):
        if geometry is not None and not geometry.is_empty:
            yield row, geometry


def _alert(
    report: ChangeReport, row: Mapping[Hashable, Any], geometry: shapely.Geometry, shape: AlertShape
) -> dict[str, object]:
    code = str(row["after_id"]).partition("/")[2]
    return {
        "detectionDateStart": _format_instant(report.before.snapshot_on),
        "detectionDateEnd": _format_instant(report.after.snapshot_on),
        "sourceId": f"lindero/{report.after.source_id}/{report.after.snapshot_on}/{row['change']}/{code}",
        "metadata": _properties(report, row, code),
        "geometry": _encode_geometry(geometry, shape),
    }


def _properties(report: ChangeReport, row: Mapping[Hashable, Any], code: str) -> dict[str, object]:
    properties: dict[str, object] = {
        "alert_type": f"concession_{row['change']}",
        "change": translate_code(row["change"]),
        "code": code,
        "name": _to_text(row["name"]),
        "communities": _to_text(row[COMMUNITIES.name]),
        "protected_areas": _to_text(row[PROTECTED_AREAS.name]),
        "source": report.after.title,
    }
    if row["change"] == "status":
        properties |= {"before": translate_code(row["before"]), "after": translate_code(row["after"])}
    return {name: value for name, value in properties.items() if value}


def _encode_geometry(geometry: shapely.Geometry, shape: AlertShape) -> object:
    simplified = shapely.point_on_surface(geometry) if shape is AlertShape.POINT else geometry
    return json.loads(shapely.to_geojson(shapely.set_precision(simplified, 10**-DECIMALS, mode="pointwise")))


def _to_text(value: object) -> str:
    return "" if pd.isna(value) else str(value)  # type: ignore[call-overload]


def _format_instant(date: dt.date) -> str:
    return f"{date.isoformat()}T00:00:00.000Z"
