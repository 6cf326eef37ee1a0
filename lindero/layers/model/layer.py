"""The model of a layer: its columns in table order, and the geometry it accepts."""

from dataclasses import dataclass
from enum import StrEnum


class Shape(StrEnum):
    """The kinds of geometry that a layer accepts."""

    POLYGON = "polygon"  # polygons and multipolygons
    POINT = "point"
    SITE = "site"  # a point or a polygon, and one is required: a mine may have either
    PLACE = "place"  # a point, a polygon or neither: a community may have any of these
    NONE = "none"


@dataclass(frozen=True)
class Column:
    """A column: its name, DuckDB type and, if it is coded, its vocabulary."""

    name: str
    type: str = "VARCHAR"
    vocabulary: str | None = None
    several: bool = False  # a list of codes
    required: bool = False  # a row without it is rejected


COMMON = (
    Column("id", required=True),  # SOURCE/CODE, once in each snapshot (`layers.model.identity`)
    Column("source_id", required=True),
    Column("snapshot_on", "DATE", required=True),
    Column("row_number", "INTEGER", required=True),  # in the received file, starting at 1
    Column("invented", "BOOLEAN"),  # part of the demonstration, not a claim about the world
)


REFERENCES = {"incident_id": "incidents", "community_id": "communities", "concession_id": "concessions"}
"""Columns that hold the id of a row of another layer."""


@dataclass(frozen=True)
class Layer:
    """A layer of the map: its own columns beside the common ones, and the geometry it accepts."""

    name: str
    shape: Shape
    own_columns: tuple[Column, ...]

    @property
    def columns(self) -> tuple[Column, ...]:
        """Common columns, own columns, and a `…_received` column after each coded one, in table order; no geometry."""
        own_columns: list[Column] = []
        for column in self.own_columns:
            own_columns.append(column)
            if column.vocabulary:
                own_columns.append(Column(f"{column.name}_received"))
        return (*COMMON, *own_columns)

    @property
    def names(self) -> frozenset[str]:
        """Names of all columns."""
        return frozenset(column.name for column in self.columns)

    @property
    def has_geometry(self) -> bool:
        """Whether rows have a place on the map."""
        return self.shape is not Shape.NONE

    @property
    def needs_place(self) -> bool:
        """Whether a row without geometry is rejected.

        It is False for communities and incidents, which may be known by name only.
        """
        return self.shape in {Shape.POLYGON, Shape.POINT, Shape.SITE}

    @property
    def referenced_layers(self) -> frozenset[str]:
        """The names of the layers that its rows refer to, by columns such as `community_id`."""
        return frozenset(REFERENCES[column.name] for column in self.own_columns if column.name in REFERENCES)

    @property
    def has_incident_id(self) -> bool:
        """Whether each row belongs to an incident."""
        return any(column.name == "incident_id" for column in self.own_columns)
