"""
A second corpus: files of many countries, as ministries and people send them, each with where its rows truly lie.

`python -m tests.corpus.make FOLDER` writes them all. Nothing is copied: each is drawn from `TRUE`, squares that are known. A file
is refused with a sentence that helps, or every row that is kept lies where it must, has its letters, its hectares, its
day; or what is not so is told as a finding. Nothing may be wrong without a word.
"""

import atexit
import json
import math
import subprocess
import sys
import zipfile
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import shapely

from tests.files import collection, feature
from tests.old_workbook import old_workbook

SIDE = 0.01  # degrees
PLACES = {  # by country: a vertex inland, and how its registers name code, name, holder, day and hectares
    "PE": (-78.5, -7.0, "CODIGO NOMBRE TITULAR FECHA_OTORGAMIENTO HECTAREAS"),
    "BR": (-52.3, -6.1, "PROCESSO NOME REQUERENTE DATA_OUTORGA AREA_HA"),
    "CO": (-75.5, 6.2, "CODIGO_EXPEDIENTE NOMBRE TITULARES FECHA_DE_INSCRIPCION AREA_HA"),
    "EC": (-78.9, -3.2, "codigo denominacion titular fecha_inscripcion superficie_ha"),
    "BO": (-64.2, -16.8, "PADRON NOMBRE_AREA TITULAR FECHA_RESOLUCION HECTAREAS"),
    "MX": (-100.4, 24.2, "NUM_TITULO NOMBRE_LOTE TITULAR FECHA_EXPEDICION SUPERFICIE_HA"),
    "CL": (-70.2, -27.3, "ROL_NACIONAL NOMBRE_CONCESION TITULAR_NOMBRE FECHA_INSCRIPCION HECTAREAS"),
    "GT": (-90.6, 15.4, "EXPEDIENTE NOMBRE TITULAR FECHA_OTORGAMIENTO AREA_HA"),
    "AR": (-68.3, -31.2, "EXPEDIENTE DENOMINACION TITULAR FECHA_CONCESION SUPERFICIE_HA"),
    "PY": (-57.5, -23.4, "EXPEDIENTE NOMBRE TITULAR FECHA_RESOLUCION HECTAREAS"),
    "VE": (-62.4, 7.4, "CODIGO NOMBRE EMPRESA FECHA_OTORGAMIENTO HECTAREAS"),
    "HN": (-86.6, 14.7, "EXPEDIENTE NOMBRE TITULAR FECHA_INICIO AREA_HA"),
    "GF": (-53.4, 4.3, "numero_de_titre nom titulaires date_octroi surface_ha"),
    "CD": (27.4, -10.6, "numero_du_permis denomination detenteur date_octroi surface_ha"),
}
COLUMNS = ("code", "name", "holder", "granted_on", "area_official_ha")
HEAD = ["code", "name", "longitude", "latitude"]
LONGITUDE_FIRST = ["longitud", "latitud"]
UNDATED, UNSIZED = {"lacks": ("granted_on",)}, {"lacks": ("area_official_ha",)}
GRIDS = (  # country, system: those that its registers use, new datums and old
    *(("PE", 32717), ("PE", 24877), ("BR", 5880), ("BR", 31982), ("BR", 29192), ("CO", 9377), ("CO", 3116)),
    *(("CO", 21897), ("EC", 32717), ("EC", 24877), ("BO", 32720), ("BO", 24880), ("MX", 6372), ("MX", 32614), ("CL", 32719)),
    *(("CL", 24879), ("CL", 5361), ("GT", 32615), ("AR", 5344), ("AR", 22182), ("PY", 32721), ("VE", 2203), ("VE", 24720)),
    *(("HN", 32616), ("GF", 2972), ("CD", 32735)),
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A file: its country, how it is written, what is said of it, and what must become of it."""

    country: str
    write: object
    wishes: dict
    layer: str = "concessions"
    refused: str = ""
    kept: int = 3
    findings: frozenset = frozenset()
    rejects: dict = field(default_factory=dict)
    lacks: tuple = ()  # columns that are not filled


CORPUS: dict[str, Case] = {}


def case(name, country, write, *, names=None, wishes=None, **outcome):
    """Add a file of concessions. The user says what the country's registers name each column, or `names` does."""
    assert name not in CORPUS
    names = fields(country) if names is None else names
    outcome["findings"] = frozenset(outcome.get("findings", ()))
    CORPUS[name] = Case(country, write, wishes=({"fields": names} if names else {}) | (wishes or {}), **outcome)


def community(name, country, write, *, lacks=COLUMNS[2:], **outcome):
    """Add a table of communities known by a point, with the names of columns that Lindero uses."""
    case(name, country, write, names={}, layer="communities", lacks=lacks, **outcome)


def true(country, count=3):
    """Three squares and all that is known of them, in degrees."""
    return _drawn(country, count).copy()


@cache
def _drawn(country, count):
    west, south, _names = PLACES.get(country, PLACES["PE"])
    shapes = [shapely.box(west + 2 * i * SIDE, south, west + (2 * i + 1) * SIDE, south + SIDE) for i in range(count)]
    frame = gpd.GeoDataFrame(geometry=shapes, crs="OGC:CRS84")
    frame["code"] = [f"Ñ-{i}/2019" for i in range(1, count + 1)]
    frame["name"] = [f"Peñón Açaí Forêt {i}" for i in range(1, count + 1)]
    frame["holder"] = "Compañía São José & Cie"
    frame["granted_on"] = [f"2016-06-{i + 4:02d}" for i in range(1, count + 1)]
    frame["area_official_ha"] = [
        round(shape.area * 12_308 * 100 * math.cos(math.radians(south)), 1) for shape in shapes
    ]
    return frame


def named(country, frame=None, **columns):
    """Under the names that the country's registers use, some `columns` not as they are true."""
    frame = true(country) if frame is None else frame
    return frame.assign(**columns).rename(columns=fields(country))


def records(country):
    """The rows as `named`, each as a dictionary without its shape."""
    return named(country).drop(columns="geometry").to_dict("records")


def swapped(country):
    """The rows as `named`, latitude first."""
    return named(country, geometry=true(country).geometry.transform(lambda xy: xy[:, ::-1]))


def in_system(country, epsg, width=None):
    """The rows as `named` in another system, once they are written: how a datum lies PROJ looks up for a tenth of a second."""
    return lambda: named(country, moved(country, epsg)).rename(columns=lambda name: name[:width])


def moved(country, epsg):
    """What is `true` in another system. Of EPSG's own WGS 84 PROJ knows at once how others lie to it, of CRS84 in half a second."""
    return true(country).set_crs(4326, allow_override=True).to_crs(epsg)


def rows_of(frame):
    return frame() if callable(frame) else frame


def fields(country, width=None):
    """What the country's registers name each column, cut to the `width` that a format has room for."""
    return {column: name[:width] for column, name in zip(COLUMNS, PLACES[country][2].split(), strict=True)}


def put(path, content, encoding="utf-8"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def plain(name, content, encoding="utf-8"):
    """What is written as it is."""
    return lambda folder: put(folder / name, content, encoding)


def geojson(frame, **members):
    def write(folder):
        shapes = rows_of(frame)
        rows = shapes.drop(columns="geometry").to_dict("records")
        return put(folder / "capa.geojson", collection(map(feature, rows, shapes.geometry), **members))

    return write


def stated(epsg):
    """A system as GeoJSON stated it once."""
    return {"crs": {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{epsg}"}}}


def table(frame, *, name="tabla.csv", sep=",", encoding="utf-8", shapes=True, decimal="."):
    """A frame as CSV, its geometry as WKT unless it has none to show."""

    def write(folder):
        rows = rows_of(frame)
        plain = pd.DataFrame(rows.drop(columns="geometry"))
        if shapes:
            plain["wkt"] = rows.geometry.to_wkt()
        return put(folder / name, plain.to_csv(index=False, sep=sep, decimal=decimal), encoding)

    return write


_WRITER = """
import json, sys, geopandas, pyogrio
for line in sys.stdin:
    rows, written, driver = json.loads(line)
    pyogrio.write_dataframe(geopandas.read_parquet(rows), written, driver=driver)
    print("written", flush=True)
"""


@cache
def _writer():
    """A process that writes for all cases, until this one ends: to start one takes longer than to read most files."""
    process = subprocess.Popen(
        [sys.executable, "-c", _WRITER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    atexit.register(process.communicate)  # nothing more comes: it ends
    return process


def by_gdal(frame, driver, name, *, archive=False):
    """As GDAL writes it, in a process of its own: here it is to have no other drivers than layers need."""

    def write(folder):
        rows_of(frame).to_parquet(folder / "rows.parquet")
        writer = _writer()
        print(json.dumps([str(folder / "rows.parquet"), str(folder / name), driver]), file=writer.stdin, flush=True)
        assert writer.stdout.readline() == "written\n", driver
        (folder / "rows.parquet").unlink()
        return packed(folder, inside="datos") if archive else folder / name

    return write


def packed(folder, *, inside="", without=()):
    """A ZIP archive of all files in the folder, but those whose suffix is `without`."""
    with zipfile.ZipFile(folder / "capa.zip", "w") as archive:
        for part in sorted(folder.rglob("*")):
            if part.is_file() and part.suffix not in {".zip", *without}:
                archive.write(part, Path(inside) / part.relative_to(folder))
    return folder / "capa.zip"


def kmz(folder, content):
    with zipfile.ZipFile(folder / "capa.kmz", "w") as archive:
        archive.writestr("doc.kml", content)
    return folder / "capa.kmz"


def book(rows, *, name="libro.xlsx", sheets=()):
    def write(folder):
        made = openpyxl.Workbook()
        made.active.title = "Datos"
        for row in rows:
            made.active.append(row)
        for title, lines in sheets:
            other = made.create_sheet(title)
            for line in lines:
                other.append(line)
        made.save(folder / name)
        return folder / name

    return write


def middles(country):
    """Rows of a table of points: code, name, longitude, latitude."""
    return [
        (code, name, shape.centroid.x, shape.centroid.y)
        for code, name, shape in true(country)[["code", "name", "geometry"]].itertuples(index=False)
    ]


# --- metres of a country's own systems: asked about where the file does not say, placed where it or the user does
for country, epsg in GRIDS:
    metres = in_system(country, epsg)
    case(f"{country}_{epsg}_sin_sistema", country, geojson(metres), refused="SYSTEM")
    case(f"{country}_{epsg}_dicho", country, table(metres, sep=";"), wishes={"crs": f"EPSG:{epsg}"})
    case(f"{country}_{epsg}_en_el_archivo", country, geojson(metres, **stated(epsg)))

# --- formats of programs
for country, epsg in (("CO", 9377), ("BR", 31982), ("MX", 6372)):
    metres = in_system(country, epsg)
    degrees = in_system(country, 4326)
    for driver, name in (
        ("GPKG", "capa.gpkg"),
        ("MapInfo File", "capa.tab"),
        ("GML", "capa.gml"),
        ("FlatGeobuf", "capa.fgb"),
    ):
        case(f"{country}_{name}", country, by_gdal(metres, driver, name))
    case(f"{country}_gdb", country, by_gdal(metres, "OpenFileGDB", "capa.gdb", archive=True))
    case(f"{country}_mif", country, by_gdal(degrees, "MapInfo File", "capa.mif", archive=True))

for country, epsg in (("GT", 32615), ("EC", 24877)):
    frame = in_system(country, epsg, 10)
    write = by_gdal(frame, "ESRI Shapefile", "capa.shp", archive=True)
    case(f"{country}_shp", country, write, names=fields(country, 10))

# --- letters, signs and days
for encoding, sep in (
    ("cp1252", ";"),
    ("latin_1", "\t"),
    ("cp850", ";"),
    ("utf-16-le", ","),
    ("utf-16", ";"),
    ("utf-8-sig", "|"),
):
    case(f"letras_{encoding}", "PE", table(named("PE"), encoding=encoding, sep=sep, name=f"{encoding}.csv"))
case("coma_decimal", "BR", table(named("BR"), sep=";", decimal=","))
thousands = named("MX", area_official_ha=["1.125,5", "1.125,5", "1.125,5"])
case("miles_con_punto", "MX", table(thousands, sep=";"), findings={"hectares_differ"}, **UNSIZED)
for form, told, order in (
    ("%d/%m/%Y", "day_or_month_first", ""),
    ("%d/%m/%Y", "", "day"),
    ("%m/%d/%Y", "", "month"),
    ("%d/%m/%y", "year_of_two_digits", "day"),
):
    written = pd.to_datetime(true("CL")["granted_on"]).dt.strftime(form)
    asked = told == "day_or_month_first"
    case(
        f"dia_{form.replace('/', '').replace('%', '')}_{order or 'callado'}",
        "CL",
        table(named("CL", granted_on=written)),
        wishes={"date_order": order},
        findings={told, "not_readable"} if asked else {told} - {""},
        lacks=("granted_on",) if asked else (),
    )
for name, country, days, told in (
    ("meses_en_palabras", "BO", ["5 de junio de 2016", "6 de junio del 2016", "7-jun-2016"], set()),
    ("mois_en_lettres", "CD", ["5 juin 2016", "6 juin 2016", "7 juin 2016"], set()),
    ("dias_desde_1900", "GT", [42526, 42527, 42528], {"days_since_1900"}),
    ("segundos_desde_1970", "GT", [1465084800 + 86400 * i for i in range(3)], {"seconds_since_1970"}),
):
    case(name, country, table(named(country, granted_on=days)), findings=told)
square_km = named("GF", area_official_ha=true("GF")["area_official_ha"] / 100)
case("kilometros_cuadrados", "GF", geojson(square_km), findings={"hectares_in_another_unit"}, **UNSIZED)
false_ha = named("PY", area_official_ha=[974.0, *true("PY")["area_official_ha"][1:]])
case("hectareas_que_difieren", "PY", geojson(false_ha), findings={"hectares_differ"}, **UNSIZED)


# --- positions of tables: communities known by a point
def sexagesimal(value, positive, negative):
    return "{}°{:02d}'{:05.2f}\" {}".format(*parts(value), positive if value >= 0 else negative)


def parts(value):
    """Whole degrees, whole minutes and seconds of a size."""
    minutes = (abs(value) - int(abs(value))) * 60
    return int(abs(value)), int(minutes), (minutes - int(minutes)) * 60


def points(country, cells, header=LONGITUDE_FIRST):
    """A table of points: of each its longitude and latitude as `cells` writes them."""
    rows = [[code, name, *cells(x, y)] for code, name, x, y in middles(country)]
    return without_shapes(rows, ["code", "name", *header])


def without_shapes(rows, header, **how):
    return table(gpd.GeoDataFrame(pd.DataFrame(rows, columns=header), geometry=[None] * 3), shapes=False, **how)


def pair_of(x, y):
    return [f"{sexagesimal(y, 'N', 'S')} {sexagesimal(x, 'E', 'O')}"]


for country in ("GT", "CL", "BR", "EC"):
    community(f"{country}_grados_en_una_celda", country, points(country, pair_of, ["coordenadas"]))
    with_commas = points(country, lambda x, y: [f"{x:.6f}".replace(".", ","), f"{y:.6f}".replace(".", ",")])
    community(f"{country}_dos_columnas", country, with_commas)
community("par_decimal", "MX", points("MX", lambda x, y: [f"{y:.6f}, {x:.6f}"], ["lat_lon"]))
community("par_al_reves", "MX", points("MX", lambda x, y: [f"{x:.6f}, {y:.6f}"], ["coordenadas"]))
community(
    "grados_por_columna",
    "BO",
    points("BO", lambda x, y: [sexagesimal(x, "E", "W"), sexagesimal(y, "N", "S")], ["LONGITUD", "LATITUD"]),
)
community(
    "sin_signo",
    "PE",
    points("PE", lambda x, y: [f"{-x:.6f}", f"{-y:.6f}"]),
    refused="opposite sign",
)
community(
    "ejes_al_reves",
    "CO",
    points("CO", lambda x, y: [f"{y:.6f}", f"{x:.6f}"]),
    refused="exchanged",
)


def utm_cell(x, y, epsg, zone):
    at = gpd.GeoSeries([shapely.Point(x, y)], crs=4326).to_crs(epsg).iloc[0]
    return [f"{zone} {at.x:.0f} {at.y:.0f}"]


community("utm_en_una_celda", "PE", points("PE", lambda x, y: utm_cell(x, y, 32717, "17S"), ["utm"]))
community("utm_sin_letra", "EC", points("EC", lambda x, y: utm_cell(x, y, 32717, "17"), ["utm"]))
community(
    "utm_sin_zona",
    "PE",
    points("PE", lambda x, y: utm_cell(x, y, 32717, ""), ["utm"]),
    refused="every row of .* was rejected",
)

# --- workbooks
community(
    "libro_xls",
    "CO",
    plain("libro.xls", old_workbook(Hoja1=[HEAD, *map(list, middles("CO"))])),
    findings={"hidden_rows_not_known"},
)
community(
    "libro_xlsx_con_titulo",
    "CO",
    book([["Registro de comunidades 2024"], [], HEAD, *middles("CO")]),
    findings={"title_rows_skipped"},
)
community(
    "libro_de_dos_hojas",
    "CO",
    book([HEAD, *middles("CO")], sheets=[("Notas", [["a", "b"], [1, 2]])]),
    refused="2 sheets with rows: Datos, Notas",
)


# --- what servers and programs do to a file
def rings(country):
    return [list(map(list, shape.exterior.coords)) for shape in true(country).geometry]


def esri(country, **members):
    pairs = zip(records(country), rings(country), strict=True)
    features = [{"attributes": row, "geometry": {"rings": [ring]}} for row, ring in pairs]
    return json.dumps(
        {"geometryType": "esriGeometryPolygon", "spatialReference": {"wkid": 4326}, **members, "features": features}
    )


def topology(rows, arcs, lost=(), **members):
    """TopoJSON in which each row is one arc, and the `lost` have no geometry."""
    shapes = [
        {"type": None, "properties": row} if i in lost else {"type": "Polygon", "arcs": [[i]], "properties": row}
        for i, row in enumerate(rows)
    ]
    layer = {"type": "GeometryCollection", "geometries": shapes}
    return json.dumps({"type": "Topology", **members, "objects": {"capa": layer}, "arcs": arcs})


def kml(places, standard="http://www.opengis.net/kml/2.2"):
    return f'<kml xmlns="{standard}"><Document>{places}</Document></kml>'


def outline(ring):
    return f"<Polygon><outerBoundaryIs><LinearRing><coordinates>{ring}</coordinates></LinearRing></outerBoundaryIs></Polygon>"


def escaped(row):
    return {name: str(value).replace("&", "&amp;") for name, value in row.items()}


def kml_of_arcgis(country):
    """The fields are a table in the description, inside another table."""
    places = ""
    for row, ring in zip(records(country), rings(country), strict=True):
        cells = "".join(f"<tr><td>{name}</td><td>{value}</td></tr>" for name, value in escaped(row).items())
        told = f"<html><body><table><tr><td>x</td></tr><tr><td><table>{cells}</table></td></tr></table></body></html>"
        drawn = outline(" ".join(f"{x},{y},0" for x, y in ring))
        places += f"<Placemark><name>x</name><description><![CDATA[{told}]]></description>{drawn}</Placemark>"
    return kml(places)


for country in ("MX", "AR"):
    case(f"{country}_esri", country, plain("capa.json", esri(country)))
    cut_off = plain("capa.json", esri(country, exceededTransferLimit=True))
    case(f"{country}_esri_con_limite", country, cut_off, findings={"cut_off_by_its_server"})
    with_nulls = plain("capa.json", topology(records(country), rings(country), lost={1}))
    case(f"{country}_topojson_con_nulos", country, with_nulls, kept=2, rejects={"no_geometry": 1})
    described, in_description = kml_of_arcgis(country), {"findings": {"fields_in_description"}}
    case(f"{country}_kml_de_arcgis", country, plain("capa.kml", described), **in_description)
    case(f"{country}_kmz", country, lambda folder, told=described: kmz(folder, told), **in_description)


# --- the wrong system said: refused, or found
case(
    "zona_equivocada",
    "PE",
    table(in_system("PE", 32717)),
    wishes={"crs": "EPSG:32719"},
    findings={"outside_the_country"},
    lacks=("place",),
)
case(
    "otro_continente",
    "CO",
    table(in_system("CO", 9377)),
    wishes={"crs": "EPSG:3857"},
    findings={"far_from_the_country", "hectares_differ"},
    lacks=("place",),
)
case("grados_como_metros", "BR", table(named("BR")), wishes={"crs": "EPSG:31982"}, refused="look like degrees")
case("prj_equivocado", "CL", geojson(in_system("CL", 32719), **stated(32719)))


def main(folder):
    """Write the whole corpus, each file into a folder of its own."""
    for name, one in CORPUS.items():
        (folder / name).mkdir(parents=True)
        one.write(folder / name)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
