"""The answer about a community: what lies on its land, by whom, how surely, and what is on record of it."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from lindero.app.answers.answer import Answer, Column, Figure, Section, Table
from lindero.app.answers.changes.watchlist import COMMUNITY, Watched
from lindero.app.answers.commitments import CommitmentFacts, promises_section
from lindero.app.answers.coverage import coverage_text
from lindero.app.answers.coverage.coverage import Coverage, LayerCoverage
from lindero.app.answers.defaults import NEAR_KM
from lindero.app.answers.holder_spellings import across_spellings, by_spelling
from lindero.app.answers.overlap import overlaps
from lindero.app.answers.overlap.land import Land, asked_of, holders_of, land_coverage, land_of, titles_on_lands
from lindero.app.answers.place import place_report
from lindero.app.answers.place.nearby import incidents_near
from lindero.app.answers.place.spot import spot_of_community
from lindero.app.answers.place.topic_search import HOLDER
from lindero.app.answers.profile import shared
from lindero.app.answers.regions import country_at
from lindero.app.answers.registers import Counted, Registers
from lindero.app.pipeline.rows import refused_text
from lindero.app.record import consultation_text, consultations
from lindero.app.text.codes import word
from lindero.app.text.escape import key, plain
from lindero.app.text.i18n import _, number
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection
from lindero.layers.database.queries import map_queries
from lindero.layers.errors import N_, AnswerError
from lindero.layers.model.parse_values import is_null
from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS, PROTECTED_AREAS

NOT_PRINTED = ("holders", "acts")  # sections: a brief names the holders in its table of titles
LAYERS = ("communities", "concessions", "protected_areas", "consultations", "incidents")
Row = Mapping[Hashable, Any]


@dataclass(frozen=True)
class CommunityFacts:
    """The rows of the map on one community, and what can be said of the layers on its land."""

    con: Connection
    row: Row
    registers: Registers
    covered: Coverage

    @classmethod
    def of(cls, con: Connection, community: str) -> CommunityFacts:
        """
        Read what the map holds of a community.

        Raises
        ------
        AnswerError
            If it holds no such community.
        """
        every = map_queries.communities(con)
        found = every[every["id"] == community].to_dict("records")
        if not found:
            raise AnswerError(N_("the map holds no {layer} {id}"), layer=COMMUNITIES.name, id=community)
        registers = Registers.of_map(con)
        return cls(con, found[0], registers, registers.coverage(con))

    @property
    def id(self) -> str:
        """The id of the community."""
        return str(self.row["id"])

    @property
    def middle(self) -> tuple[float, float] | None:
        """The latitude and longitude of the middle of its land; None without a place."""
        lat, lon = ((self.row[f"{axis}min"] + self.row[f"{axis}max"]) / 2 for axis in ("y", "x"))
        return None if is_null(lat) else (lat, lon)

    @cached_property
    def every_pair(self) -> pd.DataFrame:
        """The concessions on all communities' land."""
        return titles_on_lands(self.con)[0]

    @cached_property
    def pairs(self) -> pd.DataFrame:
        """The concessions on its land, with the consultations on record of each."""
        return consultation_text.beside(
            self.every_pair[self.every_pair["right_id"] == self.id],
            consultations.consultations_of_map(self.con),
            is_covered=any(one.layer == "consultations" for one in map_database.read_sources(self.con)),
        )

    def coverage(self, layer: str, *, within_km: float = 0.0) -> LayerCoverage:
        """Return what can be said of a layer on its land or near it."""
        return land_coverage(self.con, self.id, self.covered, layer, within_km=within_km)


def community_answer(facts: CommunityFacts) -> Answer:
    """Compose the answer about a community, in the reader's language."""
    con, row = facts.con, facts.row
    land = land_of(con, facts.id, facts.every_pair)
    country = country_at(*(facts.middle or (float("nan"), float("nan"))))
    return Answer(
        title=str(row["name"]),
        about=place_report.community(row),
        sections=(
            land_section(row, land, facts.coverage(CONCESSIONS.name)),
            _titles(facts),
            *_holders(facts),
            *_refused(facts),
            _areas(facts),
            *_consultations(facts),
            _attacks(facts),
            *shared.news(con, Watched(f"{COMMUNITY}/{facts.id}", str(row["name"]), facts.id)),
            promises_section(CommitmentFacts.of(con, country, covered=facts.covered)),
            *shared.closing(con, LAYERS, facts.registers.sentences()),
        ),
    )


def land_section(row: Row, land: Land, answer: LayerCoverage, added_up: str = "") -> Section:
    """
    Say how much of a community's land is under concession, with its hectares.

    Parameters
    ----------
    added_up
        From what to what the hectares may be that are added up title by title.
    """
    ground = place_report.covered_ground(land, answer)
    area_ha = "?" if is_null(row["area_ha"]) else number(row["area_ha"], decimals=1)
    figures = {_("Land of the community (ha)"): Figure(area_ha)}
    if land.titles:
        figures |= {
            _("Under concession, ground counted once (ha)"): Figure(number(land.footprint_ha, decimals=1)),
            _("Of this certain (ha)"): Figure(number(land.certain_ha, decimals=1)),
            _("Added up title by title (ha)"): Figure(number(land.gross_ha, decimals=1), added_up),
        }
    return Section("land", finding=ground.finding, figures=figures, note=ground.besides)


def _titles(facts: CommunityFacts) -> Section:
    title = _("Titles on this land")
    if facts.pairs.empty:
        nothing = Land(0, 0.0, 0.0, 0.0, None)
        return Section("titles", title, place_report.share_text(nothing, facts.coverage(CONCESSIONS.name)))
    return Section("titles", title, table=shared.titles_table(facts.con, facts.pairs))


def _refused(facts: CommunityFacts) -> list[Section]:
    land = map_database.read_layer(facts.con, COMMUNITIES, where={"id": [facts.id]}).geometry
    return refused_section([] if land.isna().all() else refused_text.refused_on(facts.con, land.iloc[0]))


def refused_section(met: Sequence[str]) -> list[Section]:
    """List the refused records that may lie on the land; no section if there are none."""
    text = _("These records were refused and are on no map, but may lie on this land:")
    return [Section("refused", finding=text, lines=tuple(map(plain, met)))] if met else []


def _areas(facts: CommunityFacts) -> Section:
    pairs, _counted = overlaps.find_pairs(facts.con, "communities", "protected_areas", whole="communities")
    return shared.protected_areas(pairs[pairs["left_id"] == facts.id], facts.coverage(PROTECTED_AREAS.name))


def _holders(facts: CommunityFacts) -> list[Section]:
    if facts.pairs.empty:
        return []
    left_out = facts.registers.counted[CONCESSIONS.name].left_out
    names = by_spelling(across_spellings(map_queries.holders(facts.con, left_out)))
    return [holders_section(holders_of(facts.con, facts.id, facts.every_pair, names))]


def holders_section(holders: pd.DataFrame) -> Section:
    """List who holds the concessions on a land, as `app.answers.overlap.land.holders_of` adds them up."""
    table = Table(
        _("Holders, most ground first"),
        {
            "holder": Column(_("Holder"), link="page"),
            "titles": Column(_("Titles"), "number"),
            "footprint_ha": Column(_("Hectares, ground counted once"), "number"),
            "gross_ha": Column(_("Hectares, added up"), "number"),
        },
        holders.assign(
            holder=holders["holder"].astype(object).fillna(_("nobody named")),
            page=["" if is_null(name) else key(HOLDER, str(name)) for name in holders["holder"]],
            **{name: holders[name].round(1) for name in ("gross_ha", "footprint_ha")},
        ),
    )
    return Section("holders", _("Holders, by hectares of this land"), table=table)


def _consultations(facts: CommunityFacts) -> list[Section]:
    left = Counted.of_map(facts.con, CONCESSIONS).ids
    acts = consultations.acts(facts.con, country_at, community=facts.id, left_out=left)
    rows, rules = map_queries.consultations(facts.con, facts.id), asked_of(facts.con, acts, facts.id)
    return consultations_sections(rows, acts, facts.coverage("consultations"), rules)


def consultations_sections(
    rows: pd.DataFrame, acts: pd.DataFrame, answer: LayerCoverage, rules: Sequence[str]
) -> list[Section]:
    """
    Return which acts a community was consulted about, and what the rules ask for; then the acts kind by kind.

    Parameters
    ----------
    rows, acts
        As `map_queries.consultations` and `app.record.consultations.acts` give them of the community.
    answer
        What can be said of consultations on its land.
    rules
        As `app.answers.overlap.land.asked_of` says them.
    """
    none = [coverage_text.none(answer)]
    none += [place_report.not_proof()] * answer.is_covered
    first = Section(
        "consultations",
        _("Was the community asked?"),
        " ".join(none) if rows.empty else consultation_text.on_record(acts),
        table=None if rows.empty else _consultations_table(rows),
        note=" ".join(rules) or _("What this state's rules ask for is not on record for the titles on this land."),
    )
    return [first, _acts_section(acts)] if rules and (answer.is_covered or len(rows)) else [first]


def _acts_section(acts: pd.DataFrame) -> Section:
    table = Table(
        _("Acts of the State, what the rules ask for, and what is on record"),
        {
            "kind": Column(_("Kind of title")),
            "stage": Column(_("What the act decides")),
            "rule": Column(_("What the rules say")),
            "on_record": Column(_("Consultations on record")),
            "not_sought": Column(_("Said not to have been sought"), "number"),
            "not_on_record": Column(_("Titles of which none is on record"), "number"),
            "contested": Column(_("Contested"), "number"),
        },
        consultation_text.counted(acts),
    )
    note = _(
        "What is not on record may have been held, or may not have come to this act: a rule asks for consultation "
        "before the act, and the map does not know which acts the State has taken."
    )
    return Section("acts", table=table, note=note)


def _consultations_table(rows: pd.DataFrame) -> Table:
    """List consultations, the latest first; some columns on screens alone."""
    return Table(
        _("Consultations, the latest first"),
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
            name=rows["name"].fillna(rows["concession_id"]).fillna(_("no one title")),
            **{code: rows[code].map(word) for code in ("stage", "phase", "consent_status")},
            contested=rows["contested"].map({True: _("yes"), False: _("no")}),
        ),
    )


def _attacks(facts: CommunityFacts) -> Section:
    answer = facts.coverage("incidents", within_km=NEAR_KM)
    spot = spot_of_community(facts.con, facts.id)
    near = [] if spot is None else incidents_near(facts.con, spot, within_km=NEAR_KM)
    return shared.attacks(near, answer, NEAR_KM)
