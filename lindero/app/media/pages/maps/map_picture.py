"""Maps of areas in a page, with a picture to share."""

from collections.abc import Iterable, Sequence

import geopandas as gpd
import shapely

from lindero.app.media.pages.current.selection import Choice, Selection
from lindero.app.media.pages.downloads import picture
from lindero.app.media.pages.maps import areas, map_view
from lindero.app.media.pages.maps.areas import MAX_AREAS, Look
from lindero.app.media.paper.map import StyledAreas, draw_map
from lindero.app.media.paper.ruled_map import fit_to_paper
from lindero.app.media.paper.sheet import Sheet, Sign
from lindero.app.text.i18n import _

HEIGHT = 480
MOST_NAMED = 60  # areas: the names of more would be unreadable
BACKGROUND_CREDIT = "Natural Earth, GeoNames (CC BY 4.0)"


def show_map_with_picture(
    shapes: gpd.GeoDataFrame,
    looks: Sequence[Look],
    *,
    title: str,
    finding: str,
    layers: Iterable[str],
    key: str,
    underneath: Sequence[str] = areas.LOWER_LAYERS,
    height: int = HEIGHT,
    choice: Choice | None = None,
    about: int = 0,
) -> Selection:
    """Show a map of areas with `areas.build_areas_map` and `map_view.show_map`, and offer a picture of them."""
    canvas = areas.build_areas_map(shapes, looks, title=title, underneath=underneath, about=about)
    selection = map_view.show_map(canvas, choice or Choice(), key=key, height=height)
    offer_map_picture(shapes, looks, title=title, finding=finding, layers=layers, name=key)
    return selection


def offer_map_picture(
    shapes: gpd.GeoDataFrame,
    looks: Sequence[Look],
    *,
    title: str,
    finding: str,
    layers: Iterable[str],
    name: str,
    about: int = 0,
) -> None:
    """Offer a picture of areas as drawn on the map; offer none if there are no areas.

    `shapes`, `looks`: as for `app.media.pages.maps.areas.build_areas_map`. `about`: the number of shapes, from the
    first, that the picture is about. It is framed like a map of `areas.build_areas_map`. By default it shows all.
    """
    visible = shapes[shapes.geometry.notna()].head(MAX_AREAS)
    if not visible.empty:
        picture.offer_picture(
            lambda: build_map_sheet(visible, looks, title, finding, layers, about=about),
            name,
            title=title,
            finding=finding,
        )


def build_map_sheet(
    shapes: gpd.GeoDataFrame, looks: Sequence[Look], title: str, finding: str, layers: Iterable[str], *, about: int = 0
) -> Sheet:
    """Build the sheet of a map of areas, as for `offer_map_picture`."""
    framed = areas.filter_near_first(shapes.head(about)) if about else shapes
    west, south, east, north = map(float, framed.total_bounds)
    shapes = shapes[shapes.intersects(shapely.box(*fit_to_paper((west, south, east, north)).bounds))]
    labelled = framed.index if about or len(shapes) <= MOST_NAMED else ()
    groups = []
    for look in looks:
        selected = shapes[shapes["look"] == look.code]
        if not selected.empty:
            sign = Sign(look.label, look.color, look.hatching, look.depth)
            groups.append(
                StyledAreas(
                    sign, list(selected.geometry), list(selected["name"].where(selected.index.isin(labelled), ""))
                )
            )
    body = draw_map((west, south, east, north), groups)
    ground = _("basemap: {sources}").format(sources=BACKGROUND_CREDIT)
    return picture.build_sheet(title, finding, body, layers=layers, key=[group.sign for group in groups], extra=ground)
