"""
The published site: a page that opens from a USB stick, with no server and no request.

A page at file:// may fetch nothing, so that the data are a script; they are drawn by `app/static/published/site.js`,
which writes every text as text.
"""

import contextvars
import json
import shutil
from collections.abc import Callable, Iterable
from html import escape
from pathlib import Path
from typing import TypeVar

import geopandas as gpd
import pandas as pd
import shapely

from lindero.app.output.files import plain, records
from lindero.app.output.symbols import STYLES, label
from lindero.app.publication.coverage import is_covered
from lindero.app.publication.linked_data import dataset
from lindero.app.publication.select import Publication
from lindero.app.text import i18n
from lindero.app.text.codes import word
from lindero.app.text.i18n import _
from lindero.layers.database.coverage import Extent
from lindero.layers.model.vocabularies import VOCABULARIES
from lindero.layers.reference import base_data

Said = TypeVar("Said")
STATIC = Path(__file__).parents[1] / "static"
SITE = "site"
DECIMALS = 5  # of degrees: a metre
SIMPLIFIED_DEGREES = 0.0003
GROUND_DEGREES = 0.01
AROUND_DEGREES = 1.5
WIDTH_TO_HEIGHT = 2.2
LARGEST_RIVERS = 3
DRAWN = ("protected_areas", "communities", "mining_scars", "concessions", "incidents")
_COPIED = ("vendor/leaflet/leaflet.js", "vendor/leaflet/leaflet.css", "published/site.js", "published/site.css")
# A page at file:// has no origin of its own: its folder is named by 'self' in some browsers and by file: in others.
_POLICY = (
    "default-src 'none'; script-src 'self' file:; style-src 'self' file: 'unsafe-inline'; img-src 'self' file: data:"
)
_PAGE = """<!doctype html>
<html lang="es">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{site}/leaflet.css">
<link rel="stylesheet" href="{site}/site.css">
<title>Lindero</title>
<script type="application/ld+json">{dataset}</script>
<body>
<main id="page"></main>
<script src="{site}/leaflet.js"></script>
<script src="{site}/data.js"></script>
<script src="{site}/site.js"></script>
</html>
"""


def write_site(pub: Publication, folder: Path) -> None:
    """Write the page, its scripts and its data into a folder."""
    target = folder / SITE
    target.mkdir()
    for name in _COPIED:
        shutil.copyfile(STATIC / name, target / Path(name).name)
    files = {path.name for path in folder.iterdir()} | {"datapackage.json"}  # which is written when all else is
    told = spoken(i18n.DEFAULT_LANGUAGE, lambda: dataset(pub, files))
    folder.joinpath("index.html").write_text(_PAGE.format(policy=_POLICY, site=SITE, dataset=told), encoding="utf-8")
    target.joinpath("data.js").write_text(f"window.LINDERO = {_script(_data(pub))};\n", encoding="utf-8")


def _data(pub: Publication) -> dict[str, object]:
    return {
        "title": pub.title,
        "published_on": pub.published_on.isoformat(),
        "invented": bool(pub.sources["invented"].fillna(value=False).any()),
        "words": {
            language: {**words(language), "date": spoken(language, lambda: i18n.date(pub.published_on))}
            for language in i18n.languages()
        },
        "styles": [
            {"code": s.code, "layer": s.layer, "by": s.by, "color": s.color, "hatching": s.hatching} for s in STYLES
        ],
        "layers": {name: _features(_with_coverage(name, pub)) for name in DRAWN if name in pub.layers},
        "counts": _features(pub.counts),
        "covered": _covered(pub),
        "tables": {
            name: records(plain(rows))
            for name, rows in {**pub.layers, "sources": pub.sources, "overlaps": pub.overlaps}.items()
            if name in {"acts", "victims", "case_steps", "sources", "overlaps", "commitments"}
        },
        "ground": _ground(pub),
    }


def _with_coverage(name: str, pub: Publication) -> pd.DataFrame:
    """Say of each community whether the publication has data of concessions on all of its land."""
    rows = pub.layers[name]
    if name != "communities":
        return rows
    return rows.assign(is_covered=is_covered(pub.coverage, "concessions", gpd.GeoSeries(rows["geometry"])))


def _covered(pub: Publication) -> dict[str, list[str]]:
    """Name by layer the places that are covered, all or a part of each."""
    sure = pub.coverage[pub.coverage["extent"] == Extent.COVERED]
    return {str(layer): sorted(set(names.dropna())) for layer, names in sure.groupby("layer")["name"]}


def words(language: str) -> dict[str, str]:
    """Give the words that stand on every published page, in a language."""

    def say() -> dict[str, str]:
        codes = {code: word(code) for codes in VOCABULARIES.values() for code in codes}
        classes = {f"class_{style.code}": label(style.code) for style in STYLES}
        return {**codes, **classes, **_page_words()}

    return spoken(language, say)


def spoken(language: str, say: Callable[[], Said]) -> Said:
    """Let something be said in a language."""

    def speak() -> Said:
        i18n.use(language)
        return say()

    return contextvars.copy_context().run(speak)


def _page_words() -> dict[str, str]:
    return {
        "language": {"es": "Español", "en": "English"}.get(i18n.current(), i18n.current()),
        "published": _("Published on"),
        "invented": _(
            "Invented data: this map is a demonstration. What is marked as invented is no claim about the world."
        ),
        "map": _("Map. Everything on it is also in the lists of this page."),
        "legend": _("On the map"),
        "zoom_in": _("Closer"),
        "zoom_out": _("Farther"),
        "attacks": _("Attacks on public record"),
        "no_attacks": _("None is on record here: that is not to say that none happened."),
        "counted": _("Counted only"),
        "counted_why": _(
            "Records that partners know and that may only be counted: by province and year, in groups of at least"
            " 5, rounded. What is fewer is counted with the department's others, or not at all. No"
            " number here is exact."
        ),
        "no_counts": _("Nothing is counted here: there is nothing, or too little to be shown without harm."),
        "department": _("Department"),
        "province": _("Province"),
        "others": _("its other provinces"),
        "year": _("Year"),
        "count": _("About"),
        "total": _("Together about"),
        "when": _("When"),
        "what": _("What"),
        "where": _("Where it is"),
        "acts": _("Acts"),
        "sources": _("Sources"),
        "known_to": _("known to"),
        "communities": _("Communities"),
        "concessions": _("Concessions"),
        "protected_areas": _("Protected areas"),
        "mining_scars": _("Mining scars"),
        "name": _("Name"),
        "kind": _("Kind"),
        "holder": _("Holder"),
        "status": _("Status"),
        "hectares": _("Hectares"),
        "under": _("Under concession"),
        "search": _("Search"),
        "more": _("Show more"),
        "shown_of": _("{shown} of {all}"),
        "nothing": _("Nothing on record here."),
        "no_data": _("no data here"),
        "lacks": _("This map has no data of this: it says nothing of it."),
        "covered": _("Where this map has data of it"),
        "covered_not_known": _("not known: no source says where"),
        "as_of": _("As of"),
        "publisher": _("Publisher"),
        "licence": _("Licence"),
        "limits": _("What this map does not say"),
        "limits_text": _(
            "A map that shows no attack says that none is on record here. A place without a boundary is not a"
            " place without owners. An overlap is a fact of geometry: whether a title is lawful is not in it. A"
            " consultation that is not on record may have been held, or may not be asked for."
            " Public records are shown as the area that is known, never as a point. Records of people who did not agree"
            " to be shown are not here."
        ),
        "not_known": _("not known"),
        "show": _("Show on the map"),
    }


def _features(rows: pd.DataFrame) -> list[dict[str, object]]:
    """Give rows as features, their outlines as fine as a screen shows."""
    frame = gpd.GeoDataFrame(rows)
    fine = shapely.simplify(frame.geometry.to_numpy(), SIMPLIFIED_DEGREES)
    drawn = shapely.set_precision(fine, 10**-DECIMALS, mode="pointwise")
    shapes = [None if shape is None or shape.is_empty else json.loads(shapely.to_geojson(shape)) for shape in drawn]
    told = records(frame.drop(columns=["source_id", "snapshot_on", "row_number"], errors="ignore"))
    return [
        {"type": "Feature", "properties": {k: v for k, v in row.items() if v is not None}, "geometry": shape}
        for row, shape in zip(told, shapes, strict=True)
    ]


def _ground(pub: Publication) -> dict[str, object]:
    """Give the land, the regions' edges and the rivers around what is published."""
    west, south, east, north = _extent([*pub.layers.values(), pub.counts])
    tall = north - south + 2 * AROUND_DEGREES
    beside = max(AROUND_DEGREES, (WIDTH_TO_HEIGHT * tall - (east - west)) / 2)  # a screen is wide
    frame = shapely.box(west - beside, south - AROUND_DEGREES, east + beside, north + AROUND_DEGREES)
    rivers = base_data.rivers()
    drawn = {
        "countries": base_data.countries().geometry,
        "regions": base_data.regions().geometry,
        "rivers": rivers[rivers["rank"] <= LARGEST_RIVERS].geometry,
    }
    return {
        "bounds": [[south, west], [north, east]],
        **{name: _clipped(shapes, frame) for name, shapes in drawn.items()},
        "credit": _credit(pub.sources),
    }


def _credit(sources: pd.DataFrame) -> str:
    """Name whose data the map shows, those of the background last."""
    publishers = [str(name) for name in sources["publisher"].dropna().unique() if name]
    return ", ".join(dict.fromkeys([*map(escape, publishers), "Natural Earth", "GeoNames", "GSHHG"]))


def _clipped(shapes: gpd.GeoSeries, frame: shapely.Polygon) -> dict[str, object]:
    near = gpd.GeoSeries(shapes[shapes.intersects(frame)]).to_numpy()
    cut = shapely.intersection(shapely.simplify(near, GROUND_DEGREES), frame)
    cut = cut[~shapely.is_empty(cut)]
    collected = shapely.set_precision(shapely.GeometryCollection(list(cut)), 10**-3, mode="pointwise")
    return dict(json.loads(shapely.to_geojson(collected)))


def _extent(frames: Iterable[pd.DataFrame]) -> tuple[float, float, float, float]:
    shapes = [rows.geometry for rows in frames if isinstance(rows, gpd.GeoDataFrame) and len(rows)]
    if not shapes or pd.concat(shapes).dropna().empty:
        return -82.0, -19.0, -68.0, 0.0
    west, south, east, north = pd.concat(shapes).dropna().total_bounds
    return float(west), float(south), float(east), float(north)


def _script(value: object) -> str:
    """Write a value as JavaScript that no text in it can leave."""
    text = json.dumps(value, ensure_ascii=False, default=str, allow_nan=False, separators=(",", ":"))
    return text.replace("<", r"\u003c").replace("\u2028", r"\u2028").replace("\u2029", r"\u2029")
