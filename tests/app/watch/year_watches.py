"""The watches of the simulated year, which together cover the country, and which planted changes each must tell."""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from itertools import count, takewhile

from lindero.layers.watch.watches_file import Watch
from tests.app.watch.country import COMMUNITY, GROUPS, POLYGON, REGION, WATCHED_HOLDERS, Change, list_communities
from tests.app.watch.invented_workspace import watched_polygon

CASE = "case"
_FEW = 3  # communities in the smallest watch


def list_watches(created_on: dt.date) -> list[Watch]:
    """Return the watches. Each planted change is in the area of at least one of them."""
    lands: dict[str, list[str]] = {}
    for code, region, _number, _shape in list_communities():
        lands.setdefault(region, []).append(f"community/communities/{code}")
    watches = [
        Watch("Áncash", ("region/PE-ANC",), frequency="each_run", form="text"),
        Watch("Apurímac y Puno", ("region/PE-APU", "region/PE-PUN")),
        Watch("Ayacucho", ("region/PE-AYA",), form="text"),
        Watch("Cajamarca", ("region/PE-CAJ",), frequency="monthly", form="text", language="en"),
        Watch("Comunidades de Cusco", tuple(lands["PE-CUS"]), frequency="monthly", form="text"),
        Watch("Comunidades de Junín", tuple(lands["PE-JUN"])),
        Watch("Comunidades de Lima", tuple(lands["PE-LIM"]), form="text"),
        Watch("Tres comunidades", tuple(lands["PE-AYA"][:_FEW]), frequency="monthly", form="sms"),
        Watch("Titulares", tuple(f"holder/{name}" for name in WATCHED_HOLDERS), form="text"),
        Watch("Área propia", ("polygon",), polygon=watched_polygon().wkt, frequency="monthly", form="text"),
        Watch("Solo nuevas", ("region/PE-CAJ",), kinds=("new", "deadline"), frequency="each_run", form="sms"),
    ]
    return [replace(watch, created_on=created_on, confirmed_on=created_on) for watch in watches]


def must_tell(watch: Watch, change: Change) -> bool:
    """Return whether a watch must tell a planted change, decided from the plan alone."""
    if watch.kinds and change.kind not in watch.kinds:
        return False
    kind = watch.areas[0].partition("/")[0]
    if kind == REGION:
        return f"region/{change.region}" in watch.areas
    if change.kind == CASE:  # a case has no place but its region
        return False
    if kind == COMMUNITY:
        return f"community/communities/CC-{change.region[3:]}-{change.land}" in watch.areas
    if kind == POLYGON:
        return GROUPS[change.region] == POLYGON
    return any(f"holder/{name}" in watch.areas for name in change.holders)


def promised_dates(watch: Watch, run_dates: Iterable[dt.date], news: Collection[str]) -> list[str]:
    """
    Return the ids of the digests that a watch must have, decided from the dates of the runs alone.

    A watch of each run has one seven days after the last, with news or without, and sooner only on dates with `news`.
    """
    dates, last, digests = list(run_dates), watch.created_on, list[str]()
    if watch.frequency == "each_run":
        for date in dates:
            if date - last >= dt.timedelta(days=7) or date.isoformat() in news:
                digests.append(date.isoformat())
                last = date
        return digests
    promised = list(takewhile(lambda date: date <= dates[-1], _iter_promises(watch)))
    latest = [max((promise for promise in promised if promise <= date), default=None) for date in dates]
    return sorted({promise.isoformat() for promise in latest if promise})


def _iter_promises(watch: Watch) -> Iterator[dt.date]:
    first = watch.created_on
    for number in count(1):
        if watch.frequency == "weekly":
            yield first + dt.timedelta(weeks=number)
        else:
            months = first.year * 12 + first.month - 1 + number
            yield first.replace(year=months // 12, month=months % 12 + 1)
