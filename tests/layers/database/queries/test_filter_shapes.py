"""Shapes in the filter of a request, of which no library parses the text."""

import pytest
import shapely

from lindero.app.serving.ogc.cql_text import parse_cql_text
from lindero.layers.errors import AnswerError


class Drawn:
    """A writer that keeps the shape that it is given."""

    parameters = ()

    def match_geometry(self, drawn):
        self.shape = drawn
        return "TRUE"


def shape_in(written):
    writer = Drawn()
    parse_cql_text(f"S_INTERSECTS(geometry, {written})", writer)
    return writer.shape


@pytest.mark.parametrize(
    "written",
    [
        "POINT(-75 -10)",
        "point ( -75.5   1e1 )",
        "POINT Z (-75 -10 3)",
        "LINESTRING(0 0, 1 1, 2 0)",
        "POLYGON((0 0,4 0,4 4,0 0),(1 0.5,2 0.5,2 1,1 0.5))",
        "MULTIPOINT(0 0, 1 1)",
        "MULTIPOINT((0 0), (1 1))",
        "MULTILINESTRING((0 0,1 1),(2 2,3 3))",
        "MULTIPOLYGON(((0 0,4 0,4 4,0 0)),((9 9,10 9,10 10,9 9)))",
        "GEOMETRYCOLLECTION(POINT(1 1),GEOMETRYCOLLECTION(LINESTRING(0 0,1 1)))",
    ],
)
def test_a_shape_is_read_as_geos_reads_it(written):
    assert shape_in(written).equals_exact(shapely.from_wkt(written))


@pytest.mark.parametrize(
    "written",
    [
        "POINT(1)",
        "POINT()",
        "POINT EMPTY",
        "POINT(1 1, 2 2)",
        "POINT(1 2",
        "POLYGON(0 0, 1 1)",
        "POLYGON((0 0, 1 1))",
        "POLYGON" + "(" * 900,
        "MULTIPOLYGON((0 0,4 0,4 4,0 0))",
        "LINESTRING(0 0)",
        "LINESTRING(0 'x')",
        "CIRCULARSTRING(0 0, 1 1, 2 0)",
        "GEOMETRYCOLLECTION(" * 300,
        "GEOMETRYCOLLECTION(1 1)",
        "BBOX(1, 2)",
        "TRUE",
    ],
)
def test_what_is_no_shape_is_refused(written):
    with pytest.raises(AnswerError, match="filter"):
        shape_in(written)
