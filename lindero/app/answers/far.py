"""Communities without a concession within a distance of their land."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lindero.app.answers.declared import Choice, DeclaredAnswer
from lindero.app.text.i18n import _, format_number, ngettext
from lindero.layers.errors import N_

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from lindero.app.answers.answer import Answer
    from lindero.app.answers.coverage.coverage import Coverage
    from lindero.layers.database.map_database import Connection

_DISTANCE_SLACK = 1.01  # distances are right to 1 %


def build_far_answer(con: Connection, *, km: float) -> Answer:
    """Build the answer about the current communities and the concessions of every status."""
    from lindero.app.answers.answer import Answer, Column, Figure, Section, Table, finding_section
    from lindero.app.answers.coverage.coverage import find_missing_layers
    from lindero.app.answers.coverage.coverage_text import missing_layers_text, missing_places_text
    from lindero.app.answers.registers import Registers
    from lindero.app.text.codes import translate_code
    from lindero.layers.database import map_database
    from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS

    columns = ("id", "source_id", "name", "type", "boundary_accuracy_m", "geometry")
    registers = Registers.from_map(con, FAR.layers)
    covered = registers.read_coverage(con, FAR.layers)
    everyone = registers.filter_layer(COMMUNITIES.name, map_database.read_layer(con, COMMUNITIES, columns=columns))
    titles = map_database.read_layer(con, CONCESSIONS, columns=("id", "boundary_accuracy_m", "geometry"))
    lands = everyone[everyone.geometry.notna()].reset_index(drop=True)
    measured = measure_nearest(lands, titles, covered, km=km)
    counts = measured["state"].value_counts()
    far, unknown = (int(counts.get(state, 0)) for state in ("far", "not_known"))
    distance = format_number(km, decimals=1 if km % 1 else 0)
    if missing := find_missing_layers(covered, FAR.layers):
        finding = missing_layers_text(missing)
    else:
        finding = _(
            "Communities with no recorded concession within {km} km of their land: {far} of {n}. With one: {near}."
        ).format(
            far=format_number(far),
            n=format_number(len(measured)),
            km=distance,
            near=format_number(int(counts.get("near", 0))),
        )
    limits = [
        ngettext(
            "For {n} it is not known: the map does not have data on concessions all around it, or the accuracy of "
            "boundaries leaves it open.",
            "For {n} it is not known: the map does not have data on concessions all around them, or the accuracy of "
            "boundaries leaves it open.",
            unknown,
        ).format(n=format_number(unknown))
        if unknown
        else "",
        missing_places_text(COMMUNITIES.name, len(everyone) - len(lands)),
        *registers.sentences(),
    ]
    rows = measured[measured["state"] == "far"].drop(columns="state").reset_index(drop=True)
    table = Table(
        _("Communities without a recorded concession within {km} km").format(km=distance),
        {
            "name": Column(_("Community"), link="page"),
            "type_label": Column(_("Type")),
            "source_id": Column(_("Source")),
        },
        rows.assign(type_label=rows["type"].map(translate_code)),
    )
    labels = {
        "far": _("Farther away"),
        "near": _("Within the distance"),
        "not_known": _("Not known"),
    }
    figures = {} if missing else {label: Figure(format_number(counts.get(state, 0))) for state, label in labels.items()}
    return Answer(
        _(FAR.title),
        sections=(finding_section(finding, limits, figures), Section("rows", table=table)),
    )


def measure_nearest(lands: gpd.GeoDataFrame, titles: gpd.GeoDataFrame, covered: Coverage, *, km: float) -> pd.DataFrame:
    """Return `id`, `name`, `type`, `source_id`, `page` and `state` of communities with a place.

    `state` is `near` with a concession certainly within `km`, `far` with none even if all boundaries are moved by their
    accuracy and data of concessions all around, and otherwise `not_known`.
    """
    import geopandas as gpd
    import numpy as np

    from lindero.app.answers.coverage.coverage import ZERO
    from lindero.app.text.escape import build_link_key
    from lindero.geo.geometry.units import M_PER_KM
    from lindero.geo.near.window import widen
    from lindero.geo.near.within_distance import find_within_distance
    from lindero.geo.overlay.prepared_layer import ASSUMED_ACCURACY_M
    from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS

    metres = km * M_PER_KM
    own, other = (frame.set_index("id")["boundary_accuracy_m"].fillna(ASSUMED_ACCURACY_M) for frame in (lands, titles))
    slack_m = own.max() + other.max() if len(own) and len(other) else 0.0
    pairs = find_within_distance(lands, titles, within_km=(metres * _DISTANCE_SLACK + slack_m) / M_PER_KM)
    slack = pairs["place_id"].map(own) + pairs["id"].map(other)
    distance_m = pairs["distance_m"]
    ids = lands["id"]
    is_near = ids.isin(pairs["place_id"][distance_m * _DISTANCE_SLACK + slack <= metres]) | ids.isin(
        pairs["place_id"][distance_m == 0]
    )
    is_open = ids.isin(pairs["place_id"][distance_m / _DISTANCE_SLACK - slack <= metres])
    around = gpd.GeoSeries([widen(shape, metres) for shape in lands.geometry], index=lands.index, crs=lands.crs)
    is_bare = covered.measure_shapes(CONCESSIONS.name, around)["share"].to_numpy() < ZERO
    state = np.select([is_near, is_open | is_bare], ["near", "not_known"], "far")
    pages = [build_link_key(COMMUNITIES.name, id_) for id_ in ids]
    return (
        lands[["id", "name", "type", "source_id"]]
        .assign(page=pages, state=state)
        .sort_values("name", ignore_index=True)
    )


FAR = DeclaredAnswer(
    name="far",
    title=N_("Communities far from concessions"),
    summary=N_("List communities without a concession within a distance of their land."),
    method=N_(
        "Distance on the ground from the land of each community to every concession on the map, of any status. A "
        "community is counted as far if no concession is within the distance even if boundaries are off by their "
        "accuracy, and if the map has data on concessions all around it."
    ),
    docs=("docs/methods-analysis.md", "Far"),
    layers=("communities", "concessions"),
    choices=(Choice("km", N_("Distance in kilometres"), default=5, least=1, most=200),),
    build=build_far_answer,
    drawn="communities",
)
