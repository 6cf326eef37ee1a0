"""Sections on news near a place: acts dated by registers, and changes between the last two snapshots."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from lindero.app.answers.answer import Column, Section, Table
from lindero.app.answers.changes.event_text import event_line, event_values, list_kind_texts, list_place_labels
from lindero.app.answers.changes.events import Event
from lindero.app.answers.changes.near_place import report_labels
from lindero.app.answers.changes.own_land import OWN_LAND
from lindero.app.answers.changes.register_changes import ChangeReport
from lindero.app.answers.changes.register_dates import DatedReport
from lindero.app.answers.coverage import coverage_text
from lindero.app.answers.coverage.coverage import LayerCoverage
from lindero.app.answers.place.topic_search import HOLDER
from lindero.app.text.escape import build_link_key, escape_markdown
from lindero.app.text.i18n import _
from lindero.layers.model.schema import COMMUNITIES, PROTECTED_AREAS


@dataclass(frozen=True)
class DatedNews:
    """The dated acts of a register near a place as events, with `answer`, the coverage of concessions there."""

    report: DatedReport
    events: Sequence[Event]
    answer: LayerCoverage


@dataclass(frozen=True)
class ChangeNews:
    """The events of one register near a place, the nearest first, and `answer`, the coverage of its layer there."""

    report: ChangeReport
    events: Sequence[Event]
    answer: LayerCoverage


def news_sections(dated: DatedNews | None, changed: Sequence[ChangeNews], within_km: float) -> tuple[Section, ...]:
    """Return the sections on news within a distance. `dated` is None where the register states no dates."""
    dated_sections = [] if dated is None else [_dated_section(dated)]
    if changed:
        return (*dated_sections, *(_changed_section(changes, within_km) for changes in changed))
    none = _("Changes cannot be shown: the map does not have two snapshots of any register.")
    return (*dated_sections, Section("changed", _("Changes between the last two snapshots"), none))


def join_news_sections(sections: Iterable[Section], within_km: float, most: int) -> Section:
    """Combine the sections on news into one section of lines, with up to `most` rows per register.

    After acts on the own land there are fewer rows of what is around it.
    """
    lines: list[str] = []
    title = _("Latest changes within {km} km")
    for section in sections:
        if section.key == OWN_LAND:
            title = _("New on this land, and changes within {km} km")
            most = max(1, most // 3) if section.lines else most
        rows = section.table.lines(most) if section.table is not None else ()
        lines += filter(None, (section.finding, *section.lines, *rows, section.note))
    return Section("new", title.format(km=within_km), lines=tuple(lines))


def _dated_section(dated: DatedNews) -> Section:
    is_told = dated.events or dated.answer.is_covered
    finding = escape_markdown(dated.report.finding()) if is_told else coverage_text.none_found_text(dated.answer)
    table = events_table(dated.events) if dated.events else None
    return Section("dated", _("New concessions"), finding, table=table)


def _changed_section(changed: ChangeNews, within_km: float) -> Section:
    labels = report_labels(changed.report)
    title = _("Changes between the last two snapshots")
    if not changed.events:
        return Section("changed", title, coverage_text.no_change_text(changed.answer, {"km": within_km, **labels}))
    text = _("{title}, between {since} and {until}:").format(**labels)
    finding = " ".join(filter(None, (text, coverage_text.partial_coverage_text(changed.answer))))
    return Section("changed", title, finding, table=events_table(changed.events))


def events_table(events: Sequence[Event], caption: str = "") -> Table:
    """Build a table of events, in their order. Columns without any value are left out."""
    columns = {
        "name": Column(_("Name")),
        "dated_on": Column(_("Date"), "date"),
        "what": Column(_("What happened")),
        "communities": Column(_("Overlapping communities")),
        "protected_areas": Column(_("Overlapping protected areas")),
        "area_ha": Column(_("Hectares"), "number"),
        "gained_ha": Column(_("Hectares gained"), "number"),
        "lost_ha": Column(_("Hectares lost"), "number"),
        "before": Column(_("Before")),
        "after": Column(_("Now")),
        "holder": Column(_("Holder or applicant"), link="holder_page"),
    }
    rows = pd.DataFrame([_event_row(event) for event in events], columns=[*columns, "holder_page"])
    is_empty = {name: bool((rows[name].isna() | (rows[name] == "")).all()) for name in columns}
    is_empty["dated_on"] = all(event.since is not None for event in events)  # all have the date of the snapshot
    shown = {name: column for name, column in columns.items() if not is_empty[name]}
    caption = caption or _("What changed, and whose land it overlaps")
    return Table(caption, shown, rows, lambda position: event_line(events[position]))


def _event_row(event: Event) -> dict[str, object]:
    lands = {
        layer.name: "; ".join(list_place_labels(event, layer.name))
        or (_("no data") if layer.name in event.lands_without_data else "")
        for layer in (COMMUNITIES, PROTECTED_AREAS)
    }
    before, after = event_values(event)
    return {
        "name": event.name or event.record_id,
        "dated_on": event.dated_on,
        "what": list_kind_texts(event),
        **lands,
        "area_ha": event.area_ha if event.since is None else None,
        "gained_ha": None if event.gained_ha is None else round(event.gained_ha, 1),
        "lost_ha": None if event.lost_ha is None else round(event.lost_ha, 1),
        "before": before,
        "after": after,
        "holder": event.holder,
        "holder_page": build_link_key(HOLDER, event.holder) if event.holder else "",
    }
