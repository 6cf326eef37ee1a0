"""What a place has on record, part by part: what lies on it, whom it belongs to, what is near, what changed."""

from html import escape

import pandas as pd
import streamlit as st

from lindero.app.answers.overlap.first_sight import FirstSight
from lindero.app.answers.place import place_text
from lindero.app.answers.place.place_answer import PlaceFacts, place_answer
from lindero.app.answers.place.place_report import GROUND
from lindero.app.answers.place.position_search import Found
from lindero.app.answers.place.spot import Spot
from lindero.app.current import map_layers
from lindero.app.output import provenance
from lindero.app.renderers import links, streamlit_page
from lindero.app.text.escape import plain, without_links
from lindero.app.text.i18n import _, ngettext, number, percent
from lindero.app.ui.downloads import citation
from lindero.app.ui.frame import page
from lindero.app.ui.provenance_panel import show_provenance

LISTED = 10  # of each layer on an area, told one by one


def seen_at_first(sight: FirstSight) -> None:
    """Say what the map shows before a place is asked for."""
    if said := sight.sentence():
        st.markdown(f"**{plain(said)}**\n\n{sight.not_counted()}")
    elif lacking := map_layers.lacking(["concessions", "communities"]):
        st.write(lacking)


def worst_at_first(sight: FirstSight) -> None:
    """Name the communities with most land under concession and the largest overlap, and say how to ask."""
    if sight.sentence():
        st.html(_worst(sight.worst))
        st.markdown(" ".join([plain(sight.largest()), *sight.left_out]))
    st.write(_("Press the map or write a place: here you then read whose ground it is and what lies near."))
    page.link("overlaps", _("What lies on whose land"), {})


def _worst(rows: pd.DataFrame) -> str:
    """Write the communities with most land under concession, each with a bar of how much of its land that is."""
    if rows.empty:
        return ""
    said = _("{ha} ha, {share} of its land")
    lines = [
        f'<li><a href="{escape(address)}" target="_self">{escape(row["name"])}</a>'
        f" <span>{escape(said.format(ha=number(row['footprint_ha'], decimals=0), share=percent(row['share'])))}</span>"
        f'<i style="--part:{row["share"]:.1%}"></i></li>'
        for row, address in zip(rows.to_dict("records"), links.of_layer("communities", rows["id"]), strict=True)
    ]
    title = escape(_("Most land under concession"))
    return f'<div class="lindero-worst"><h2>{title}</h2><ol>{"".join(lines)}</ol></div>'


def whose(facts: PlaceFacts, at: Found) -> str:
    """Write whose ground a place is, or what is on an area, with details and an SMS. Return the finding to cite."""
    spot, within_km = facts.spot, facts.within_km
    answer = place_answer(facts, most=LISTED)
    ground = answer["ground"]
    st.markdown(f"**{streamlit_page.sentence(ground.finding)}**")
    where = _("Where: {place}. {said}").format(place=plain(spot.name), said=ground.note).strip()
    st.markdown(streamlit_page.sentence(where))
    for note in (*map(plain, place_text.notes(at)), *map_layers.registers().sentences()):
        st.markdown(note)
    if spot.area is not None and spot.area.layer == "communities":
        page.link("community", _("All about this community, its brief and its pocket map"), {"id": spot.area.ids[0]})
    if lines := [line for section in answer.only("concessions", "land") for line in section.lines]:
        streamlit_page.lines(lines)
    if met := map_layers.refused_near(spot, within_km=within_km):
        text = _("These records were refused and are on no map, but may lie here or near ({km} km):")
        st.warning("\n".join([text.format(km=within_km), "", *(f"- {plain(line)}" for line in met)]))
    st.write(_("To send by SMS:"))
    st.container(border=True).text(answer.message)
    return f"{plain(spot.name)}: {without_links(ground.finding)}"


def left_out(count: int) -> None:
    """Say how much the map's own filter keeps out of the lists."""
    if count:
        text = ngettext(
            "The map's filter leaves {n} record out of the lists.",
            "The map's filter leaves {n} records out of the lists.",
            count,
        )
        st.write(text.format(n=number(count)))


def made_by(finding: str, at: Found, spot: Spot, within_km: int) -> None:
    """
    Offer a text to cite, and say how the figures were made, both with the command.

    The page's address names no place, so none is in the text's address either: docs/safety.md.
    """
    asked = (f"{at.latitude:.6f}", f"{at.longitude:.6f}") if spot.area is None else (spot.area.key,)
    private = _("The command and the record hold the place that you asked about: keep them to yourself.")
    made = provenance.Made(
        method="near",
        parameters={"place": spot.name, "km": within_km},
        sources=provenance.sources_of(map_layers.sources(), (*GROUND, "incidents")),
        command=["lindero", "near", *asked, "--km", str(within_km), "--format", "json"],
        limits=[private],
    )
    citation.show(finding, made.sources, made.command, warning=_("This text names the place that you asked about."))
    show_provenance(made)
