"""A workspace of the invented country: its register of concessions, its communities and parks, its record."""

import datetime as dt
from collections.abc import Iterable
from pathlib import Path

import geopandas as gpd
import shapely

from lindero.layers.reference import base_data
from lindero.layers.workspace.manifest_file import Workspace
from tests.app.watch.country import GROUPS, Country, Incident, camp_box, camp_corner, list_communities
from tests.app.watch.register_server import RegisterServer
from tests.files import Files, collection, text

SOURCE = "ingemmet-catastro"  # as in the catalogue, which knows how it pages and what fields it must have
PARKS = ("PE-ANC", "PE-ARE", "PE-CUS")


class InventedWorkspace:
    """
    A workspace with the country's communities, parks and record.

    Parameters
    ----------
    folder
        The folder to make.
    address
        The address of the register's server.
    """

    def __init__(self, folder: Path, address: str) -> None:
        self.files = Files(folder)
        self._address = address
        self._received = 0
        names = {"PE-AYA": "Ayacucho", "PE-CUS": "Cusco", "PE-JUN": "Junín", "PE-LIM": "Lima"}
        rows = [
            (code, f"Comunidad Inventada {names[region]} {number}", shape)
            for code, region, number, shape in list_communities()
        ]
        codes, labels, shapes = zip(*rows, strict=True)
        self.files.add("communities", _frame(codes, labels, shapes, type="peasant", recognition="titled"))
        parks = [_park(region) for region in PARKS]
        self.files.add("protected_areas", _frame(PARKS, [f"Reserva Inventada {code}" for code in PARKS], parks))

    @property
    def space(self) -> Workspace:
        """The workspace as its manifest describes it now."""
        return self.files.space

    def receive_register(self, server: RegisterServer) -> None:
        """Add what the server shows now as a snapshot that was fetched from it."""
        self._received += 1
        path = self.files.folder.parent / f"register-{self._received}" / f"{SOURCE}.geojson"
        self.files.add(
            "concessions",
            text(path, collection(server.features)),
            id=SOURCE,
            title="Catastro minero inventado",
            publisher="Registro Inventado",
            mapping="ingemmet",
            fields={"expires_on": "FEC_VENC"},
            service="arcgis",
            url=self._address + server.PATH,
            snapshot_on=server.today.isoformat(),
            boundary_accuracy_m=5.0,
        )

    def receive_incidents(self, incidents: Iterable[Incident], on: dt.date) -> None:
        """Add the operator's incidents and an attack for each."""
        rows = list(incidents)
        names = base_data.load_regions().set_index("code")["name"]
        lines = [f"{row.code},{row.title},{row.occurred_on},{names[row.region]},PE,{row.visibility}" for row in rows]
        self._add("incidents", "code,title,occurred_on,region,country,visibility", lines, on)
        self._add("acts", "incident_id,type", [f"incidents/{row.code},threat" for row in rows], on)

    def receive_steps(self, country: Country, on: dt.date) -> None:
        """Add the steps of all cases that are known on a date."""
        steps = [step for step in country.steps if step[2] <= on]
        lines = [f"incidents/{code},{dated_on},{step}" for code, step, dated_on in steps]
        self._add("case_steps", "incident_id,dated_on,step", lines, on)

    def _add(self, layer: str, header: str, lines: list[str], on: dt.date) -> None:
        content = "\n".join([header, *lines]) + "\n"
        self.files.add(layer, content, snapshot_on=on.isoformat(), title=layer)


def watched_polygon() -> shapely.Geometry:
    """Return the own polygon of a watch: the camps of the group that is watched by polygon."""
    camps = [camp_box(camp_corner(region)) for region, group in GROUPS.items() if group == "polygon"]
    return shapely.MultiPolygon(camps)


def _park(region: str) -> shapely.Polygon:
    """Return the outline of a park: a quarter of a camp."""
    west, south, east, north = camp_box(camp_corner(region)).bounds
    return shapely.box(west, south, (west + east) / 2, (south + north) / 2)


def _frame(codes: Iterable[str], names: Iterable[str], shapes: Iterable, **columns: str) -> gpd.GeoDataFrame:
    fields = {"code": list(codes), "name": list(names), **columns}
    return gpd.GeoDataFrame(fields, geometry=list(shapes), crs="OGC:CRS84")
