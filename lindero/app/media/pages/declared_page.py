"""The page of a declared answer (`app.answers.declared`): its choices, finding, rows and method."""

import geopandas as gpd
import streamlit as st

from lindero.app.answers.answer import Answer
from lindero.app.answers.declared import DeclaredAnswer
from lindero.app.answers.declared_answers import DECLARED
from lindero.app.answers.provenance import Provenance
from lindero.app.media.design import BLUE
from lindero.app.media.pages import streamlit_page
from lindero.app.media.pages.current import map_layers
from lindero.app.media.pages.current.cache import cache_answer
from lindero.app.media.pages.downloads import citation
from lindero.app.media.pages.error_message import show_errors
from lindero.app.media.pages.frame import order, page
from lindero.app.media.pages.maps import map_picture
from lindero.app.media.pages.maps.areas import Look
from lindero.app.media.pages.provenance_panel import show_provenance
from lindero.app.text.i18n import _, format_number
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection
from lindero.layers.model.schema import LAYERS


def show_page(declared: DeclaredAnswer) -> None:
    """Show the page of a declared answer."""
    page.show_head(_(declared.title))
    page.stop_if_empty()
    parts = order.create_order()
    with parts.choices:
        values = {
            choice.name: st.number_input(
                _(choice.label), choice.least, choice.most, choice.default, key=f"{declared.name}-{choice.name}"
            )
            for choice in declared.choices
        }
    with show_errors():
        answer = _ask(declared.name, tuple(values.items()))
    order.show_finding(parts.finding, answer["finding"])
    labels = [
        f"{_(choice.label)}: {format_number(value, decimals=1 if value % 1 else 0)}"
        for choice, value in zip(declared.choices, values.values(), strict=True)
    ]
    order.show_choices(parts.finding, labels)
    rows = answer[declared.rows].table_rows
    with parts.picture:
        map_picture.show_map_with_picture(
            _read_shapes(declared.drawn, tuple(rows["id"])),
            [Look("row", _(declared.title), BLUE, "level")],
            title=_(declared.title),
            finding=answer["finding"].finding,
            layers=declared.layers,
            key=declared.name,
            underneath=["concessions"],
        )
    with parts.rows:
        streamlit_page.show_section(answer[declared.rows])
    with parts.method:
        sources = map_layers.cite_sources(declared.layers)
        words = [word for name, value in values.items() for word in (f"--{name}", f"{value:g}")]
        command = ["lindero", declared.name, *words, "--format", "json"]
        citation.show_citation(answer["finding"].finding, sources, command)
        show_provenance(Provenance(declared.name, values, sources, command), rows)


@cache_answer()
def _read_shapes(con: Connection, layer: str, ids: tuple[str, ...]) -> gpd.GeoDataFrame:
    """Read the features of a layer with some ids, as a map draws them."""
    shapes = map_database.read_layer(con, LAYERS[layer], columns=["id", "name", "geometry"], where={"id": list(ids)})
    return shapes.assign(name=shapes["name"].fillna(shapes["id"]), said="", look="row")


@cache_answer()
def _ask(con: Connection, name: str, values: tuple[tuple[str, float], ...]) -> Answer:
    return DECLARED[name].ask(con, dict(values))
