"""The brief of a community: what lies on its land, by whom, how surely, and what is on record of it."""

import pandas as pd
import shapely

from lindero.app.answers.changes.watchlist import COMMUNITY, Watched
from lindero.app.answers.coverage import coverage_text
from lindero.app.answers.coverage.coverage import Coverage, LayerCoverage
from lindero.app.answers.defaults import NEAR_KM
from lindero.app.answers.overlap import overlaps
from lindero.app.answers.overlap.community import (
    Land,
    asked_of,
    land_coverage,
    land_of,
    titles_on_lands,
)
from lindero.app.answers.place import place_report
from lindero.app.answers.place.nearby import incidents_near
from lindero.app.answers.place.spot import spot_of_community
from lindero.app.answers.regions import country_at
from lindero.app.answers.registers import Counted, Registers
from lindero.app.drawing import ruled_map
from lindero.app.drawing.ruled_map import Drawn, fit_to_paper, map_of, sample
from lindero.app.pipeline import source_report
from lindero.app.products.brief import sections, typesetting
from lindero.app.products.brief.parts import (
    Brief,
    Column,
    Part,
    bare,
    bullets,
    figures,
    heading,
    map_with_key,
    notes,
    paragraph,
    table,
)
from lindero.app.record import consultation_text, consultations
from lindero.app.record.incidents import record_of
from lindero.app.text.codes import word
from lindero.app.text.i18n import _, number
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection
from lindero.layers.database.queries import map_queries
from lindero.layers.errors import N_, AnswerError
from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS, PROTECTED_AREAS

LAYERS = ("communities", "concessions", "protected_areas", "consultations", "incidents")


def brief(con: Connection, community: str) -> Brief:
    """
    Gather the brief of a community, in the reader's language.

    Raises
    ------
    AnswerError
        If the map holds no such community.
    """
    every = map_queries.communities(con)
    found = every[every["id"] == community].to_dict("records")
    if not found:
        raise AnswerError(N_("the map holds no {layer} {id}"), layer=COMMUNITIES.name, id=community)
    row = found[0]
    registers = Registers.of_map(con)
    covered = registers.coverage(con)
    pairs, _counted = titles_on_lands(con)
    land = land_of(con, community, pairs)
    answer = land_coverage(con, community, covered, CONCESSIONS.name)
    lat, lon = (row["ymin"] + row["ymax"]) / 2, (row["xmin"] + row["xmax"]) / 2
    is_placed = pd.notna(lat)
    with_acts = consultation_text.beside(
        pairs[pairs["right_id"] == community],
        consultations.consultations_of_map(con),
        is_covered=any(one.layer == "consultations" for one in map_database.read_sources(con)),
    )
    country = country_at(lat, lon)
    record = record_of(con)
    return Brief(
        title=row["name"],
        about=bare(place_report.community(row)),
        finding=bare(place_report.share_text(land, answer)),
        footer=_footer(con, row["name"]),
        warning=sections.is_invented(con),
        code=typesetting.place_code(lat, lon) if is_placed else None,
        parts=[
            *([_map(con, community, with_acts)] if is_placed else []),
            _sums(row["area_ha"], land),
            *_titles(con, with_acts, answer),
            *_refused(con, community),
            *_areas(con, community, covered),
            *_consultations(con, community, covered),
            *_attacks(con, community, covered),
            *sections.news(con, Watched(f"{COMMUNITY}/{community}", row["name"], community)),
            *sections.promises(con, country, record),
            *sections.closing(con, LAYERS, registers.sentences()),
            *notes(),
        ],
    )


def _footer(con: Connection, name: str) -> str:
    return _("Lindero · {name} · data {date}").format(name=name, date=sections.day_of_map(con, LAYERS))


def _sums(area_ha: float, land: Land) -> Part:
    return figures(
        {
            _("Land of the community (ha)"): number(area_ha, decimals=1) if pd.notna(area_ha) else "?",
            _("Under concession, ground counted once (ha)"): number(land.footprint_ha, decimals=1),
            _("Of this certain (ha)"): number(land.certain_ha, decimals=1),
            _("Added up title by title (ha)"): number(land.gross_ha, decimals=1),
        }
        if land.titles
        else {_("Land of the community (ha)"): number(area_ha, decimals=1) if pd.notna(area_ha) else "?"}
    )


def _titles(con: Connection, pairs: pd.DataFrame, answer: LayerCoverage) -> list[Part]:
    head = heading(_("Titles on this land"))
    if pairs.empty:
        return [head, *paragraph(place_report.share_text(Land(0, 0.0, 0.0, 0.0, None), answer))]
    return [head, *sections.titles_on(con, pairs)]


def _refused(con: Connection, community: str) -> list[Part]:
    land = map_database.read_layer(con, COMMUNITIES, where={"id": [community]}).geometry
    met = [] if land.isna().all() else source_report.refused_on(con, land.iloc[0])
    text = _("These records were refused and are on no map, but may lie on this land:")
    return [*paragraph(text), *bullets(met)] if met else []


def _areas(con: Connection, community: str, covered: Coverage) -> list[Part]:
    pairs, _counted = overlaps.find_pairs(con, "communities", "protected_areas", whole="communities")
    answer = land_coverage(con, community, covered, PROTECTED_AREAS.name)
    return sections.protected_areas(pairs[pairs["left_id"] == community], answer)


def _consultations(con: Connection, community: str, covered: Coverage) -> list[Part]:
    head = heading(_("Was the community asked?"))
    rows = map_queries.consultations(con, community)
    left = Counted.of_map(con, CONCESSIONS).ids
    acts = consultations.acts(con, country_at, community=community, left_out=left)
    parts: list[Part] = [head]
    if rows.empty:
        parts += paragraph(coverage_text.none(land_coverage(con, community, covered, "consultations")))
    else:
        parts += [*paragraph(consultation_text.on_record(acts)), _acts(rows)]
    return [*parts, *paragraph(*asked_of(con, acts, community))]


def _acts(records: pd.DataFrame) -> Part:
    columns = [
        *(Column(_("Concession"), 2), Column(_("What the act decides"), 1.6), Column(_("Act consulted"), 2)),
        *(Column(_("Answer of the community"), 1.3), Column(_("Date"), 1.2), Column(_("Resolution"), 2)),
    ]
    acts = records.assign(
        name=records["name"].fillna(records["concession_id"]).fillna(_("no one title")),
        stage=records["stage"].map(word),
        consent_status=records["consent_status"].map(word),
        dated_on=records["dated_on"].astype(str).str[:10],
    )
    names = ["name", "stage", "measure", "consent_status", "dated_on", "resolution"]
    rows = acts[names].astype(object).fillna("").astype(str).to_numpy().tolist()
    return table(columns, rows[: sections.MOST_ROWS])


def _attacks(con: Connection, community: str, covered: Coverage) -> list[Part]:
    answer = land_coverage(con, community, covered, "incidents", within_km=NEAR_KM)
    spot = spot_of_community(con, community)
    near = [] if spot is None else incidents_near(con, spot, within_km=NEAR_KM)
    return sections.attacks(near, answer, NEAR_KM)


def _map(con: Connection, community: str, pairs: pd.DataFrame) -> Part:
    land = map_database.read_layer(con, COMMUNITIES, where={"id": [community]}).geometry
    bounds = tuple(float(value) for value in shapely.total_bounds(land.to_numpy()))
    frame = fit_to_paper((bounds[0], bounds[1], bounds[2], bounds[3])).bounds
    registers = Registers.of_map(con)
    titles, areas = (
        registers.of_layer(layer.name, map_database.read_layer(con, layer, bounds=frame))
        for layer in (CONCESSIONS, PROTECTED_AREAS)
    )
    shared = (
        overlaps.draw_pairs(con, "concessions", "communities", pairs) if len(pairs) else pairs.assign(geometry=None)
    )
    granted = titles["status"] == "granted"
    drawn = [
        Drawn(ruled_map.AREA, list(areas.geometry)),
        Drawn(ruled_map.SHARED, list(shared["geometry"])),
        Drawn(ruled_map.ASKED, list(titles.geometry[~granted])),
        Drawn(ruled_map.TITLE, list(titles.geometry[granted])),
        Drawn(ruled_map.LAND, list(land)),
        Drawn(ruled_map.Sign("none"), list(shared["geometry"]), [str(at) for at in range(1, len(shared) + 1)]),
    ]
    alt = _("Map of the land with the concessions and protected areas on it and around it; the overlaps are hatched.")
    legend = [
        (sample(ruled_map.LAND), _("Land of the community")),
        (sample(ruled_map.SHARED), _("Land under concession; the numbers are those of the table")),
        (sample(ruled_map.TITLE), _("Concession, granted")),
        (sample(ruled_map.ASKED), _("Concession, in another state")),
        (sample(ruled_map.AREA), _("Protected area")),
    ]
    return map_with_key(map_of((bounds[0], bounds[1], bounds[2], bounds[3]), drawn, alt), legend)
