"""The parts of the page on which an operator adds a file: its questions, and what would become of the file."""

import geopandas as gpd
import pandas as pd
import streamlit as st

from app import maps
from app.account import PEOPLE, Ingested
from app.adding import Wishes
from app.i18n import _, number
from app.text import plain
from app.words import word
from layers.schema import LAYERS
from layers.sources.mapping import used_fields
from layers.sources.proposals import Proposal

MOST_DRAWN = 300
_DOT_DEGREES = 0.02  # a point is drawn as a disc, to be seen
_SIMPLER_DEGREES = 0.0005
_ROWS_NAMED = 8


def questions() -> Wishes:
    """Ask what a file seldom says of itself."""
    left, right = st.columns(2)
    with left:
        layer = st.selectbox(
            _("What does it hold?"),
            ["", *LAYERS],
            format_func=lambda name: word(name) if name else _("known by its fields"),
        )
        publisher = st.text_input(_("Who published it?"))
        licence = st.text_input(_("Under which licence, as stated?"))
    with right:
        source = st.text_input(_("Name of the source: the same for each of its dates"))
        day = st.date_input(_("The date that its content stands for"), value="today", format="YYYY-MM-DD")
        crs = st.text_input(_("Coordinate reference system, if the file does not say it"), placeholder="EPSG:32717")
    return Wishes(
        layer=layer,
        publisher=publisher.strip(),
        licence=licence.strip(),
        id=source.strip(),
        crs=crs.strip(),
        snapshot_on=day.isoformat(),
    )


def choices(proposals: tuple[Proposal, ...]) -> tuple[Proposal, ...]:
    """Let the operator choose among proposals; those that are sure are ticked."""
    if not proposals:
        return ()
    st.subheader(_("What the fields may hold"), anchor=False)
    st.write(_("Tick what is right. Each proposal says why, and shows three values."))
    return tuple(
        one
        for one in proposals
        if st.checkbox(
            _("{field} holds: {column} ({why}) – {samples}").format(
                field=plain(one.field), column=word(one.column), why=_(one.why), samples=plain(", ".join(one.samples))
            ),
            value=one.is_sure,
            key=f"proposal-{one.column}-{one.field}",
        )
    )


def outcome(taken: Ingested) -> None:
    """Show what would become of the file's rows, which field fills which column, and where it lies."""
    counts = taken.source.iloc[0]
    st.subheader(_("What would become of it"), anchor=False)
    names = {
        "rows_read": _("Rows received"),
        "rows_kept": _("Kept"),
        "rows_repaired": _("Of these repaired"),
        "rows_rejected": _("Rejected"),
    }
    for column, (name, label) in zip(st.columns(len(names)), names.items(), strict=True):
        column.metric(label, number(counts[name]))
    _table(_reasons(taken), _("Rejected, repaired and noticed, with the rows"))
    _table(_fields(taken), _("Which field fills which column"))
    _drawn(taken)


def _reasons(taken: Ingested) -> pd.DataFrame:
    kinds = (
        (_("rejected"), "reason", taken.rejects),
        (_("repaired"), "repair", taken.repairs),
        (_("noticed"), "finding", taken.findings),
    )
    rows = [
        {
            _("What"): told,
            _("Why"): word(kind),
            _("Rows"): len(some),
            _("Row numbers"): ", ".join(map(str, some["row_number"].head(_ROWS_NAMED)))
            + (" …" if len(some) > _ROWS_NAMED else ""),
        }
        for told, column, frame in kinds
        for kind, some in frame.groupby(column, sort=True)
    ]
    return pd.DataFrame(rows)


def _fields(taken: Ingested) -> pd.DataFrame:
    fields = used_fields(taken.mapping, taken.received)
    private = taken.entry.layer in PEOPLE
    rows = [
        {
            _("Column"): word(column),
            _("Field"): field,
            _("Values"): ""
            if private
            else ", ".join(str(value)[:40] for value in taken.received.rows[field].dropna().head(3)),
        }
        for column, field in fields.items()
    ]
    rows += [
        {_("Column"): word(column), _("Field"): "–", _("Values"): str(value)}
        for column, value in taken.mapping.constants.items()
        if column not in fields
    ]
    return pd.DataFrame(rows)


def _drawn(taken: Ingested) -> None:
    rows = taken.tables[taken.entry.layer]
    if not isinstance(rows, gpd.GeoDataFrame) or rows.geometry.isna().all():
        st.info(_("It has no places to draw."))
        return
    shown = rows[rows.geometry.notna()].head(MOST_DRAWN)
    simple = shown.geometry.simplify(_SIMPLER_DEGREES)
    shapes = simple.where(~simple.geom_type.isin(["Point", "MultiPoint"]), simple.buffer(_DOT_DEGREES))
    maps.show(
        maps.regions(gpd.GeoDataFrame({"region": shown["id"]}, geometry=shapes, crs=rows.crs), {}),
        maps.Choice(),
        key="upload-map",
        height=320,
    )
    st.write(_("Drawn: the first {shown} of {all} rows.").format(shown=number(len(shown)), all=number(len(rows))))
    named = [name for name in ("name", "title", "code", "status", "kind", "area_ha") if name in shown]
    listed = pd.DataFrame(shown[named]).rename(columns=word)
    _table(listed, _("The rows that are drawn"))


def _table(rows: pd.DataFrame, alt: str) -> None:
    if not rows.empty:
        st.dataframe(rows, hide_index=True, alt=alt)
