import geopandas as gpd
import shapely

from lindero.geo.near.points_inside import points_inside

SQUARES = gpd.GeoDataFrame(
    {"id": ["one", "two"]}, geometry=[shapely.box(-78, -7, -77, -6), shapely.box(-77.5, -7, -76, -6)], crs="OGC:CRS84"
)


def points(**at):
    return gpd.GeoDataFrame(
        {"id": list(at)}, geometry=[xy and shapely.Point(xy) for xy in at.values()], crs="OGC:CRS84"
    )


def told(found):
    return list(found.itertuples(index=False, name=None))


def test_a_point_lies_in_every_polygon_round_it_and_on_whose_edge_it_is():
    dots = points(inside=(-77.8, -6.5), both=(-77.2, -6.5), edge=(-78, -6.5), far=(-70, -6.5), nowhere=None)

    assert told(points_inside(dots, SQUARES)) == [
        ("both", "one", "left"),
        ("both", "two", "left"),
        ("edge", "one", "left"),
        ("inside", "one", "left"),
    ]
    assert told(points_inside(SQUARES, dots)) == [
        ("one", "both", "right"),
        ("one", "edge", "right"),
        ("one", "inside", "right"),
        ("two", "both", "right"),
    ]


def test_points_and_points_and_polygons_and_polygons_make_no_pairs():
    dots = points(one=(-77.8, -6.5))

    assert points_inside(dots, dots).empty
    assert points_inside(SQUARES, SQUARES).empty
