"""Areas on a map in the page, and a picture of them to pass on."""

from collections.abc import Iterable, Sequence

import geopandas as gpd
import shapely

from lindero.app.current.selection import Choice, Selection
from lindero.app.drawing.map import Areas, map_of
from lindero.app.drawing.ruled_map import fit_to_paper
from lindero.app.drawing.sheet import Sheet, Sign
from lindero.app.text.i18n import _
from lindero.app.ui.downloads import picture
from lindero.app.ui.maps import areas, map_view
from lindero.app.ui.maps.areas import MOST, Look

HEIGHT = 480
MOST_NAMED = 60  # areas: names in more would be unreadable
GROUND = "Natural Earth, GeoNames (CC BY 4.0)"


def show(
    shapes: gpd.GeoDataFrame,
    looks: Sequence[Look],
    *,
    title: str,
    finding: str,
    layers: Iterable[str],
    key: str,
    underneath: Sequence[str] = areas.UNDERNEATH,
    height: int = HEIGHT,
    choice: Choice | None = None,
    about: int = 0,
) -> Selection:
    """Draw areas on a map in the page, as `areas.territory` and `map_view.show` do, and offer a picture of them."""
    canvas = areas.territory(shapes, looks, title=title, underneath=underneath, about=about)
    selection = map_view.show(canvas, choice or Choice(), key=key, height=height)
    offer(shapes, looks, title=title, finding=finding, layers=layers, name=key)
    return selection


def offer(
    shapes: gpd.GeoDataFrame,
    looks: Sequence[Look],
    *,
    title: str,
    finding: str,
    layers: Iterable[str],
    name: str,
    about: int = 0,
) -> None:
    """
    Offer a picture of areas as they are drawn on a map; none if there are none.

    Parameters
    ----------
    shapes, looks
        As `app.ui.maps.areas.territory` takes them.
    title, finding
        What the picture is called, and what it says.
    layers
        Whose sources it rests on.
    name
        Of the files, without its ending.
    about
        Of how many of the shapes, the first, the picture is: it is framed as `areas.territory` opens a map on them.
        By default it holds all.
    """
    drawn = shapes[shapes.geometry.notna()].head(MOST)
    if not drawn.empty:
        picture.offer(
            lambda: sheet(drawn, looks, title, finding, layers, about=about), name, title=title, finding=finding
        )


def sheet(
    drawn: gpd.GeoDataFrame, looks: Sequence[Look], title: str, finding: str, layers: Iterable[str], *, about: int = 0
) -> Sheet:
    """Draw areas on a sheet of its own, as `offer` does when it is asked."""
    framed = areas.around_first(drawn.head(about)) if about else drawn
    west, south, east, north = map(float, framed.total_bounds)
    drawn = drawn[drawn.intersects(shapely.box(*fit_to_paper((west, south, east, north)).bounds))]
    named = framed.index if about or len(drawn) <= MOST_NAMED else ()
    of_looks = []
    for look in looks:
        some = drawn[drawn["look"] == look.code]
        if not some.empty:
            sign = Sign(look.label, look.color, look.hatching, look.depth)
            of_looks.append(Areas(sign, list(some.geometry), list(some["name"].where(some.index.isin(named), ""))))
    body = map_of((west, south, east, north), of_looks)
    ground = _("ground: {sources}").format(sources=GROUND)
    return picture.sheet(title, finding, body, layers=layers, key=[each.sign for each in of_looks], extra=ground)
