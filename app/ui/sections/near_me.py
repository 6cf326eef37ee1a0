"""What a place has on record, part by part: what lies on it, whom it belongs to, what is near, what changed."""

from collections.abc import Mapping
from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from lindero.app.answers.changes.near_place import told_of
from lindero.app.answers.coverage import coverage_text
from lindero.app.answers.overlap.community import Land
from lindero.app.answers.overlap.first_sight import FirstSight
from lindero.app.answers.place import area_text, near_incidents, place_report, place_text
from lindero.app.answers.place.place_report import GROUND
from lindero.app.answers.place.position_search import Found
from lindero.app.answers.place.spot import Spot
from lindero.app.current import cached_answers, map_layers
from lindero.app.output import provenance
from lindero.app.text.escape import plain
from lindero.app.text.i18n import _, ngettext, number, percent
from lindero.app.ui.downloads import citation
from lindero.app.ui.frame import page
from lindero.app.ui.tables import answer_tables, links, lists

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


def whose(found: list[dict[str, Any]], at: Found, spot: Spot, within_km: int) -> str:
    """Write whose ground a place is, or what is on an area, with details and an SMS. Return the finding to cite."""
    answers = map_layers.coverage_at(spot, found)
    around = {"incidents": spot.coverage(map_layers.coverage(), "incidents", within_km=within_km)}
    if spot.area is None:
        rows = [row for layer in GROUND for row in found if row["distance_m"] == 0 and row["layer"] == layer]
        lands = {row["id"]: map_layers.land(row["id"]) for row in rows if row["layer"] == "communities"}
        ground = place_report.ground(found, lands, answers)
        message = place_report.message(found, spot.name, lands, answers | around)
        finding = ground.finding
    else:
        report = map_layers.area_report(spot.area)
        rows, lands = _largest(map_layers.rows_on(report, found)), {}
        ground = area_text.finding(report, answers, link=links.in_markdown)
        finding = area_text.finding(report, answers).finding
        near = sum(row["layer"] == "incidents" for row in found)
        message = area_text.message(report, near, answers | around)
    st.markdown(f"**{ground.finding}**")
    st.markdown(_("Where: {place}. {said}").format(place=plain(spot.name), said=ground.besides).strip())
    for note in (*map(plain, place_text.notes(at)), *map_layers.registers().sentences()):
        st.markdown(note)
    if spot.area is not None and spot.area.layer == "communities":
        page.link("community", _("All about this community, its brief and its pocket map"), {"id": spot.area.ids[0]})
    if rows:
        st.markdown("\n".join(f"- {_description(row, lands)}" for row in rows))
    if met := map_layers.refused_near(spot, within_km=within_km):
        text = _("These records were refused and are on no map, but may lie here or near ({km} km):")
        st.warning("\n".join([text.format(km=within_km), "", *(f"- {plain(line)}" for line in met)]))
    st.write(_("To send by SMS:"))
    st.container(border=True).text(message)
    return f"{plain(spot.name)}: {finding}"


def _largest(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the first rows of each layer, as many as are told one by one."""
    return [row for layer in GROUND for row in [one for one in rows if one["layer"] == layer][:LISTED]]


def left_out(count: int) -> None:
    """Say how much the map's own filter keeps out of the lists."""
    if count:
        text = ngettext(
            "The map's filter leaves {n} record out of the lists.",
            "The map's filter leaves {n} records out of the lists.",
            count,
        )
        st.write(text.format(n=number(count)))


def incidents(found: pd.DataFrame, spot: Spot, within_km: int) -> None:
    """List the attacks and conflicts on record near the place, and say how much of it the map has data of."""
    st.header(_("Attacks and conflicts on record within {km} km").format(km=within_km), anchor=False)
    near = found[found["layer"] == "incidents"]
    answer = spot.coverage(map_layers.coverage(), "incidents", within_km=within_km)
    if len(near):
        rows = near.sort_values(["area_m", "id"]).to_dict("records")
        st.write(near_incidents.summary(rows, within_km))
        st.markdown("\n".join(f"- {place_report.incident(row)}" for row in rows))
        st.write(coverage_text.partly(answer))
        return
    st.write(f"{coverage_text.none(answer)} {place_report.not_proof()}")


def around(found: pd.DataFrame, spot: Spot, within_km: int) -> None:
    """List what lies near the place, the closest first; of what was not found, say whether the map has data there."""
    st.header(_("Within {km} km, closest first").format(km=within_km), anchor=False)
    near = found[(found["distance_m"] > 0) & (found["layer"] != "incidents")]
    if len(near):
        lists.near(near)
    absent = [layer for layer in GROUND if layer not in set(near["layer"])]
    answers = [spot.coverage(map_layers.coverage(), layer, within_km=within_km) for layer in absent]
    st.write(" ".join(map(coverage_text.none, answers)))


def changes(spot: Spot, within_km: int) -> None:
    """List what the registers date near the place, and what changed between the last two snapshots of each."""
    if cached_answers.dated().states_any:
        st.header(_("New concessions"), anchor=False)
        dated = cached_answers.dated_near(spot, within_km=within_km)
        answer = spot.coverage(map_layers.coverage(), "concessions", within_km=within_km)
        st.write(plain(dated.finding()) if len(dated.rows) or answer.is_covered else coverage_text.none(answer))
        if len(dated.rows):
            answer_tables.dated(dated.rows)
    st.header(_("What changed since the last snapshot"), anchor=False)
    reports = cached_answers.changed_last()
    if not reports:
        st.write(_("Nothing can be told: of no register does the map hold two snapshots."))
        return
    for report in reports:
        rows = cached_answers.changed_near(report, spot, within_km=within_km)
        named = told_of(report)
        answer = cached_answers.covered_near(report, spot, within_km=within_km)
        if rows.empty:
            st.write(coverage_text.unchanged(answer, {"km": within_km, **named}))
        else:
            text = _("{title}, between {since} and {until}:").format(**named)
            st.write(" ".join(filter(None, (text, coverage_text.partly(answer)))))
            answer_tables.changes(rows, key=f"changes-{report.after.source_id}")


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
    provenance.show_provenance(made)


def _description(row: place_report.Row, lands: Mapping[str, Land]) -> str:
    if row["layer"] == "communities":
        return place_report.community(row, lands.get(row["id"]), map_layers.coverage_of_land(row["id"]))
    return place_report.concession(row) if row["layer"] == "concessions" else place_report.protected_area(row)
