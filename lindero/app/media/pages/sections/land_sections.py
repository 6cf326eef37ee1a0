"""The parts of the pages of land: one community, its exposure and its dossier; one holder."""

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
from lindero.app.answers.attacks import translate_attacks
from lindero.app.answers.coverage.coverage_text import count_text, nothing_on_land_text, reach_text
from lindero.app.answers.coverage.reach import Reach
from lindero.app.answers.holder_spellings import Holder
from lindero.app.answers.overlap.land import choice_names
from lindero.app.answers.overlap.overlaps_answer import pairs_table
from lindero.app.answers.place.place_answer import attacks_section
from lindero.app.answers.profile.community import consultations_sections, refused_section
from lindero.app.answers.profile.holder import holder_figures, summarize_holder
from lindero.app.answers.ranking.exposure_answer import community_sections, count_attacks_by_year
from lindero.app.answers.ranking.exposure_report import ExposureReport
from lindero.app.answers.record import consultation_text
from lindero.app.builder.consent import check_no_withdrawn
from lindero.app.media import symbols
from lindero.app.media.court import folder, signature
from lindero.app.media.pages import columns, links, streamlit_page
from lindero.app.media.pages.charts import year_charts
from lindero.app.media.pages.current import cached_answers, cached_record, map_layers, open_map, rights, spoken
from lindero.app.media.pages.current.selection import Feature
from lindero.app.media.pages.downloads import picture
from lindero.app.media.pages.error_message import show_errors
from lindero.app.media.pages.frame import order, page
from lindero.app.media.pages.maps import linked_table, map_picture, overlap_areas
from lindero.app.media.pages.maps.areas import AreaOverlay, Look
from lindero.app.media.pages.tables import lists
from lindero.app.media.paper.sheet import Sheet
from lindero.app.text.codes import translate_code
from lindero.app.text.escape import to_file_name
from lindero.app.text.i18n import _, format_number, ngettext
from lindero.layers.reference import state_facts
from lindero.layers.vault import journal
from lindero.layers.workspace.manifest_file import load_workspace
from lindero.machine.clock import local_today

Row = Mapping[Hashable, Any]
_DOSSIER_KEY = "dossier"
COLOR = next(style.color for style in symbols.STYLES if style.code == "communities")


def select_community(communities: pd.DataFrame) -> str:
    """Draw the choice of a community, which begins with the most affected one, and return its id."""
    names = choice_names(communities)
    with show_errors():
        worst = cached_answers.first_sight().worst
    first = "" if worst.empty else str(worst["id"][0])
    return page.select_option(_("Community"), list(names), names.__getitem__, layer="communities", first=first)


@st.fragment
def show_land_concessions(row: Row, pairs: pd.DataFrame, finding: str) -> None:
    """Draw the land and list the concessions on it with their certainty; `finding` is the caption of the picture."""
    if pd.isna(row["xmin"]):  # its place is not recorded
        return
    spoken.set_reader_language()
    st.header(_("Concessions on this land"), anchor=False)
    with show_errors():
        over = _land_overlay(pairs)
        linked_table.show_map_with_table(
            pairs,
            {"left_id": "concessions"},
            lambda rows, marks: streamlit_page.show_table(
                pairs_table(rows, "concessions", "communities", of_one_right=True), marks
            ),
            key=f"community-{row['id']}",
            bounds=(row["xmin"], row["ymin"], row["xmax"], row["ymax"]),
            marked=(Feature("communities", row["id"]),),
            over=over,
        )
    if over is not None:
        picture.offer_picture(
            lambda: _build_land_sheet(row, over, finding),
            f"titles-on-{row['name']}",
            title=str(row["name"]),
            finding=finding,
        )
    lists.offer_csv(pairs, "titles-on-the-land.csv")


def _build_land_sheet(row: Row, over: AreaOverlay, finding: str) -> Sheet:
    """Build the sheet of a land and the overlaps of concessions with it."""
    nearby = map_layers.read_in_bounds("communities", (row["xmin"], row["ymin"], row["xmax"], row["ymax"]))
    land = nearby[nearby["id"] == row["id"]]
    base = gpd.GeoDataFrame({"name": land["name"], "look": "land"}, geometry=land.geometry, crs=land.crs)
    shared = over.shapes[["name", "look", "geometry"]]
    shared = shared.assign(name=[name.removesuffix(f" – {row['name']}") for name in shared["name"]])
    looks = [Look("land", translate_code("communities"), COLOR, "level", 0.15), *over.looks]
    layers = ["communities", "concessions"]
    return map_picture.build_map_sheet(
        gpd.GeoDataFrame(pd.concat([base, shared])), looks, str(row["name"]), finding, layers
    )


def _land_overlay(pairs: pd.DataFrame) -> AreaOverlay | None:
    """Return the overlaps of concessions with the land as an overlay; None if there are none."""
    if pairs.empty:
        return None
    shapes = overlap_areas.overlap_shapes(
        pairs, lambda selected: map_layers.shared_ground("concessions", "communities", selected)
    )
    return AreaOverlay(shapes, overlap_areas.overlap_looks(), _("Shared ground"))


def show_refused_on_land(community: str) -> None:
    """List the refused rows that may be on the land."""
    for section in refused_section(map_layers.list_refused_on_land(community)):
        st.warning("\n".join([section.finding, "", *(f"- {line}" for line in section.lines)]))


def show_consultations(community: str, country: str, *, has_concessions: bool) -> None:
    """List the acts that the community was consulted about, the requirements of the rules, and disputes."""
    acts, answer = (
        cached_record.community_consultations(community),
        map_layers.coverage_of_land(community, "consultations"),
    )
    rules = map_layers.read_rules_of_land(acts, community)
    records = map_layers.consultations(community)
    for section in consultations_sections(records, acts, answer, rules, has_concessions=has_concessions):
        streamlit_page.show_section(section)
    if rules:
        with st.expander(_("The rules and their sources")):
            st.markdown("\n".join(consultation_text.cite_rules(state_facts.load_consultation_rules(country))))


def show_incidents(community: str, within_km: int) -> None:
    """List the attacks and conflicts on record on the land and near it."""
    nearby = map_layers.nearby_attacks(community, within_km=within_km)
    answer = map_layers.coverage_of_land(community, "incidents", within_km=within_km)
    title = _("Attacks and conflicts on record within {km} km of its land").format(km=within_km)
    streamlit_page.show_section(attacks_section(nearby, answer, within_km, most=len(nearby), title=title))


# The dossier of a community, built and signed at the operator's request.


def offer_dossier(community: str, name: str) -> None:
    """Offer a dossier to the operator of the map, in the reader's language.

    None is offered while the vault is open.

    Other readers are not offered one: it is signed with the operator's key and contains received files.
    """
    if open_map.operated_workspace(rights.ACCEPT) is None or map_layers.is_private():
        return
    if not signature.default_key_file().is_file():
        st.write(
            _(
                "A dossier for a court must be signed. Create the key with `lindero keys init`; then you can "
                "make the dossier here."
            )
        )
        return
    plain_name = to_file_name(name)
    if st.button(_("Make a signed dossier for a court"), key=f"dossier-{plain_name}"):
        with show_errors(), st.spinner(_("Making the dossier …")):
            st.session_state[_DOSSIER_KEY] = (community, *_build_dossier(community, plain_name))
    stored_community, packed, fingerprint = st.session_state.get(_DOSSIER_KEY, ("", b"", ""))
    if stored_community != community:
        return
    st.download_button(
        _("Download the dossier (ZIP)"),
        packed,
        file_name=f"{plain_name}.zip",
        mime="application/zip",
        on_click="ignore",
    )
    st.write(_("The dossier contains received files, unchanged. Check them before you hand it over."))
    text = _("Send the fingerprint of your key to the recipient by another channel: {fingerprint}")
    st.write(text.format(fingerprint=fingerprint))


def _build_dossier(community: str, name: str) -> tuple[bytes, str]:
    """Build the dossier as a ZIP file; return it with the fingerprint of the signing key."""
    workspace = open_map.operated_workspace(rights.ACCEPT)
    if workspace is None:  # a reader without the right sees no button
        return b"", ""
    space = load_workspace(workspace)
    check_no_withdrawn(space)
    key = signature.load_key(signature.default_key_file())
    today = local_today()
    person = rights.current_person().name
    with (
        TemporaryDirectory() as scratch,
        journal.record_action(space.folder, journal.PUBLISHED, who=person, folder=f"{name}.zip"),
    ):
        folder.write_dossier(space, community, Path(scratch) / name, key, today=today)
        packed = shutil.make_archive(str(Path(scratch) / "packed"), "zip", scratch, name)
        return Path(packed).read_bytes(), signature.key_fingerprint(signature.public_key_hex(key))


# The exposure of one community, on the page of exposure.


def show_community_exposure(report: ExposureReport, container: DeltaGenerator) -> None:
    """Show the components of the exposure of one community; `container` is passed to `page.select_option`."""
    st.header(_("One community"), anchor=False)
    names = choice_names(report.rows.rename(columns={"land_ha": "area_ha"}))
    community = page.select_option(
        _("Community"), list(names), names.__getitem__, layer="communities", container=container
    )
    land, *parts = community_sections(report, community)
    streamlit_page.show_section(land)
    for part, column in zip(parts, st.columns(2), strict=False):
        with column:
            streamlit_page.show_section(part)
    years = count_attacks_by_year(report.attacks[report.attacks["id"] == community])
    if not years.empty:
        year_charts.draw_attacks(years, _("Attacks on record within 25 km"), name="attacks-near-by-year")


# The record of one holder, part by part: its spellings, its concessions, and the lands under them.


def ask_spellings(holder: Holder, choices: DeltaGenerator) -> tuple[str, ...]:
    """Show the spellings taken for one holder, if there are several, and ask which of them to keep."""
    if len(holder.spellings) == 1:
        return holder.spellings
    label = _("Spellings of this holder: remove those that belong to another")
    with order.create_fold(choices):
        return tuple(st.multiselect(label, holder.spellings, default=holder.spellings))


def spellings_text(spellings: Sequence[str]) -> str:
    """Return the number of spellings taken for one holder in words."""
    count = len(spellings)
    return ngettext("{n} spelling of the name", "{n} spellings, counted as one holder", count).format(
        n=format_number(count)
    )


def holder_section(titles: pd.DataFrame, touched: Mapping[str, pd.DataFrame], covered: Mapping[str, Reach]) -> Section:
    """Build the section on a holder: number and size of concessions, and the land they touch where the map has data."""
    counts = {layer: count_text(pairs["right_id"].nunique(), covered[layer]) for layer, pairs in touched.items()}
    return Section("held", finding=summarize_holder(len(titles), counts), figures=holder_figures(titles, counts))


@st.fragment
def show_holder_concessions(name: str, finding: str, titles: pd.DataFrame, touched: Mapping[str, pd.DataFrame]) -> None:
    """Draw and list the concessions of a holder and the land they touch; `name` and `finding` caption the picture."""
    spoken.set_reader_language()
    marked = [Feature("concessions", id_) for id_ in titles["id"]]
    marked += [Feature(layer, id_) for layer, pairs in touched.items() for id_ in pairs["right_id"].unique()]
    with show_errors():
        over = _holder_overlay(touched)
        linked_table.show_map_with_table(
            titles,
            {"id": "concessions"},
            lists.show_concessions,
            key=f"holder-{titles['id'].iloc[0]}",
            bounds=(titles["xmin"].min(), titles["ymin"].min(), titles["xmax"].max(), titles["ymax"].max()),
            marked=tuple(marked),
            over=over,
            is_drawn_far_out=True,
        )
    if over is not None:
        layers = ["concessions", *touched]
        map_picture.offer_map_picture(
            over.shapes, over.looks, title=name, finding=finding, layers=layers, name=f"titles-of-{name}"
        )
    lists.offer_csv(titles, "titles.csv")


def _holder_overlay(touched: Mapping[str, pd.DataFrame]) -> AreaOverlay | None:
    """Return the overlaps of the concessions with the land they touch as an overlay; None if there are none."""
    shapes = [
        overlap_areas.overlap_shapes(pairs, partial(map_layers.shared_ground, "concessions", layer))
        for layer, pairs in touched.items()
        if not pairs.empty
    ]
    return (
        AreaOverlay(gpd.GeoDataFrame(pd.concat(shapes)), overlap_areas.overlap_looks(), _("Shared ground"))
        if shapes
        else None
    )


def show_holder_lands(
    touched: Mapping[str, pd.DataFrame], covered: Mapping[str, Reach], left_out: Iterable[str]
) -> None:
    """List the land that the concessions overlap. For absent results, show the coverage of the map and exclusions."""
    st.header(_("Whose land they are on"), anchor=False)
    for layer, pairs in touched.items():
        if not pairs.empty:
            streamlit_page.show_table(pairs_table(pairs, "concessions", layer))
    absent = [covered[layer] for layer, pairs in touched.items() if pairs.empty]
    partial_texts = [reach_text(covered[layer]) for layer, pairs in touched.items() if not pairs.empty]
    st.write(" ".join(filter(None, (nothing_on_land_text(absent), *partial_texts, *dict.fromkeys(left_out)))))


def show_conflicts(company_conflicts: pd.DataFrame) -> None:
    """List the conflicts on record with a company of this name; show nothing if there are none."""
    if company_conflicts.empty:
        return
    st.header(_("Conflicts on record with a company of this name"), anchor=False)
    rows = translate_attacks(
        company_conflicts.assign(phase=company_conflicts["conflict_phase"].map(translate_code, na_action="ignore"))
    )
    columns.show_table(
        rows.assign(page=links.layer_addresses("incidents", rows["id"])),
        alt=_("Conflicts, latest first"),
        title=columns.text_column(_("Title"), link="page"),
        company=columns.text_column(_("Company")),
        phase=columns.text_column(_("Phase of the conflict")),
        on=columns.text_column(_("Date"), sort_by="occurred_on"),
        acts=columns.text_column(_("Acts")),
        place=columns.text_column(_("Place")),
        publisher=columns.text_column(_("Source")),
    )
    st.write(_("The source of the conflict writes the company's name this way. Check that it is the same company."))
