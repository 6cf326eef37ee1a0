"""
New and changed concessions on watched land as alerts for CoMapeo's phones: what is public record of a register alone.

Nothing of people: no holder is told, neither by name nor by a change from one to the other, for many are persons.
"""

import datetime as dt
import json
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd
import shapely

from lindero.app.answers.changes import watchlist
from lindero.app.answers.changes.register_changes import ChangeReport
from lindero.app.answers.changes.watchlist import Watched
from lindero.app.answers.defaults import Shape
from lindero.app.text.codes import word
from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS, PROTECTED_AREAS

TOLD = ("new", "renumbered", "holder", "status", "boundary")
"""Changes that are told: what is gone needs nobody to go there, and a name spelt otherwise is no change."""
DECIMALS = 6  # of a degree: a tenth of a metre


def alerts(
    watched: Sequence[Watched], reports: Iterable[ChangeReport], *, shape: Shape = Shape.OUTLINE
) -> list[dict[str, object]]:
    """
    Give an alert for each change of a concession on watched land, as a CoMapeo archive server takes them.

    Parameters
    ----------
    reports
        What to tell: snapshots of registers held against those before. Other layers than concessions are left out.
    """
    return [
        _alert(report, row, geometry, shape)
        for report in reports
        if report.after.layer == CONCESSIONS.name
        for row, geometry in _rows(report, watched)
    ]


def _rows(report: ChangeReport, watched: Sequence[Watched]) -> Iterator[tuple[dict[Hashable, Any], shapely.Geometry]]:
    wanted = watchlist.concerning(report, watched) & report.rows["change"].isin(TOLD).to_numpy()
    shapes = report.shapes.geometry.to_numpy()[wanted]
    for row, geometry in zip(report.rows[wanted].to_dict("records"), shapes, strict=True):
        if geometry is not None and not geometry.is_empty:
            yield row, geometry


def _alert(
    report: ChangeReport, row: Mapping[Hashable, Any], geometry: shapely.Geometry, shape: Shape
) -> dict[str, object]:
    code = str(row["after_id"]).partition("/")[2]
    return {
        "detectionDateStart": _instant(report.before.snapshot_on),
        "detectionDateEnd": _instant(report.after.snapshot_on),
        "sourceId": f"lindero/{report.after.source_id}/{report.after.snapshot_on}/{row['change']}/{code}",
        "metadata": _properties(report, row, code),
        "geometry": _drawn(geometry, shape),
    }


def _properties(report: ChangeReport, row: Mapping[Hashable, Any], code: str) -> dict[str, object]:
    properties: dict[str, object] = {
        "alert_type": f"concession_{row['change']}",
        "change": word(row["change"]),
        "code": code,
        "name": _text(row["name"]),
        "communities": _text(row[COMMUNITIES.name]),
        "protected_areas": _text(row[PROTECTED_AREAS.name]),
        "source": report.after.title,
    }
    if row["change"] == "status":
        properties |= {"before": word(row["before"]), "after": word(row["after"])}
    return {name: value for name, value in properties.items() if value}


def _drawn(geometry: shapely.Geometry, shape: Shape) -> object:
    drawn = shapely.point_on_surface(geometry) if shape is Shape.POINT else geometry
    return json.loads(shapely.to_geojson(shapely.set_precision(drawn, 10**-DECIMALS, mode="pointwise")))


def _text(value: object) -> str:
    return "" if pd.isna(value) else str(value)  # type: ignore[call-overload]


def _instant(day: dt.date) -> str:
    return f"{day.isoformat()}T00:00:00.000Z"
