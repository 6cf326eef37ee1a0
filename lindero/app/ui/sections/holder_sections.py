"""The parts of *Companies and holders* before one is chosen: who holds concessions where people were attacked."""

from collections.abc import Mapping

import geopandas as gpd
import streamlit as st

from lindero.app.answers.answer import Figure, finding_section
from lindero.app.answers.holder_spellings import Holder
from lindero.app.answers.overlap.attacked_lands import KM, LAYERS, AttackedLands
from lindero.app.current import map_layers
from lindero.app.output import provenance
from lindero.app.renderers import columns, links
from lindero.app.text.escape import plain
from lindero.app.text.i18n import _, number
from lindero.app.ui.downloads import citation
from lindero.app.ui.error_message import explained
from lindero.app.ui.frame import order, page
from lindero.app.ui.maps import map_picture
from lindero.app.ui.maps.areas import Look
from lindero.app.ui.provenance_panel import show_provenance
from lindero.app.ui.tables import lists

EVERY = "all"  # in the address
COMMAND = ("lindero", "holders", "--format", "json")


def ask(holders: Mapping[str, Holder]) -> Holder | None:
    """Ask for a holder, by code; None for all of them, where the map has a record of attacks."""
    names = {code: holder.name for code, holder in holders.items()}
    if not map_layers.record().incidents.empty:
        names = {EVERY: _("All: on the land of attacked communities")} | names
    return holders.get(page.chosen(_("Holder"), list(names), names.__getitem__))


def show_attacked_lands() -> None:
    """Answer who holds concessions on the land of communities near attacks or conflicts."""
    finding, picture, rows, method = order.parts("finding", "picture", "rows", "method")
    with finding, explained(), st.spinner(_("Measuring land by holder …")):
        found = map_layers.attacked_lands()
    figures: dict[str, str] = {
        _("Holders"): number(found.rows["holder"].nunique()),
        _("Communities with their concessions"): number(found.rows["community_id"].nunique()),
        _("Communities near attacks or conflicts"): number(found.communities),
        _("Of these near attacks at a known place"): number(found.attacked),
    }
    told = {label: Figure(value) for label, value in figures.items()} if found.communities else None
    order.say(finding, finding_section(plain(found.finding()), [plain(found.besides())], told))
    if found.communities:
        with picture:
            _map(found)
    if len(found.rows):
        with rows:
            _table(found)
            lists.download(found.rows, "holders-on-attacked-land.csv")
    with method:
        sources = provenance.sources_of(map_layers.sources(), LAYERS)
        citation.show(plain(found.finding()), sources, COMMAND)
        made = provenance.Made("holders", {"km": KM}, sources, COMMAND, coverage=[found.covered.as_dict()])
        show_provenance(made, found.rows)


def _map(found: AttackedLands) -> None:
    """Draw the communities: near an attack at a known place, or near what may be as near."""
    looks = [
        Look("attacked", _("attack at a known place"), "#D55E00", "crossed"),
        Look("other", _("conflict, or attack known to its district"), "#E69F00", "rising"),
    ]
    said = _("attacks: {attacks}; conflicts: {conflicts}")
    ranges = [
        {name: _range(row[name], row[f"{name}_most"]) for name in ("attacks", "conflicts")}
        for row in found.lands.drop(columns="geometry").to_dict("records")
    ]
    drawn = gpd.GeoDataFrame(
        {
            "name": found.lands["name"].fillna(found.lands["id"]).to_numpy(),
            "said": [said.format(**each) for each in ranges],
            "look": ["attacked" if count else "other" for count in found.lands["attacks"]],
        },
        geometry=found.lands.geometry.to_numpy(),
        crs=found.lands.crs,
    )
    title = _("Communities near attacks or conflicts")
    finding = found.finding()
    map_picture.show(
        drawn, looks, title=title, finding=finding, layers=LAYERS, key="holders", underneath=["concessions"], about=60
    )


def _range(least: int, most: int) -> str:
    return number(least) if least == most else _("{least} to {most}").format(least=number(least), most=number(most))


def _table(found: AttackedLands) -> None:
    rows = found.rows
    columns.table(
        rows.assign(
            community=rows["community"].fillna(rows["community_id"]),
            page=links.page("community", rows["community_id"]),
            holder_page=links.holders(rows["holder"]),
            footprint_ha=rows["footprint_ha"].round(1),
        ),
        alt=_("Holders and communities, most land first"),
        holder=columns.text(_("Holder"), link="holder_page"),
        community=columns.text(_("Community"), link="page"),
        footprint_ha=columns.number(_("Hectares, ground counted once")),
        concessions=columns.number(_("Concessions")),
        attacks=columns.number(_("Attacks within {km} km").format(km=KM), between=("attacks", "attacks_most")),
        conflicts=columns.number(_("Conflicts within {km} km").format(km=KM), between=("conflicts", "conflicts_most")),
    )
