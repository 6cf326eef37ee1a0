"""The parts of the page of a place: its land and owners, features nearby, and changes."""

from html import escape

import pandas as pd
import streamlit as st

from lindero.app.answers import provenance
from lindero.app.answers.overlap.first_sight import MapOverview
from lindero.app.answers.place import place_text
from lindero.app.answers.place.place_answer import PlaceFacts, place_answer
from lindero.app.answers.place.place_report import AREA_LAYERS
from lindero.app.answers.place.position_search import FoundPlace
from lindero.app.answers.place.spot import Spot
from lindero.app.media.pages import links, streamlit_page
from lindero.app.media.pages.current import map_layers
from lindero.app.media.pages.downloads import citation
from lindero.app.media.pages.frame import page
from lindero.app.media.pages.provenance_panel import show_provenance
from lindero.app.text.escape import escape_markdown, remove_links
from lindero.app.text.i18n import _, format_number, format_share, ngettext

MAX_ROWS = 10  # rows of each layer on an area, listed one by one
UNFOLDED_LINES = 3  # the first lines of these are not folded


def show_first_sight(sight: MapOverview) -> None:
    """Show the summary of the map before a place is selected."""
    if sentence := sight.sentence():
        st.markdown(f"**{escape_markdown(sentence)}**\n\n{sight.slivers_text()}")
    elif lacking := map_layers.missing_layers_text(["concessions", "communities"]):
        st.write(lacking)


def show_most_conceded_land(sight: MapOverview) -> None:
    """List the communities with most land under concession and the largest overlap, and explain how to ask."""
    if sight.sentence():
        st.html(_most_conceded_html(sight.worst))
        st.markdown(" ".join([escape_markdown(sight.largest_text()), *sight.left_out]))
    st.write(_("Press the map or type a place to see whose land it is and what is nearby."))
    page.link_page("overlaps", _("What is on whose land"), {})


def _most_conceded_html(rows: pd.DataFrame) -> str:
    """Return the communities with most land under concession as HTML, each with a bar of its share."""
    if rows.empty:
        return ""
    text = _("{ha} ha, {share} of its land")
    sizes = [
        text.format(ha=format_number(row["footprint_ha"], decimals=0), share=format_share(row["share"]))
        for row in rows.to_dict("records")
    ]
    addresses = links.layer_addresses("communities", rows["id"])
    lines = [
        f'<li><a href="{escape(address)}" target="_self">{escape(row["name"])}</a>'
        f" <span>{escape(size)}</span>"
        f'<i style="--part:{row["share"]:.1%}"></i></li>'
        for row, address, size in zip(rows.to_dict("records"), addresses, sizes, strict=True)
    ]
    title = escape(_("Communities with most land under concession"))
    return f'<div class="lindero-worst"><h2>{title}</h2><ol>{"".join(lines)}</ol></div>'


def show_place(facts: PlaceFacts, position: FoundPlace) -> str:
    """Show the land that a place is on, or the contents of an area, with details and an SMS.

    Return the finding to cite.
    """
    spot, within_km = facts.spot, facts.within_km
    answer = place_answer(facts, most=MAX_ROWS)
    ground = answer["ground"]
    st.markdown(f"**{streamlit_page.format_sentence(ground.finding)}**")
    st.markdown(_("Where: {place}.").format(place=escape_markdown(spot.name)))
    if ground.note:
        st.markdown(streamlit_page.format_sentence(ground.note))
    for note in (*map(escape_markdown, place_text.position_notes(position)), *map_layers.registers().sentences()):
        st.markdown(note)
    if spot.area is not None and spot.area.layer == "communities":
        page.link_page("community", _("This community's page, with its brief"), {"id": spot.area.ids[0]})
    if lines := [line for section in answer.select_sections("concessions", "land") for line in section.lines]:
        streamlit_page.show_lines(lines[:UNFOLDED_LINES])
        if lines[UNFOLDED_LINES:]:
            with st.expander(_("More concessions and land here")):
                streamlit_page.show_lines(lines[UNFOLDED_LINES:])
    if refused := map_layers.list_refused_nearby(spot, within_km=within_km):
        text = _("These records were rejected and are not on the map, but may be here or near ({km} km):")
        st.warning("\n".join([text.format(km=within_km), "", *(f"- {escape_markdown(line)}" for line in refused)]))
    st.write(_("To send by SMS:"))
    st.container(border=True).text(answer.message)
    return f"{escape_markdown(spot.name)}: {remove_links(ground.finding)}"


def show_hidden_count(count: int) -> None:
    """Show how many records the map's own filter excludes from the lists."""
    if count:
        text = ngettext(
            "The map's filter hides {n} record from the lists.",
            "The map's filter hides {n} records from the lists.",
            count,
        )
        st.write(text.format(n=format_number(count)))


def show_method(finding: str, position: FoundPlace, spot: Spot, within_km: int) -> None:
    """Offer a text to cite, and show how the figures were computed, both with the command.

    The address of the page contains no place, so the address in the text contains none: docs/safety.md.
    """
    arguments = (f"{position.latitude:.6f}", f"{position.longitude:.6f}") if spot.area is None else (spot.area.key,)
    warning = _("The command and the download contain the place that you asked about: keep them to yourself.")
    method_record = provenance.Provenance(
        method="near",
        parameters={"place": spot.name, "km": within_km},
        sources=map_layers.cite_sources((*AREA_LAYERS, "incidents")),
        command=["lindero", "near", *arguments, "--km", str(within_km), "--format", "json"],
        limits=[warning],
    )
    citation.show_citation(
        finding,
        method_record.sources,
        method_record.command,
        warning=_("This text contains the place that you asked about."),
    )
    show_provenance(method_record)
