"""The answer on the sources of a map: whose they are, what became of their rows, and what the map cannot say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from lindero.app.answers.answer import Answer, Column, Figure, Section, Table, finding_section
from lindero.app.answers.coverage.limits import limits
from lindero.app.text.codes import word
from lindero.app.text.dates import as_of
from lindero.app.text.escape import plain
from lindero.app.text.i18n import _, date, ngettext, number
from lindero.layers.reference import base_data

if TYPE_CHECKING:
    import pandas as pd

    from lindero.app.answers.coverage.coverage import Coverage
    from lindero.layers.database.map_database import Source


def sources_answer(
    sources: Sequence[Source], covered: Coverage, account: pd.DataFrame, unknown: Mapping[str, int]
) -> Answer:
    """
    Compose the answer, on the sources and the background of a map.

    Parameters
    ----------
    account
        What happened to rows, as `app.pipeline.source_report.account` counts it.
    unknown
        Counts of what is not known, as `map_queries.unknown` gives them.
    """
    background = [[source.title, source.publisher, word(source.licence)] for source in base_data.sources()]
    return Answer(
        _("Sources and limits"),
        sections=(
            *([rows_section(sources)] if sources else []),
            Section(
                "sources",
                _("What this map is made of"),
                _("Every row received was kept or rejected: the numbers add up, or there would be no map."),
                table=_sources_table(sources, covered) if sources else None,
                note="" if sources else _("This map has no sources yet."),
            ),
            _account_section(account),
            Section("limits", _("What it cannot say"), lines=tuple(limits(unknown))),
            Section("background", _("The background"), lines=tuple(" · ".join(map(plain, row)) for row in background)),
        ),
    )


def rows_section(sources: Sequence[Source]) -> Section:
    """Return of how many sources a map is made, and what became of their rows."""
    labels = {_("Rows received"): "rows_read", _("Kept"): "rows_kept", _("Rejected"): "rows_rejected"}
    sums = {name: number(sum(getattr(source, name) for source in sources)) for name in labels.values()}
    text = ngettext(
        "{n} source: {read} rows received, {kept} kept, {rejected} rejected.",
        "{n} sources: {read} rows received, {kept} kept, {rejected} rejected.",
        len(sources),
    )
    count = number(len(sources))
    read, kept, rejected = sums.values()
    figures = {_("Sources"): Figure(count)} | {label: Figure(sums[name]) for label, name in labels.items()}
    return finding_section(text.format(n=count, read=read, kept=kept, rejected=rejected), figures=figures)


def source_rows(sources: Sequence[Source], covered: Coverage) -> pd.DataFrame:
    """Return the sources as rows, codes in words: where each `covers`, of which `days`, and its `state` on the map."""
    import pandas as pd

    from lindero.app.answers.coverage.coverage_text import days_of_source, of_source
    from lindero.app.pipeline.source_report import accuracy_of

    return pd.DataFrame([asdict(source) for source in sources]).assign(
        layer=[word(source.layer) for source in sources],
        licence=[word(source.licence) for source in sources],
        covers=[of_source(covered, source) if source.is_current else "" for source in sources],
        days=[days_of_source(covered, source) if source.is_current else "" for source in sources],
        accuracy=[accuracy_of(source) for source in sources],
        state=[_state(source) for source in sources],
        snapshot_on=[as_of(source.as_of) for source in sources],
    )


def _sources_table(sources: Sequence[Source], covered: Coverage) -> Table:
    import pandas as pd

    return Table(
        _("Sources, with what became of their rows"),
        {
            "title": Column(_("Source"), note="layer"),
            "publisher": Column(_("Publisher and licence"), note="licence"),
            "snapshot_on": Column(_("Date of the data"), by="as_of", note="received"),
            "rows_read": Column(_("Rows received"), "number", note="became"),
            "accuracy": Column(_("How exact its boundaries are")),
            "covers": Column(_("Where it has data"), note="days"),
            "state": Column(_("On the map")),
        },
        source_rows(sources, covered).assign(
            as_of=pd.Series([source.as_of for source in sources], dtype="datetime64[s]"),
            received=[_received(source) for source in sources],
            became=[_became(source) for source in sources],
        ),
    )


def _received(source: Source) -> str:
    """Return in words when a source was published, if that is stated, and when it was received."""
    day = source.retrieved_on
    received = _("received on {day}").format(day=date(day) if day else _("a day that nobody states"))
    if not source.published_on:
        return received
    return "; ".join([_("published on {day}").format(day=date(source.published_on)), received])


def _became(source: Source) -> str:
    """Return what became of the rows of a source."""
    told = {
        _("{n} kept"): source.rows_kept,
        _("{n} of these repaired"): source.rows_repaired,
        _("{n} rejected"): source.rows_rejected,
    }
    return ", ".join(text.format(n=number(count)) for text, count in told.items() if count)


def _state(source: Source) -> str:
    told = _("yes") if source.is_current else _("no, there is a later one")
    return _("{told} (invented)").format(told=told) if source.invented else told


def _account_section(account: pd.DataFrame) -> Section:
    """Return what happened to rows of the sources, and why."""
    title = _("What was rejected, repaired and noticed")
    if account.empty:
        return Section("account", title, _("Nothing: every row was kept as it came."))
    what = {"rejects": _("rejected"), "repairs": _("repaired"), "findings": _("noticed")}
    table = Table(
        _("What was rejected, repaired and noticed, by source"),
        {
            "title": Column(_("Source")),
            "snapshot_on": Column(_("As of"), "date"),
            "what": Column(_("What happened")),
            "why": Column(_("Why")),
            "rows": Column(_("Rows"), "number"),
        },
        account.assign(what=account["what"].map(what), why=account["why"].map(word)),
    )
    return Section("account", title, table=table, note=_("`lindero report` names every row, with what was received."))
