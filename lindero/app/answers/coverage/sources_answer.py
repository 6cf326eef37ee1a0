"""Answer about the sources of a map: their publishers, the outcome of their rows, and the limits of the map."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from lindero.app.answers.answer import Answer, Column, Figure, Section, Table, finding_section
from lindero.app.text.codes import translate_code
from lindero.app.text.dates import reference_date_text
from lindero.app.text.escape import escape_markdown
from lindero.app.text.i18n import _, format_long_date, format_number, ngettext
from lindero.layers.errors import N_
from lindero.layers.reference import base_data

if TYPE_CHECKING:
    import pandas as pd

    from lindero.app.answers.coverage.coverage import Coverage
    from lindero.layers.database.map_database import Source


GENERAL_LIMITS = (
    N_("Where no attack is on record, there may still have been attacks: people are afraid, or nobody asked."),
    N_("Where no boundary is on record, there may be community land: many lands are not titled or not mapped."),
    N_(
        "Boundaries are only as accurate as they were drawn. An overlap is certain only if it remains after "
        "both areas are shrunk by their accuracy."
    ),
    N_(
        "Gross hectares add up all overlaps. Footprint hectares count each piece of ground once, so only "
        "they measure an area of land."
    ),
    N_("A concession is a right on paper. It does not mean that anybody is digging, drilling or felling trees there."),
    N_("The map is as old as its sources: see their dates above."),
)


LIMITS_BY_COUNT: Mapping[str, Callable[[int], str]] = {  # key: the quantity counted
    "communities_without_land": lambda n: ngettext(
        "{n} community is known only as a point: the map cannot show what is on its land.",
        "{n} communities are known only as points: the map cannot show what is on their land.",
        n,
    ),
    "communities_without_place": lambda n: ngettext(
        "{n} community has no recorded location. It is listed but not mapped: it is not known what is on "
        "or near its land.",
        "{n} communities have no recorded location. They are listed but not mapped: it is not known what "
        "is on or near their land.",
        n,
    ),
    "communities_without_consultation": lambda n: ngettext(
        "{n} community has no consultation on record. This does not mean that no consultation was held. "
        "Nor does it mean that the rules ask for one.",
        "{n} communities have no consultation on record. This does not mean that no consultation was "
        "held. Nor does it mean that the rules ask for one.",
        n,
    ),
    "incidents_without_place": lambda n: ngettext(
        "{n} attack or conflict has no recorded location. It is counted but not on the map.",
        "{n} attacks and conflicts have no recorded location. They are counted but not on the map.",
        n,
    ),
    "titles_without_holder": lambda n: ngettext(
        "{n} concession does not state its holder.", "{n} concessions do not state their holder.", n
    ),
    "titles_without_date": lambda n: ngettext(
        "{n} concession has no date on record.", "{n} concessions have no date on record.", n
    ),
    "titles_of_unknown_state": lambda n: ngettext(
        "The status of {n} concession is not known: it may not be in force.",
        "The status of {n} concessions is not known: they may not be in force.",
        n,
    ),
    "boundaries_of_unknown_accuracy": lambda n: ngettext(
        "The accuracy of {n} boundary is not stated: 50 m is assumed.",
        "The accuracy of {n} boundaries is not stated: 50 m is assumed.",
        n,
    ),
}


def list_limits(unknown: Mapping[str, int]) -> list[str]:
    """Return the limits of the map as sentences, the general ones first.

    The counts come from `map_queries.count_unknown`.
    """
    absent = {
        "incidents": _("This map has no attacks on record, so it says nothing about violence."),
        "communities": _("This map has no communities on record, so it says nothing about whose land it is."),
    }
    return [
        *map(_, GENERAL_LIMITS),
        *(text for name, text in absent.items() if not unknown[name]),
        *(
            text(count).format(n=format_number(count))
            for name, text in LIMITS_BY_COUNT.items()
            if (count := unknown[name])
        ),
    ]


def sources_answer(
    sources: Sequence[Source], covered: Coverage, account: pd.DataFrame, unknown: Mapping[str, int]
) -> Answer:
    """Build the answer about the sources and the background of a map.

    `account`: outcomes of rows, as `app.answers.coverage.source_report.count_row_outcomes` counts them. `unknown`:
    counts of unknown values, as `map_queries.count_unknown` returns them.
    """
    background = [
        [source.title, source.publisher, translate_code(source.licence)] for source in base_data.load_sources()
    ]
    return Answer(
        _("Sources and limits"),
        sections=(
            *([rows_section(sources)] if sources else []),
            Section(
                "sources",
                _("What this map is made of"),
                _("Every row received was kept or rejected. A map is built only if these numbers add up."),
                table=_sources_table(sources, covered) if sources else None,
                note="" if sources else _("This map has no sources yet."),
            ),
            _account_section(account),
            Section("limits", _("Limits"), lines=tuple(list_limits(unknown))),
            Section(
                "background",
                _("The basemap"),
                lines=tuple(" · ".join(map(escape_markdown, row)) for row in background),
            ),
        ),
    )


def rows_section(sources: Sequence[Source]) -> Section:
    """Return a section with the number of sources and the outcome of their rows."""
    labels = {_("Rows received"): "rows_read", _("Kept"): "rows_kept", _("Rejected"): "rows_rejected"}
    sums = {name: format_number(sum(getattr(source, name) for source in sources)) for name in labels.values()}
    text = ngettext(
        "{n} source: {read} rows received, {kept} kept, {rejected} rejected.",
        "{n} sources: {read} rows received, {kept} kept, {rejected} rejected.",
        len(sources),
    )
    count = format_number(len(sources))
    read, accepted, rejected = sums.values()
    figures = {_("Sources"): Figure(count)} | {label: Figure(sums[name]) for label, name in labels.items()}
    return finding_section(text.format(n=count, read=read, kept=accepted, rejected=rejected), figures=figures)


def source_rows(sources: Sequence[Source], covered: Coverage) -> pd.DataFrame:
    """Return the sources as rows, with translated codes.

    `covers` is the area of each source, `days` its period, and `state` its state on the map.
    """
    import pandas as pd

    from lindero.app.answers.coverage.coverage_text import source_area_text, source_period_text
    from lindero.app.answers.coverage.source_report import accuracy_text

    return pd.DataFrame([asdict(source) for source in sources]).assign(
        layer=[translate_code(source.layer) for source in sources],
        licence=[translate_code(source.licence) for source in sources],
        covers=[source_area_text(covered, source) if source.is_current else "" for source in sources],
        days=[source_period_text(covered, source) if source.is_current else "" for source in sources],
        accuracy=[accuracy_text(source) for source in sources],
        state=[_state_text(source) for source in sources],
        snapshot_on=[reference_date_text(source.as_of) for source in sources],
    )


def _sources_table(sources: Sequence[Source], covered: Coverage) -> Table:
    import pandas as pd

    return Table(
        _("Sources, and what happened to their rows"),
        {
            "title": Column(_("Source"), note="layer"),
            "publisher": Column(_("Publisher and licence"), note="licence"),
            "snapshot_on": Column(_("Date of the data"), sort_column="as_of", note="received"),
            "rows_read": Column(_("Rows received"), "number", note="became"),
            "accuracy": Column(_("Accuracy of its boundaries")),
            "covers": Column(_("Where it has data"), note="days"),
            "state": Column(_("On the map")),
        },
        source_rows(sources, covered).assign(
            as_of=pd.Series([source.as_of for source in sources], dtype="datetime64[s]"),
            received=[_dates_text(source) for source in sources],
            became=[_outcome_text(source) for source in sources],
        ),
    )


def _dates_text(source: Source) -> str:
    """Return as text when a source was published, if that is stated, and when it was received."""
    retrieved_on = source.retrieved_on
    received = _("received: {day}").format(day=format_long_date(retrieved_on) if retrieved_on else _("date not stated"))
    if not source.published_on:
        return received
    return "; ".join([_("published: {day}").format(day=format_long_date(source.published_on)), received])


def _outcome_text(source: Source) -> str:
    """Return the outcome of a source's rows as text."""
    counts = {
        _("{n} kept"): source.rows_kept,
        _("{n} of these repaired"): source.rows_repaired,
        _("{n} rejected"): source.rows_rejected,
    }
    return ", ".join(text.format(n=format_number(count)) for text, count in counts.items() if count)


def _state_text(source: Source) -> str:
    text = _("yes") if source.is_current else _("no, there is a later snapshot")
    return _("{told} (invented data)").format(told=text) if source.invented else text


def _account_section(account: pd.DataFrame) -> Section:
    """Return a section on rejected, repaired and noticed rows of the sources, with reasons."""
    title = _("Rows rejected, repaired or flagged")
    if account.empty:
        return Section("account", title, _("Every row was kept unchanged."))
    outcomes = {"rejects": _("rejected"), "repairs": _("repaired"), "findings": _("flagged")}
    table = Table(
        _("Rows rejected, repaired or flagged, by source"),
        {
            "title": Column(_("Source")),
            "snapshot_on": Column(_("As of"), "date"),
            "what": Column(_("What happened")),
            "why": Column(_("Why")),
            "rows": Column(_("Rows"), "number"),
        },
        account.assign(what=account["what"].map(outcomes), why=account["why"].map(translate_code)),
    )
    return Section(
        "account", title, table=table, note=_("`lindero report` lists each of these rows with the values received.")
    )
