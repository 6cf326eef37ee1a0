"""The parts of *Companies and holders* before one is selected: holders on land near attacks or conflicts."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import geopandas as gpd
import pandas as pd
import streamlit as st

from lindero.app.answers import provenance
from lindero.app.answers.answer import Figure, doubts_section, finding_section
from lindero.app.answers.coverage.reach import Reach
from lindero.app.answers.holder_spellings import Holder
from lindero.app.answers.overlap.attacked_lands import KM, LAYERS, AttackedLands
from lindero.app.answers.overlap.report import Overlaps
from lindero.app.media.design import BLUE, ORANGE, VERMILION
from lindero.app.media.pages import columns, links
from lindero.app.media.pages.current import map_layers
from lindero.app.media.pages.downloads import citation
from lindero.app.media.pages.error_message import show_errors
from lindero.app.media.pages.frame import order, page
from lindero.app.media.pages.maps import map_picture
from lindero.app.media.pages.maps.areas import Look
from lindero.app.media.pages.provenance_panel import show_provenance
from lindero.app.media.pages.tables import lists
from lindero.app.text.escape import escape_markdown
from lindero.app.text.i18n import _, format_number

ALL_HOLDERS = "all"  # value in the address
COMMAND = ("lindero", "holders", "--format", "json")


def ask_holder(holders: Mapping[str, Holder]) -> Holder | None:
    """Show controls for a holder; None means all of them, an option if the map has a record of attacks."""
    names = {code: holder.name for code, holder in holders.items()}
    if not map_layers.record().incidents.empty:
        names = {ALL_HOLDERS: _("Holders on community land near recorded events")} | names
    return holders.get(page.select_option(_("Holder"), list(names), names.__getitem__))


def show_attacked_lands() -> None:
    """Show the holders of concessions on the land of communities near attacks or conflicts."""
    finding, picture, rows, method = order.create_parts("finding", "picture", "rows", "method")
    with finding, show_errors(), st.spinner(_("Measuring land by holder …")):
        attacked_lands = map_layers.attacked_lands()
    figures: dict[str, str] = {
        _("Holders"): format_number(attacked_lands.rows["holder"].nunique()),
        _("Communities with these holders' concessions"): format_number(attacked_lands.rows["community_id"].nunique()),
        _("Communities with attacks within {km} km").format(km=KM): _count_lands(attacked_lands, "attacks"),
        _("Communities with conflicts within {km} km").format(km=KM): _count_lands(attacked_lands, "conflicts"),
    }
    shown_figures = {label: Figure(value) for label, value in figures.items()} if attacked_lands.communities else None
    *limits, innocence = attacked_lands.list_limits() or [""]
    order.show_finding(
        finding,
        finding_section(escape_markdown(attacked_lands.finding()), [escape_markdown(innocence)], shown_figures),
        doubts_section(map(escape_markdown, limits)),
    )
    if attacked_lands.communities:
        with picture:
            _draw_map(attacked_lands)
    if len(attacked_lands.rows):
        with rows:
            _show_table(attacked_lands)
            lists.offer_csv(attacked_lands.rows, "holders-by-community.csv")
    with method:
        sources = map_layers.cite_sources(LAYERS)
        citation.show_citation(escape_markdown(attacked_lands.finding()), sources, COMMAND)
        method_record = provenance.Provenance(
            "holders", {"km": KM}, sources, COMMAND, coverage=[attacked_lands.covered.to_dict()]
        )
        show_provenance(method_record, attacked_lands.rows)


def _count_lands(attacked_lands: AttackedLands, kind: str) -> str:
    """Return the number of communities with events of a kind nearby, at least and at most; a 0 may not be known."""
    lands = attacked_lands.lands
    least, most = (int(lands[name].fillna(0).gt(0).sum()) for name in (kind, f"{kind}_most"))
    return _("not known") if not most and lands[kind].isna().any() else _format_range(least, most)


def _draw_map(attacked_lands: AttackedLands) -> None:
    """Draw the communities in three classes: certainly near attacks, certainly near conflicts, possibly near one."""
    looks = [
        Look("attacks", _("attack within {km} km").format(km=KM), VERMILION, "crossed"),
        Look("conflicts", _("conflict within {km} km").format(km=KM), BLUE, "level"),
        Look("possible", _("perhaps: only the area of the event is known"), ORANGE, "rising"),
    ]
    text = _("attacks: {attacks}; conflicts: {conflicts}")
    rows = attacked_lands.lands.drop(columns="geometry").to_dict("records")
    shapes = gpd.GeoDataFrame(
        {
            "name": attacked_lands.lands["name"].fillna(attacked_lands.lands["id"]).to_numpy(),
            "said": [
                text.format(**{kind: _count_text(row, kind) for kind in ("attacks", "conflicts")}) for row in rows
            ],
            "look": [
                next((kind for kind in ("attacks", "conflicts") if pd.notna(row[kind]) and row[kind]), "possible")
                for row in rows
            ],
        },
        geometry=attacked_lands.lands.geometry.to_numpy(),
        crs=attacked_lands.lands.crs,
    )
    title = (
        _("Communities near attacks or conflicts")
        if attacked_lands.may_have_attacks
        else _("Communities near conflicts")
    )
    finding = attacked_lands.finding()
    map_picture.show_map_with_picture(
        shapes, looks, title=title, finding=finding, layers=LAYERS, key="holders", underneath=["concessions"], about=60
    )


def _count_text(row: Mapping[Hashable, Any], kind: str) -> str:
    """Return a number of events near a community, at least and at most; what is not known is never 0."""
    least, most = row[kind], row[f"{kind}_most"]
    if pd.isna(least):
        return _("not known") if pd.isna(most) else _("perhaps {n}").format(n=format_number(most))
    text = _format_range(least, most)
    return _("at least {n}").format(n=text) if row[f"{kind}_unknown"] else text


def _format_range(least: int, most: int) -> str:
    return (
        format_number(least)
        if least == most
        else _("{least} to {most}").format(least=format_number(least), most=format_number(most))
    )


def _show_table(attacked_lands: AttackedLands) -> None:
    rows = attacked_lands.rows
    records = rows.to_dict("records")
    columns.show_table(
        rows.assign(
            community=rows["community"].fillna(rows["community_id"]),
            page=links.build_addresses("community", rows["community_id"]),
            holder_page=links.holder_addresses(rows["holder"]),
            footprint_ha=rows["footprint_ha"].round(1),
            **{kind: [_count_text(row, kind) for row in records] for kind in ("attacks", "conflicts")},
        ),
        alt=_("Holders and communities, most land first"),
        holder=columns.text_column(_("Holder"), link="holder_page"),
        community=columns.text_column(_("Community"), link="page"),
        footprint_ha=columns.number_column(_("Hectares, each counted once")),
        concessions=columns.number_column(_("Concessions")),
        attacks=columns.text_column(_("Attacks within {km} km").format(km=KM), sort_by="attacks_most"),
        conflicts=columns.text_column(_("Conflicts within {km} km").format(km=KM), sort_by="conflicts_most"),
    )


def show_method(
    finding: str, spellings: Sequence[str], overlaps_by_layer: Mapping[str, Overlaps], covered: Mapping[str, Reach]
) -> None:
    """Show how the figures on one holder are computed, with a text to cite and the command."""
    sources = map_layers.cite_sources(["concessions", *overlaps_by_layer])
    named = [part for spelling in spellings for part in ("--left-where", f"holder={spelling}")]
    options = overlaps_by_layer["communities"].options()
    command = ["lindero", "overlaps", "concessions", "communities", *named, *options, "--format", "json"]
    citation.show_citation(finding, sources, command)
    similar = _(
        "Similar names were treated as one holder. Check the spellings, and separate them if "
        "they are different holders."
    )
    areas = _("The command covers communities' land. For protected areas, replace communities with protected_areas.")
    show_provenance(
        provenance.Provenance(
            method="overlaps",
            parameters={"spellings": list(spellings)},
            sources=sources,
            command=command,
            coverage=[reach.to_dict() for reach in covered.values()],
            limits=[similar, areas],
        )
    )
