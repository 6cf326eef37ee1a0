"""How a styled map package is drawn: the ground, the layers in their colours, names on top (MapLibre style 8)."""

from collections.abc import Mapping, Sequence

from lindero.app.output.symbols import STYLES, Style
from lindero.app.text import i18n
from lindero.layers.database.map_database import Bounds

FONT = "DejaVu Sans"
GROUND, FEATURES = "ground", "features"  # the sources
_LAND, _WATER, _RIVER, _BORDER, _REGION = "#f5f3ee", "#cfe0e8", "#9fc3d3", "#6d675a", "#a59f90"
_INK, _HALO = "#26221b", "#ffffff"
_NAMES_FROM = 9  # zoom, from which features are named
_DASHES = {"level": [4.0, 2.0], "dotted": [1.0, 2.0]}  # of outlines, by hatching: to be told apart without colour
_Drawn = dict[str, object]


def style(
    title: str, sources: Mapping[str, Mapping[str, object]], styles: Sequence[Style], bounds: Bounds
) -> dict[str, object]:
    """
    Give the style of a package.

    Parameters
    ----------
    sources
        The sources `GROUND` and `FEATURES`, as MapLibre describes them.
    styles
        The classes of features to be drawn, the lowest first.
    """
    west, south, east, north = bounds
    last = max(int(str(source["maxzoom"])) for source in sources.values())
    return {
        "version": 8,
        "name": title,
        "metadata": {
            "smp:bounds": [*bounds],
            "smp:maxzoom": last,
            "smp:sourceFolders": {name: name for name in sources},
        },
        "center": [(west + east) / 2, (south + north) / 2],
        "zoom": min(int(str(sources[FEATURES]["minzoom"])) + 2, last),
        "sources": {name: dict(source) for name, source in sources.items()},
        "glyphs": "smp://maps.v1/fonts/{fontstack}/{range}.pbf.gz",
        "layers": [*_ground(), *(layer for one in styles for layer in _class(one)), *_names(styles)],
    }


def _ground() -> list[_Drawn]:
    return [
        {"id": "background", "type": "background", "paint": {"background-color": _WATER}},
        _of(GROUND, "land", "fill", {"fill-color": _LAND}),
        _of(GROUND, "water", "fill", {"fill-color": _WATER}),
        _of(GROUND, "rivers", "line", {"line-color": _RIVER}),
        _of(GROUND, "regions", "line", {"line-color": _REGION, "line-dasharray": [4.0, 3.0]}),
        _of(GROUND, "countries", "line", {"line-color": _BORDER, "line-width": 1.5}),
    ]


def _class(one: Style) -> list[_Drawn]:
    """Draw a class of features: a veil, an outline, and a dot for what is too small for its zoom."""
    wanted = _wanted(one)
    dashes = {"line-dasharray": _DASHES[one.hatching]} if one.hatching in _DASHES else {}
    parts: list[tuple[str, str, _Drawn]] = [
        ("veil", "fill", {"fill-color": one.color, "fill-opacity": 0.18}),
        ("outline", "line", {"line-color": one.color, "line-width": 1.6, **dashes}),
        ("dot", "circle", {"circle-color": one.color, "circle-radius": 2}),
    ]
    return [
        _of(FEATURES, one.layer, kind, paint, name=f"{one.code}-{part}", only=_all(_FORMS[kind], wanted))
        for part, kind, paint in parts
    ]


_FORMS: dict[str, list[object]] = {
    "fill": ["!", ["has", "tiny"]],
    "line": ["!", ["has", "tiny"]],
    "circle": ["has", "tiny"],
}


def _wanted(one: Style) -> list[object] | None:
    """Say which features are of a class; the class `other` has all that no other class names."""
    if not one.by:
        return None
    if one.code == "other":
        named = [each.code for each in STYLES if each.by == one.by and each.code != "other"]
        return ["!", ["in", ["get", one.by], ["literal", named]]]
    return ["==", ["get", one.by], one.code]


def _all(*conditions: list[object] | None) -> list[object]:
    return ["all", *(condition for condition in conditions if condition)]


def _names(styles: Sequence[Style]) -> list[_Drawn]:
    country = "name_es" if i18n.current() == "es" else "name"
    is_near = ["<=", ["get", "min_zoom"], ["+", ["zoom"], 1]]
    ground = [
        {**_named(GROUND, layer, column, size), "filter": is_near}
        for layer, column, size in (
            ("region_labels", "name", 10),
            ("places", "name", 11),
            ("country_labels", country, 13),
        )
    ]
    layers = dict.fromkeys(one.layer for one in styles)
    return [*ground, *({**_named(FEATURES, layer, "name", 11), "minzoom": _NAMES_FROM} for layer in layers)]


def _named(source: str, layer: str, column: str, size: int) -> _Drawn:
    paint = {"text-color": _INK, "text-halo-color": _HALO, "text-halo-width": 1.5}
    drawn = _of(source, layer, "symbol", paint, name=f"{layer}-name")
    text = {"text-field": ["coalesce", ["get", column], ""], "text-font": [FONT], "text-size": size}
    return {**drawn, "layout": {**text, "text-max-width": 8, "text-padding": 4}}


def _of(
    source: str, layer: str, kind: str, paint: Mapping[str, object], *, name: str = "", only: object = None
) -> _Drawn:
    drawn = {"id": name or f"{source}-{layer}", "type": kind, "source": source, "source-layer": layer}
    return {**drawn, **({"filter": only} if only else {}), "paint": dict(paint)}
