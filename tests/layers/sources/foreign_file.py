"""A made file of a country without a pack: its fields, a few rows of invented values, and the right column of each.

The files are in foreign_concessions.py and foreign_areas.py.

Names marked (real) are those of the country's published layers, as public code that reads them spells them;
(family) are those of a family of systems that the country uses; all others, and every value, are made.
Each line of a file is `FIELD > column = values`; a field without a column fills none. Values that are separated by
semicolons come round again, `#` is the row's number in a value. `:ha`, `:ha*1.01`, `:m2`, `:km2` and `:m` are measured
on the geometry, `:n` counts the rows.
"""

import re
from typing import NamedTuple

import geopandas as gpd

from lindero.geo import area_ha
from tests.files import SIDE, square

ROWS = 8


class Foreign(NamedTuple):
    """One made file: what it is, the layer it belongs to, and its fields as text."""

    title: str
    layer: str
    fields: str

    @property
    def answers(self) -> dict[str, str]:
        """Return the right column of each field that has one."""
        return {field: column for field, column, _ in self._lines() if column}

    def frame(self) -> gpd.GeoDataFrame:
        """Return the rows of the file."""
        shapes = gpd.GeoSeries([square(n, side=SIDE * (1 - n / 20)) for n in range(ROWS)], crs="OGC:CRS84")
        hectares = area_ha(shapes)
        measures = {":ha": 1, ":m2": 10_000, ":km2": 0.01, ":n": 0, ":m": 0}

        def cell(values, n):
            measure, _, factor = values.partition("*")
            if measure in measures:
                known = {":n": n + 1, ":m": 4 * (hectares.iloc[n] * 10_000) ** 0.5}
                return known.get(measure, hectares.iloc[n] * measures[measure] * float(factor or 1))
            choices = [value.strip() for value in values.split(";")]
            value = choices[n % len(choices)].replace("#", f"{n + 1:03}")
            return _typed(value)

        columns = {field: [cell(values, n) for n in range(ROWS)] for field, _, values in self._lines()}
        return gpd.GeoDataFrame(columns, geometry=shapes)

    def _lines(self):
        for line in self.fields.strip().splitlines():
            name, values = line.split(" = ", 1)
            field, _, column = name.partition(" > ")
            yield field.strip(), column.strip(), values.strip()


def _typed(value):
    if not value:
        return None
    if re.fullmatch(r"-?[1-9]\d*|0", value):
        return int(value)
    return float(value) if re.fullmatch(r"-?\d+\.\d+", value) else value
