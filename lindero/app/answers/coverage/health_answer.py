"""A section on how current the sources are, for readers, with what to do for operators."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lindero.app.answers.answer import Column, Section, Table
from lindero.app.answers.coverage.health import STATE_NAMES
from lindero.app.text.i18n import _, format_long_date, ngettext
from lindero.layers.watch.source_checks import CURRENT

if TYPE_CHECKING:
    from lindero.app.answers.coverage.health import SourceHealth


def health_section(sources: Sequence[SourceHealth], *, unchecked: int, is_operator: bool) -> Section:
    """Build the section on the latest checks of the sources. Reasons and advice are for operators only.

    `unchecked` is the number of the map's other sources, which nobody checks for newer data.
    """
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
    finding = (
        text.format(n=len(behind), all=len(sources)) if behind else _("The last check of these sources was complete.")
    )
    rest = ngettext(
        "{n} other source is not checked for newer data: see its date above.",
        "{n} other sources are not checked for newer data: see their dates above.",
        unchecked,
    )
    return Section(
        "health",
        _("Are the sources up to date?"),
        f"{finding} {rest.format(n=unchecked)}" if unchecked else finding,
        table=Table(_("The last check of each source"), columns, rows),
    )
