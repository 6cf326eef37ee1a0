"""The answer about a community: concessions and protected areas on its land, holders, consultations and attacks."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from lindero.app.answers.answer import Answer, Column, Figure, Section, Table
from lindero.app.answers.changes.own_land import own_land_section
from lindero.app.answers.changes.register_dates import dated_report
from lindero.app.answers.changes.watchlist import COMMUNITY, WatchedPlace
from lindero.app.answers.commitments import CommitmentFacts, promises_section
from lindero.app.answers.coverage import coverage_text, refused_text
from lindero.app.answers.coverage.coverage import Coverage, LayerCoverage
from lindero.app.answers.defaults import NEAR_KM
from lindero.app.answers.holder_spellings import group_spellings, map_spellings
from lindero.app.answers.overlap import overlaps
from lindero.app.answers.overlap.land import (
    Land,
    land_coverage,
    list_required_consultations,
    measure_land,
    rank_community_holders,
    read_concessions_on_land,
)
from lindero.app.answers.overlap.named_area import AreaPart, read_shared_lands
from lindero.app.answers.place import place_report
from lindero.app.answers.place.area_text import shared_land_text
from lindero.app.answers.place.nearby import find_nearby_incidents
from lindero.app.answers.place.spot import find_community_spot
from lindero.app.answers.place.topic_search import HOLDER
from lindero.app.answers.profile import shared
from lindero.app.answers.record import consultation_text, consultations
from lindero.app.answers.regions import find_country_at_point
from lindero.app.answers.registers import CountedRows, Registers
from lindero.app.text.codes import translate_code
from lindero.app.text.escape import build_link_key, escape_markdown
from lindero.app.text.i18n import _, format_number
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection
from lindero.layers.database.queries import map_queries
from lindero.layers.errors import N_, AnswerError
from lindero.layers.model.parse_values import is_null
from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS, PROTECTED_AREAS

NOT_PRINTED = ("holders", "acts")  # sections; a brief names the holders in its table of concessions
LAYERS = ("communities", "concessions", "protected_areas", "consultations", "incidents")
Row = Mapping[Hashable, Any]


@dataclass(frozen=True)
class CommunityFacts:
    """The rows of the map on one community, and the coverage of the layers on its land."""

    con: Connection
    row: Row
    registers: Registers
    covered: Coverage

    @classmethod
    def from_map(cls, con: Connection, community: str) -> CommunityFacts:
        """Read the row of a community from the map."""
        communities = map_queries.read_communities(con)
        rows = communities[communities["id"] == community].to_dict("records")
        if not rows:
            raise AnswerError(
                N_("the layer {layer} of this map has no row with id '{id}'; check the id"),
                layer=COMMUNITIES.name,
                id=community,
            )
        registers = Registers.from_map(con)
        return cls(con, rows[0], registers, registers.read_coverage(con))

    @property
    def id(self) -> str:
        """The id of the community."""
        return str(self.row["id"])

    @property
    def centre(self) -> tuple[float, float] | None:
        """The latitude and longitude of the centre of its bounding box; None if it has no geometry."""
        lat, lon = ((self.row[f"{axis}min"] + self.row[f"{axis}max"]) / 2 for axis in ("y", "x"))
        return None if is_null(lat) else (lat, lon)

    @property
    def shared_lands(self) -> tuple[AreaPart, ...]:
        """The lands of other communities that overlap its land."""
        return read_shared_lands(self.con, self.id)

    @cached_property
    def all_pairs(self) -> pd.DataFrame:
        """The overlap pairs of concessions with the land of all communities."""
        return read_concessions_on_land(self.con)[0]

    @cached_property
    def pairs(self) -> pd.DataFrame:
        """The overlap pairs of concessions with its land, each with its recorded consultations."""
        return consultation_text.add_consultations(
            self.all_pairs[self.all_pairs["right_id"] == self.id],
            consultations.read_consultations(self.con),
            is_covered=any(source.layer == "consultations" for source in map_database.read_sources(self.con)),
        )

    def coverage(self, layer: str, *, within_km: float = 0.0) -> LayerCoverage:
        """Return the coverage of a layer on its land, or within a distance of it."""
        return land_coverage(self.con, self.id, self.covered, layer, within_km=within_km)


def community_answer(facts: CommunityFacts) -> Answer:
    """Build the answer about a community, in the reader's language."""
    con, row = facts.con, facts.row
    land = measure_land(con, facts.id, facts.all_pairs)
    country = find_country_at_point(*(facts.centre or (float("nan"), float("nan"))))
    return Answer(
        title=str(row["name"]),
        about=place_report.format_community(row),
        sections=(
            land_section(row, land, facts.coverage(CONCESSIONS.name), shared=facts.shared_lands),
            _concessions_section(facts),
            *_holders_sections(facts),
            *_refused_sections(facts),
            _protected_areas_section(facts),
            *_load_consultations(facts),
            _attacks_section(facts),
            own_land_section(con, dated_report(con), row, facts.coverage(CONCESSIONS.name)),
            *shared.news_sections(con, WatchedPlace(f"{COMMUNITY}/{facts.id}", str(row["name"]), facts.id)),
            promises_section(CommitmentFacts.read(con, country, covered=facts.covered)),
            *shared.closing_sections(con, LAYERS, facts.registers.sentences()),
        ),
    )


def land_section(
    row: Row, land: Land, answer: LayerCoverage, added_up: str = "", *, shared: Sequence[AreaPart] = ()
) -> Section:
    """Build the section on how much of a community's land is under concession, in hectares.

    `added_up`: the range of the hectares added up concession by concession, as text.
    """
    ground = place_report.describe_covered_ground(land, answer)
    area_ha = "?" if is_null(row["area_ha"]) else format_number(row["area_ha"], decimals=1)
    figures = {_("Community land (ha)"): Figure(area_ha)}
    if land.titles:
        figures |= {
            _("Under concession, each hectare counted once (ha)"): Figure(format_number(land.footprint_ha, decimals=1)),
            _("Certain part (ha)"): Figure(format_number(land.certain_ha, decimals=1)),
            _("Added up by concession (ha)"): Figure(format_number(land.gross_ha, decimals=1), added_up),
        }
    note = place_report.join_sentences(shared_land_text(shared), ground.besides)
    return Section("land", finding=ground.finding, figures=figures, note=note)


def _concessions_section(facts: CommunityFacts) -> Section:
    title = _("Concessions on this land")
    if facts.pairs.empty:
        nothing = Land(0, 0.0, 0.0, 0.0, None)
        return Section("titles", title, place_report.share_text(nothing, facts.coverage(CONCESSIONS.name)))
    return Section("titles", title, table=shared.concessions_table(facts.con, facts.pairs))


def _refused_sections(facts: CommunityFacts) -> list[Section]:
    land = map_database.read_layer(facts.con, COMMUNITIES, where={"id": [facts.id]}).geometry
    return refused_section([] if land.isna().all() else refused_text.list_refused_in_area(facts.con, land.iloc[0]))


def refused_section(records: Sequence[str]) -> list[Section]:
    """List the refused records that may be on the land; no section if there are none."""
    text = _("These records were rejected and are not on the map, but may be on this land:")
    return [Section("refused", finding=text, lines=tuple(map(escape_markdown, records)))] if records else []


def _protected_areas_section(facts: CommunityFacts) -> Section:
    pairs, _counted = overlaps.find_pairs(facts.con, "communities", "protected_areas", whole="communities")
    return shared.protected_areas_section(pairs[pairs["left_id"] == facts.id], facts.coverage(PROTECTED_AREAS.name))


def _holders_sections(facts: CommunityFacts) -> list[Section]:
    if facts.pairs.empty:
        return []
    left_out = facts.registers.counted_rows[CONCESSIONS.name].left_out
    names = map_spellings(group_spellings(map_queries.read_holders(facts.con, left_out)))
    return [holders_section(rank_community_holders(facts.con, facts.id, facts.all_pairs, names))]


def holders_section(holders: pd.DataFrame) -> Section:
    """List the holders of the concessions on a land, with their hectares."""
    table = Table(
        _("Holders, largest area first"),
        {
            "holder": Column(_("Holder"), link="page"),
            "titles": Column(_("Concessions"), "number"),
            "footprint_ha": Column(_("Hectares, each counted once"), "number"),
            "gross_ha": Column(_("Hectares, added up"), "number"),
        },
        holders.assign(
            holder=holders["holder"].astype(object).fillna(_("name not recorded")),
            page=["" if is_null(name) else build_link_key(HOLDER, str(name)) for name in holders["holder"]],
            **{name: holders[name].round(1) for name in ("gross_ha", "footprint_ha")},
        ),
    )
    return Section("holders", _("Holders by hectares on this land"), table=table)


def _load_consultations(facts: CommunityFacts) -> list[Section]:
    left_out = CountedRows.from_map(facts.con, CONCESSIONS).ids
    acts = consultations.list_acts(facts.con, find_country_at_point, community=facts.id, left_out=left_out)
    rows, rules = (
        map_queries.read_consultations(facts.con, facts.id),
        list_required_consultations(facts.con, acts, facts.id),
    )
    coverage = facts.coverage("consultations")
    return consultations_sections(rows, acts, coverage, rules, has_concessions=not facts.pairs.empty)


def consultations_sections(
    rows: pd.DataFrame, acts: pd.DataFrame, answer: LayerCoverage, rules: Sequence[str], *, has_concessions: bool
) -> list[Section]:
    """Build the sections on the consultations of a community: those on record, and the acts of the State by kind.

    The section on acts is left out without rules, or if neither data nor records of consultations exist there.

    `rows`: the result of `map_queries.read_consultations` for the community. `acts`: the result of
    `app.answers.record.consultations.list_acts` for the community.
    """
    none = [coverage_text.none_found_text(answer)]
    none += [place_report.no_proof_text()] * answer.is_covered
    lacking = _("The State's consultation rules for the concessions on this land are not recorded on this map.")
    first = Section(
        "consultations",
        _("Was the community consulted?"),
        " ".join(none) if rows.empty else consultation_text.consultations_text(acts),
        table=None if rows.empty else _consultations_table(rows),
        note=" ".join(rules) or lacking * has_concessions,
    )
    return [first, _acts_section(acts)] if rules and (answer.is_covered or len(rows)) else [first]


def _acts_section(acts: pd.DataFrame) -> Section:
    table = Table(
        _("Acts of the State: what the rules ask for and what is recorded"),
        {
            "kind": Column(_("Kind of concession")),
            "stage": Column(_("What the act decides")),
            "rule": Column(_("What the rules say")),
            "on_record": Column(_("Consultations on record")),
            "not_sought": Column(_("Consent not sought, according to a source"), "number"),
            "not_on_record": Column(_("Concessions without a recorded consultation"), "number"),
            "contested": Column(_("Contested"), "number"),
        },
        consultation_text.count_in_words(acts),
    )
    note = _(
        "A consultation that is not recorded may have been held, or the State may not have reached this "
        "act. The rules ask for consultation before the act, and the map does not know which acts the "
        "State has taken."
    )
    return Section("acts", table=table, note=note)


def _consultations_table(rows: pd.DataFrame) -> Table:
    """List consultations, the latest first. Columns of width 0 are not printed."""
    return Table(
        _("Consultations, latest first"),
        {
            "name": Column(_("Concession"), width=2),
            "stage": Column(_("What the act decides"), width=1.6),
            "measure": Column(_("Act consulted"), note="resolution", width=2),
            "phase": Column(_("Phase of the consultation"), width=0),
            "consent_status": Column(_("Answer of the community"), width=1.3),
            "contested": Column(_("Contested"), width=0),
            "dated_on": Column(_("Date"), "date", width=1.2),
            "authority": Column(_("Authority"), width=0),
            "sources": Column(_("Sources"), width=0),
        },
        rows.assign(
            name=rows["name"].fillna(rows["concession_id"]).fillna(_("not one concession in particular")),
            **{code: rows[code].map(translate_code) for code in ("stage", "phase", "consent_status")},
            contested=rows["contested"].map({True: _("yes"), False: _("no")}),
        ),
    )


def _attacks_section(facts: CommunityFacts) -> Section:
    answer = facts.coverage("incidents", within_km=NEAR_KM)
    spot = find_community_spot(facts.con, facts.id)
    incidents = [] if spot is None else find_nearby_incidents(facts.con, spot, within_km=NEAR_KM)
    return shared.attacks_section(incidents, answer, NEAR_KM)
