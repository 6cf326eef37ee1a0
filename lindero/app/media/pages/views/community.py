"""Community: the concessions on one community's land, their holders, consultations, and attacks nearby."""

from dataclasses import replace

import streamlit as st

from lindero.app.answers import provenance
from lindero.app.answers.answer import doubts_section
from lindero.app.answers.defaults import NEAR_KM
from lindero.app.answers.overlap.overlaps_answer import gross_range_text
from lindero.app.answers.place import place_report
from lindero.app.answers.profile.community import holders_section, land_section
from lindero.app.media.pages import streamlit_page
from lindero.app.media.pages.current import cached_answers, cached_record, map_layers
from lindero.app.media.pages.downloads import brief_download, citation, pack_download
from lindero.app.media.pages.error_message import show_errors
from lindero.app.media.pages.frame import order, page
from lindero.app.media.pages.provenance_panel import show_provenance
from lindero.app.media.pages.sections import land_sections, region_sections
from lindero.app.media.paper.brief import community as community_brief
from lindero.app.media.phone.about import Subject
from lindero.app.text.escape import escape_markdown
from lindero.app.text.i18n import _

page.show_head(_("Community"))
page.stop_if_empty()
with show_errors():
    communities = map_layers.communities()
if communities.empty:
    nobody = _("This map has no recorded communities. That does not mean that nobody lives there.")
    st.info(map_layers.missing_layers_text(["communities"]) or nobody)
    st.stop()
community = land_sections.select_community(communities)
row = communities[communities["id"] == community].to_dict("records")[0]
with show_errors():
    land = map_layers.measure_community_land(community)
    every, counted = map_layers.titles_on_lands()
    repeats = map_layers.repeats_on_land(community).sentence()
    pairs = cached_record.add_consultations(every.query("right_id == @community"), "concessions", "communities")
    answer = map_layers.coverage_of_land(community)

finding = order.create_parts("finding")[0]
with finding:
    added_up = gross_range_text(pairs) if land.titles else ""
    told = land_section(row, land, answer, added_up, shared=map_layers.shared_lands(community))
    shown = replace(told, note=f"{place_report.format_community(row)}.")
    order.show_finding(finding, shown, doubts_section((told.note, escape_markdown(repeats), *counted.sentences())))
    land_sections.show_refused_on_land(community)
    brief_download.offer_brief(lambda con: community_brief.build_brief(con, community), f"community-{row['name']}")
    pack_download.offer_pocket_map(Subject.COMMUNITY, community)
    land_sections.offer_dossier(community, str(row["name"]))
with show_errors():
    streamlit_page.show_section(cached_answers.own_land_news(community))
land_sections.show_land_concessions(row, pairs, told.finding)
with show_errors():
    if land.titles:
        streamlit_page.show_section(holders_section(map_layers.rank_holders_on_land(community)))
    country = map_layers.find_country_at_point((row["ymin"] + row["ymax"]) / 2, (row["xmin"] + row["xmax"]) / 2)
    land_sections.show_consultations(community, country, has_concessions=not pairs.empty)
    land_sections.show_incidents(community, NEAR_KM)

region_sections.show_promises(country)
sources = map_layers.cite_sources(["communities", "concessions", "consultations", "incidents"])
command = ["lindero", "overlaps", "concessions", "communities", "--right-where", f"id={community}"]
command += [part for test in counted.to_conditions() for part in ("--left-where", test.text)]
citation.show_citation(f"{escape_markdown(str(row['name']))}: {told.finding}", sources, command)
show_provenance(
    provenance.Provenance(
        method="overlaps",
        parameters={"community": community},
        sources=sources,
        command=command,
        limits=[
            _(
                "The command gives the concessions on this land and their hectares, both added up and "
                "each counted once. It does not give attacks, consultations or commitments."
            )
        ],
    )
)
