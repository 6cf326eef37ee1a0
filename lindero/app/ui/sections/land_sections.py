"""The parts of the pages of land, page by page: one community, its exposure and its dossier; one holder."""

import datetime as dt
import shutil
from collections.abc import Hashable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import geopandas as gpd
import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lindero.app.answers.answer import Section
from lindero.app.answers.attacks import told_attacks
from lindero.app.answers.coverage.coverage_text import figure, none_of, reach
from lindero.app.answers.coverage.reach import Reach
from lindero.app.answers.holder_spellings import Holder
from lindero.app.answers.overlap.land import choice_names
from lindero.app.answers.overlap.overlaps_answer import pairs_table
from lindero.app.answers.place.place_answer import attacks_section
from lindero.app.answers.profile.community import consultations_sections, refused_section
from lindero.app.answers.profile.holder import figures, found
from lindero.app.answers.ranking.exposure import ExposureReport
from lindero.app.answers.ranking.exposure_answer import community_sections, years_of_attacks
from lindero.app.current import cached_record, map_layers, open_map, rights, spoken
from lindero.app.current.selection import Feature
from lindero.app.drawing.sheet import Sheet
from lindero.app.output import symbols
from lindero.app.pipeline.consent import hold_withdrawn
from lindero.app.products.dossier import folder, signature
from lindero.app.record import consultation_text
from lindero.app.renderers import columns, links, streamlit_page
from lindero.app.text.codes import word
from lindero.app.text.escape import file_name
from lindero.app.text.i18n import _, ngettext, number
from lindero.app.ui.charts import year_charts
from lindero.app.ui.downloads import picture
from lindero.app.ui.error_message import explained
from lindero.app.ui.frame import order, page
from lindero.app.ui.maps import linked_table, map_picture, overlap_areas
from lindero.app.ui.maps.areas import Look, Over
from lindero.app.ui.tables import lists
from lindero.layers.reference import state_facts
from lindero.layers.vault import journal
from lindero.layers.workspace.manifest_file import load

Row = Mapping[Hashable, Any]
_MADE = "dossier"
COLOR = next(style.color for style in symbols.STYLES if style.code == "communities")


@st.fragment
def titles(row: Row, pairs: pd.DataFrame, finding: str) -> None:
    """Draw the land, and list the titles on it with how surely they lie there; a picture of it says the `finding`."""
    if pd.isna(row["xmin"]):  # no place is on record
        return
    spoken.speak()
    st.header(_("Titles on this land"), anchor=False)
    with explained():
        over = _shared(pairs)
        linked_table.map_with_table(
            pairs,
            {"left_id": "concessions"},
            lambda rows, marks: streamlit_page.table(
                pairs_table(rows, "concessions", "communities", of_one_right=True), marks
            ),
            key=f"community-{row['id']}",
            bounds=(row["xmin"], row["ymin"], row["xmax"], row["ymax"]),
            marked=(Feature("communities", row["id"]),),
            over=over,
        )
    if over is not None:
        picture.offer(
            lambda: _land_sheet(row, over, finding), f"titles-on-{row['name']}", title=str(row["name"]), finding=finding
        )
    lists.download(pairs, "titles-on-the-land.csv")


def _land_sheet(row: Row, over: Over, finding: str) -> Sheet:
    """Draw a land, and the ground that titles share with it, to be passed on."""
    near = map_layers.within_bounds("communities", (row["xmin"], row["ymin"], row["xmax"], row["ymax"]))
    land = near[near["id"] == row["id"]]
    ground = gpd.GeoDataFrame({"name": land["name"], "look": "land"}, geometry=land.geometry, crs=land.crs)
    shared = over.shapes[["name", "look", "geometry"]]
    shared = shared.assign(name=[name.removesuffix(f" – {row['name']}") for name in shared["name"]])
    looks = [Look("land", word("communities"), COLOR, "level", 0.15), *over.looks]
    layers = ["communities", "concessions"]
    return map_picture.sheet(gpd.GeoDataFrame(pd.concat([ground, shared])), looks, str(row["name"]), finding, layers)


def _shared(pairs: pd.DataFrame) -> Over | None:
    """Draw the ground that titles share with the land."""
    if pairs.empty:
        return None
    drawn = overlap_areas.shapes(pairs, lambda some: map_layers.shared_ground("concessions", "communities", some))
    return Over(drawn, overlap_areas.looks(), _("Shared ground"))


def refused_on_land(community: str) -> None:
    """Name what was refused and may lie on the land."""
    for section in refused_section(map_layers.refused_on_land(community)):
        st.warning("\n".join([section.finding, "", *(f"- {line}" for line in section.lines)]))


def consultations(community: str, country: str) -> None:
    """List which acts the community was consulted about, what the rules ask for, and what is contested."""
    acts, answer = cached_record.consultations_of(community), map_layers.coverage_of_land(community, "consultations")
    rules = map_layers.asked_of(acts, community)
    for section in consultations_sections(map_layers.consultations(community), acts, answer, rules):
        streamlit_page.show(section)
    if rules:
        with st.expander(_("What the rules say, with their sources")):
            st.markdown("\n".join(consultation_text.cited(state_facts.consultation_rules(country))))


def incidents(community: str, within_km: int) -> None:
    """List the attacks and conflicts on record on the land and near it."""
    near = map_layers.attacks_near(community, within_km=within_km)
    answer = map_layers.coverage_of_land(community, "incidents", within_km=within_km)
    title = _("Attacks and conflicts on record within {km} km of its land").format(km=within_km)
    streamlit_page.show(attacks_section(near, answer, within_km, most=len(near), title=title))


# The dossier of a community, made and signed when whoever operates the map asks for it.


def offer_dossier(community: str, name: str) -> None:
    """
    Offer a dossier to who operates the map, in the reader's language; none while the vault is open.

    Nobody else is offered one: it is signed with the operator's key, and received files are in it.
    """
    if open_map.operated(rights.ACCEPT) is None or map_layers.private():
        return
    if not signature.usual_file().is_file():
        st.write(_("A dossier for a court is signed: `lindero keys init` makes the key, and then it is made here."))
        return
    plain_name = file_name(name)
    if st.button(_("Make the dossier (for a court, signed)"), key=f"dossier-{plain_name}"):
        with explained(), st.spinner(_("Making the dossier …")):
            st.session_state[_MADE] = (community, *_made(community, plain_name))
    of, packed, fingerprint = st.session_state.get(_MADE, ("", b"", ""))
    if of != community:
        return
    st.download_button(
        _("Download the dossier (ZIP)"),
        packed,
        file_name=f"{plain_name}.zip",
        mime="application/zip",
        on_click="ignore",
    )
    st.write(_("Look through the received files that are in it before you give it away: they are as they came."))
    told = _("Tell whoever gets it the fingerprint of your key by another way: {fingerprint}")
    st.write(told.format(fingerprint=fingerprint))


def _made(community: str, name: str) -> tuple[bytes, str]:
    """Make the dossier and pack it as one file; gives it with the fingerprint of the key that signed it."""
    workspace = open_map.operated(rights.ACCEPT)
    if workspace is None:  # who may not sees no button
        return b"", ""
    space = load(workspace)
    hold_withdrawn(space)
    key = signature.load(signature.usual_file())
    today = dt.datetime.now(dt.UTC).date()
    who = rights.whoever_asks().name
    with TemporaryDirectory() as scratch, journal.act(space.folder, journal.PUBLISHED, who=who, folder=f"{name}.zip"):
        folder.write(space, community, Path(scratch) / name, key, today=today)
        packed = shutil.make_archive(str(Path(scratch) / "packed"), "zip", scratch, name)
        return Path(packed).read_bytes(), signature.fingerprint(signature.public(key))


# What the page of exposure tells of one community.


def exposure_of_community(report: ExposureReport, told: DeltaGenerator) -> None:
    """Show what makes up the exposure of one community; `told` is as `page.chosen` takes it."""
    st.header(_("One community"), anchor=False)
    names = choice_names(report.rows.rename(columns={"land_ha": "area_ha"}))
    community = page.chosen(_("Community"), list(names), names.__getitem__, layer="communities", told=told)
    land, *parts = community_sections(report, community)
    streamlit_page.show(land)
    for part, column in zip(parts, st.columns(2), strict=False):
        with column:
            streamlit_page.show(part)
    years = years_of_attacks(report.attacks[report.attacks["id"] == community])
    if not years.empty:
        year_charts.attacks(years, _("Attacks on record within 25 km"), name="attacks-near-by-year")


# What one holder has on record, part by part: its spellings, its titles, whose land they lie on.


def spellings(holder: Holder, choices: DeltaGenerator) -> tuple[str, ...]:
    """Show what was taken for one holder, where that is more than one spelling, and let the reader take it apart."""
    if len(holder.spellings) == 1:
        return holder.spellings
    told = _("Spellings taken for this holder: remove those that are somebody else")
    with order.fold(choices):
        return tuple(st.multiselect(told, holder.spellings, default=holder.spellings))


def taken_as_one(spellings: Sequence[str]) -> str:
    """Say how many spellings of a name are taken for one holder."""
    count = len(spellings)
    return ngettext("{n} spelling of the name", "{n} spellings taken for one holder", count).format(n=number(count))


def holder_section(titles: pd.DataFrame, touched: Mapping[str, pd.DataFrame], covered: Mapping[str, Reach]) -> Section:
    """Say how many titles there are, how large, and what they touch, as far as the map has data there."""
    counts = {layer: figure(pairs["right_id"].nunique(), covered[layer]) for layer, pairs in touched.items()}
    return Section("held", finding=found(len(titles), counts), figures=figures(titles, counts))


@st.fragment
def titles_and_lands(name: str, finding: str, titles: pd.DataFrame, touched: Mapping[str, pd.DataFrame]) -> None:
    """Draw the titles of a holder and what they touch, and list them; a picture is called by `name` and `finding`."""
    spoken.speak()
    marked = [Feature("concessions", id_) for id_ in titles["id"]]
    marked += [Feature(layer, id_) for layer, pairs in touched.items() for id_ in pairs["right_id"].unique()]
    with explained():
        over = _shared_land(touched)
        linked_table.map_with_table(
            titles,
            {"id": "concessions"},
            lists.titles,
            key=f"holder-{titles['id'].iloc[0]}",
            bounds=(titles["xmin"].min(), titles["ymin"].min(), titles["xmax"].max(), titles["ymax"].max()),
            marked=tuple(marked),
            over=over,
            is_drawn_far_out=True,
        )
    if over is not None:
        layers = ["concessions", *touched]
        map_picture.offer(over.shapes, over.looks, title=name, finding=finding, layers=layers, name=f"titles-of-{name}")
    lists.download(titles, "titles.csv")


def _shared_land(touched: Mapping[str, pd.DataFrame]) -> Over | None:
    """Draw the ground that the titles share with what they touch."""
    drawn = [
        overlap_areas.shapes(pairs, partial(map_layers.shared_ground, "concessions", layer))
        for layer, pairs in touched.items()
        if not pairs.empty
    ]
    return Over(gpd.GeoDataFrame(pd.concat(drawn)), overlap_areas.looks(), _("Shared ground")) if drawn else None


def holder_lands(touched: Mapping[str, pd.DataFrame], covered: Mapping[str, Reach], left_out: Iterable[str]) -> None:
    """List whose land the titles lie on; of what was not found, say how far the map has data, and what is left out."""
    st.header(_("Whose land they lie on"), anchor=False)
    for layer, pairs in touched.items():
        if not pairs.empty:
            streamlit_page.table(pairs_table(pairs, "concessions", layer))
    absent = [covered[layer] for layer, pairs in touched.items() if pairs.empty]
    partly = [reach(covered[layer]) for layer, pairs in touched.items() if not pairs.empty]
    st.write(" ".join(filter(None, (none_of(absent), *partly, *dict.fromkeys(left_out)))))


def conflicts(with_it: pd.DataFrame) -> None:
    """List the conflicts on record with a company of this name; nothing where there are none."""
    if with_it.empty:
        return
    st.header(_("Conflicts on record with a company of this name"), anchor=False)
    told = told_attacks(with_it.assign(phase=with_it["conflict_phase"].map(word, na_action="ignore")))
    columns.table(
        told.assign(page=links.of_layer("incidents", told["id"])),
        alt=_("Conflicts, the latest first"),
        title=columns.text(_("Title"), link="page"),
        company=columns.text(_("Company")),
        phase=columns.text(_("Phase of the conflict")),
        on=columns.text(_("Date"), by="occurred_on"),
        acts=columns.text(_("Acts")),
        place=columns.text(_("Place")),
        publisher=columns.text(_("Source")),
    )
    st.write(_("The company is as the source of the conflict writes it: see that it is this one."))
