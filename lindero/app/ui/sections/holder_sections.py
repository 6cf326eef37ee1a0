"""The parts of *Companies and holders* before one is selected: holders on the land of attacked communities."""

from collections.abc import Mapping, Sequence

import geopandas as gpd
import streamlit as st

from lindero.app.answers.answer import Figure, doubts_section, finding_section
from lindero.app.answers.coverage.reach import Reach
from lindero.app.answers.holder_spellings import Holder
from lindero.app.answers.overlap.attacked_lands import KM, LAYERS, AttackedLands
from lindero.app.answers.overlap.report import Overlaps
from lindero.app.current import map_layers
from lindero.app.output import provenance
from lindero.app.renderers import columns, links
from lindero.app.text.escape import escape_markdown
from lindero.app.text.i18n import _, format_number
from lindero.app.ui.downloads import citation
from lindero.app.ui.error_message import show_errors
from lindero.app.ui.frame import order, page
from lindero.app.ui.maps import map_picture
from lindero.app.ui.maps.areas import Look
from lindero.app.ui.provenance_panel import show_provenance
from lindero.app.ui.tables import lists

ALL_HOLDERS = "all"  # value in the address
COMMAND = ("lindero", "holders", "--format", "json")


def ask_holder(holders: Mapping[str, Holder]) -> Holder | None:
    """Show controls for a holder; None means all of them, an option if the map has a record of attacks."""
    names = {code: holder.name for code, holder in holders.items()}
    if not map_layers.record().incidents.empty:
        names = {ALL_HOLDERS: _("All holders on the land of attacked communities")} | names
    return holders.get(page.select_option(_("Holder"), list(names), names.__getitem__))


def show_attacked_lands() -> None:
    """Show the holders of concessions on the land of communities near attacks or conflicts."""
    finding, picture, rows, method = order.create_parts("finding", "picture", "rows", "method")
    with finding, show_errors(), st.spinner(_("Measuring land by holder …")):
        attacked_lands = map_layers.attacked_lands()
    figures: dict[str, str] = {
        _("Holders"): format_number(attacked_lands.rows["holder"].nunique()),
        _("Communities with these holders' concessions"): format_number(attacked_lands.rows["community_id"].nunique()),
        _("Communities near attacks or conflicts"): format_number(attacked_lands.communities),
        _("Of these, near attacks at a known place"): format_number(attacked_lands.lands_with_attack),
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
            lists.offer_csv(attacked_lands.rows, "holders-on-attacked-land.csv")
    with method:
        sources = provenance.current_sources(map_layers.sources(), LAYERS)
        citation.show_citation(escape_markdown(attacked_lands.finding()), sources, COMMAND)
        method_record = provenance.Provenance(
            "holders", {"km": KM}, sources, COMMAND, coverage=[attacked_lands.covered.to_dict()]
        )
        show_provenance(method_record, attacked_lands.rows)


def _draw_map(attacked_lands: AttackedLands) -> None:
    """
    Draw the communities in two classes.

    They are near an attack at a known place, or near a conflict or an attack with an approximate place.
    """
    looks = [
        Look("attacked", _("attack at a known place"), "#D55E00", "crossed"),
        Look("other", _("conflict, or attack with only its district known"), "#E69F00", "rising"),
    ]
    text = _("attacks: {attacks}; conflicts: {conflicts}")
    ranges = [
        {name: _format_range(row[name], row[f"{name}_most"]) for name in ("attacks", "conflicts")}
        for row in attacked_lands.lands.drop(columns="geometry").to_dict("records")
    ]
    shapes = gpd.GeoDataFrame(
        {
            "name": attacked_lands.lands["name"].fillna(attacked_lands.lands["id"]).to_numpy(),
            "said": [text.format(**counts) for counts in ranges],
            "look": ["attacked" if count else "other" for count in attacked_lands.lands["attacks"]],
        },
        geometry=attacked_lands.lands.geometry.to_numpy(),
        crs=attacked_lands.lands.crs,
    )
    title = _("Communities near attacks or conflicts")
    finding = attacked_lands.finding()
    map_picture.show_map_with_picture(
        shapes, looks, title=title, finding=finding, layers=LAYERS, key="holders", underneath=["concessions"], about=60
    )


def _format_range(least: int, most: int) -> str:
    return (
        format_number(least)
        if least == most
        else _("{least} to {most}").format(least=format_number(least), most=format_number(most))
    )


def _show_table(attacked_lands: AttackedLands) -> None:
    rows = attacked_lands.rows
    columns.show_table(
        rows.assign(
            community=rows["community"].fillna(rows["community_id"]),
            page=links.build_addresses("community", rows["community_id"]),
            holder_page=links.holder_addresses(rows["holder"]),
            footprint_ha=rows["footprint_ha"].round(1),
        ),
        alt=_("Holders and communities, most land first"),
        holder=columns.text_column(_("Holder"), link="holder_page"),
        community=columns.text_column(_("Community"), link="page"),
        footprint_ha=columns.number_column(_("Hectares, each counted once")),
        concessions=columns.number_column(_("Concessions")),
        attacks=columns.number_column(_("Attacks within {km} km").format(km=KM), between=("attacks", "attacks_most")),
        conflicts=columns.number_column(
            _("Conflicts within {km} km").format(km=KM), between=("conflicts", "conflicts_most")
        ),
    )


def show_method(
    finding: str, spellings: Sequence[str], overlaps_by_layer: Mapping[str, Overlaps], covered: Mapping[str, Reach]
) -> None:
    """Show how the figures on one holder are computed, with a text to cite and the command."""
    sources = provenance.current_sources(map_layers.sources(), ["concessions", *overlaps_by_layer])
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
