"""Browse: regions compared by land under concession, communities touched, attacks and protection on record."""

import streamlit as st

from lindero.app.answers import provenance
from lindero.app.answers.regions import COUNTED_LAYERS
from lindero.app.media.pages.current import map_layers
from lindero.app.media.pages.downloads import citation
from lindero.app.media.pages.error_message import show_errors
from lindero.app.media.pages.frame import order, page
from lindero.app.media.pages.maps import map_picture
from lindero.app.media.pages.maps.choropleth import choropleth
from lindero.app.media.pages.provenance_panel import show_provenance
from lindero.app.media.pages.sections import region_sections
from lindero.app.media.pages.tables import lists, region_tables
from lindero.app.text.codes import translate_code
from lindero.app.text.escape import remove_markup
from lindero.app.text.i18n import _

page.show_head(_("By region"))
page.stop_if_empty()
labels = region_tables.measure_labels()
with show_errors():
    levels = map_layers.levels()
parts = order.create_order()
with parts.choices:
    asked, by = st.columns(2)
    with asked:
        level = page.select_option(
            _("Compare"), levels, lambda code: translate_code(f"{code}s"), param="level", container=parts.finding
        )
    with by:
        measures = list(region_tables.MEASURES)
        measure = page.select_option(_("By"), measures, labels.__getitem__, param="by", container=parts.finding)
with parts.finding, show_errors(), st.spinner(_("Adding up region by region …")):
    ranked = region_tables.rank_regions(map_layers.compare_regions(level), measure)
    codes = tuple(ranked["region"])
if ranked.empty:
    parts.finding.info(_("Nothing on this map is in a known region."))
    order.show_choices(parts.finding, [translate_code(f"{level}s"), labels[measure]])
    st.stop()
answer = region_sections.region_answer(ranked, measure, level)
order.show_finding(parts.finding, answer)
order.show_choices(parts.finding, [translate_code(f"{level}s"), labels[measure]])
with parts.picture, show_errors():
    drawn = choropleth(map_layers.shapes_of_regions(level, codes), ranked, measure)
    finding, layers = remove_markup(answer.finding), COUNTED_LAYERS
    key = f"browse-{level}"
    map_picture.show_map_with_picture(
        *drawn, title=labels[measure], finding=finding, layers=layers, key=key, underneath=(), height=520
    )
with parts.rows:
    region_tables.show_regions(ranked, level)
    measured = ranked.drop(columns=["is_part", "is_unknown"])
    lists.offer_csv(measured, f"{level}s.csv")
    if len(levels) == 1:
        st.write(_("To compare smaller regions, add a layer of regions with their boundaries to the workspace."))
with parts.more:
    region_sections.show_one_region(ranked, level, measure, parts.finding)
    region_sections.compare_two_regions(ranked, level, parts.finding)
with parts.method:
    st.write(_("Few recorded attacks may mean that there were few, or that few could be recorded."))
    counted = ["concessions", "communities", "incidents", "protection_measures"]
    sources = map_layers.cite_sources(counted)
    command = ["lindero", "regions", "--level", level, "--format", "json"]
    citation.show_citation(answer.finding, sources, command)
    show_provenance(
        provenance.Provenance(
            method="regions",
            parameters={"level": level},
            sources=sources,
            command=command,
            limits=[_("Records with only a larger region known are not counted in any of its provinces.")],
        ),
        measured,
        name=f"{level}s",
    )
