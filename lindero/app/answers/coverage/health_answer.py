"""A section on how current the sources are, for readers, with what to do for operators."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lindero.app.answers.answer import Column, Section, Table
from lindero.app.pipeline.collect.health import STATE_NAMES
from lindero.app.text.i18n import _, format_long_date
from lindero.layers.watch.source_checks import CURRENT

if TYPE_CHECKING:
    import datetime as dt

    from lindero.app.pipeline.collect.health import SourceHealth


def health_section(sources: Sequence[SourceHealth], *, is_operator: bool) -> Section:
    """Build the section on the latest checks of the sources. Reasons and advice are for operators only."""
    import pandas as pd

    sources = sorted(sources, key=lambda source: source.state == CURRENT)  # those that need somebody first
    behind = [source for source in sources if source.state != CURRENT]
    text = _("Not up to date: {n} of {all} sources. The map keeps their last complete data.")
    rows = pd.DataFrame(
        {
            "title": [source.title for source in sources],
            "checked": [format_long_date(source.check.checked_at.date()) for source in sources],
            "checked_at": [pd.Timestamp(source.check.checked_at).tz_localize(None) for source in sources],
            "state": [_(STATE_NAMES[source.state]) for source in sources],
            "since": [source.not_updated_since for source in sources],
            "newest": [
                format_long_date(day) if (day := source.check.newest_on) else _("not stated") for source in sources
            ],
            "reason": [source.reason for source in sources],
            "advice": [source.advice for source in sources],
        }
    )
    columns = {
        "title": Column(_("Source")),
        "state": Column(_("State"), note="since"),
        "checked": Column(_("Last checked"), sort_column="checked_at"),
        "newest": Column(_("Newest date in the data")),
    }
    if is_operator and behind:
        columns["advice"] = Column(_("What to do"), note="reason")
    return Section(
        "health",
        _("Are the sources up to date?"),
        text.format(n=len(behind), all=len(sources))
        if behind
        else _("Yes: the last check of each source was complete."),
        table=Table(_("The last check of each source"), columns, rows),
    )


def _date_text(date: dt.date | None) -> str:
    return _("not stated") if date is None else format_long_date(date)
