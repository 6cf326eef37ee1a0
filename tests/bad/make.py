"""
Files as the world makes them, each with what must become of it: `python -m tests.bad.make FOLDER` writes them all.

An entry is a name, what is in the file, and the outcome: a refusal whose sentence matches, or rows kept with the rejects,
repairs and findings that must be told. Nothing may pass without a word.
"""

import gzip
import io
import json
import struct
import sys
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import openpyxl
import pandas as pd
import shapely

from tests.files import SOUTH, WEST, collection, concessions, feature, geojson, square

UTM_17S, UTM_18S, PSAD_17S = "EPSG:32717", "EPSG:32718", "EPSG:24877"
CRTM05 = "EPSG:5367"
RING = [list(vertex) for vertex in square().exterior.coords]


@dataclass(frozen=True)
class Bad:
    """One file: how it is written into a folder (giving its path), what the user says of it, and the outcome."""

    write: object
    refused: str = ""
    kept: int = 0
    rejects: dict = field(default_factory=dict)
    repairs: dict = field(default_factory=dict)
    findings: dict = field(default_factory=dict)
    columns: dict = field(default_factory=dict)
    wishes: dict = field(default_factory=dict)


BAD: dict[str, Bad] = {}


def bad(name, write, **outcome):
    assert name not in BAD
    if not callable(write):
        content = write if isinstance(write, bytes) else write.encode()
        write = lambda folder: put(folder / name.partition(" ")[0], content)
    BAD[name] = Bad(write, **outcome)


def put(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def polygon(coordinates, kind="Polygon", **properties):
    return feature({"code": "C1", "name": "Uno", **properties}, {"type": kind, "coordinates": coordinates})


def one(*features, **members):
    return collection(features, **members)


def csv(*rows, header="code,name,longitude,latitude"):
    return "\n".join([header, *rows]) + "\n"


def framed(driver, suffix, frame=None, **options):
    def write(folder):
        path = folder / f"capa{suffix}"
        (concessions() if frame is None else frame).to_file(path, driver=driver, **options)
        return path

    return write


def shp(frame=None, *, without=(), then=None, **options):
    def write(folder):
        path = framed("ESRI Shapefile", ".shp", frame, **options)(folder)
        for suffix in without:
            path.with_suffix(suffix).unlink()
        if then is not None:
            then(path)
        return path

    return write


def cut(write, share=0.5):
    def half(folder):
        path = write(folder)
        content = path.read_bytes()
        return put(path, content[: int(len(content) * share)])

    return half


def zipped(**members):
    def write(folder):
        path = folder / "fuera.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in members.items():
                archive.writestr(name, content(folder).read_bytes() if callable(content) else content)
        return path

    return write


def shp_in_zip(inside="datos/", *, upper=False, **extra):
    def write(folder):
        shape = shp()(folder)
        with zipfile.ZipFile(folder / "capa.zip", "w") as archive:
            for part in sorted(folder.glob("capa.*")):
                if part.suffix != ".zip":
                    name = f"{inside}{part.name.upper() if upper else part.name}"
                    archive.writestr(name, part.read_bytes())
            for name, content in extra.items():
                archive.writestr(name, content)
        assert shape.exists()
        return folder / "capa.zip"

    return write


def book(*rows, sheets=None, merge=(), touch=None):
    def write(folder):
        made = openpyxl.Workbook()
        made.remove(made.active)
        for title, lines in (sheets or {"Hoja1": rows}).items():
            sheet = made.create_sheet(title)
            for line in lines:
                sheet.append(line)
            for cells in merge:
                sheet.merge_cells(cells)
        if touch:
            touch(made)
        made.save(folder / "capa.xlsx")
        return folder / "capa.xlsx"

    return write


def points(count=3):
    return [[f"C{i}", f"N{i}", WEST + i / 100, SOUTH + i / 100] for i in range(1, count + 1)]


POINTS = points()
HEAD = ["code", "name", "longitude", "latitude"]
INCIDENTS = "code,occurred_on,place_text,visibility,longitude,latitude"


def incident(i, lon=-78.5, lat=-7.1, day="2024-01-31"):
    return f"I{i},{day},Lugar,public_record,{lon},{lat}"


def table(*rows, header=INCIDENTS):
    return csv(*rows, header=header)


def sheet(*rows, **how):
    """A workbook of incidents, of rows that are lists of cells or lines with commas."""
    return book(INCIDENTS.split(","), *[row.split(",") if isinstance(row, str) else row for row in rows], **how)


def incidents(name, write, *, wishes=None, **outcome):
    """Add a file of incidents."""
    bad(name, write, wishes={"layer": "incidents", **(wishes or {})}, **outcome)


# --- what is no layer at all
bad("vacio.geojson", b"", refused="is empty")
bad("blancos.csv", b" \n\n ", refused="is empty")
bad("ceros.shp", b"\x00" * 4096, refused="only zeros")
bad("error.geojson", "<!DOCTYPE html><html><title>404 Not Found</title></html>", refused="web page .404 Not Found")
bad("login.csv", "<html><head><title>Iniciar sesión</title></head><body><form/></body></html>", refused="web page")
bad("lfs.geojson", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n", refused="Git LFS")
bad("dump.sql", "CREATE TABLE t (id int);\nINSERT INTO t VALUES (1);\n", refused="a database dump")
bad("mapa.pdf", b"%PDF-1.7\n%\xe2\xe3", refused="is PDF")
bad("plano.dwg", b"AC1032\x00\x00", refused="DWG")
bad("plano.dxf", "  0\nSECTION\n  2\nHEADER\n", refused="DXF")
bad("tabla.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, refused="cannot be read as XLS")
bad("foto.png", b"\x89PNG\r\n\x1a\n\x00", refused="picture")
bad("imagen.tif", b"II*\x00\x08\x00\x00\x00", refused="raster")
bad("datos.7z", b"7z\xbc\xaf\x27\x1c", refused="7-Zip")
bad("datos.rar", b"Rar!\x1a\x07\x00", refused="RAR")
bad("datos.tar", b"a.csv" + b"\x00" * 252 + b"ustar\x00", refused="TAR")
bad("datos.pkl", b"\x80\x04\x95\x10\x00", refused="pickle")
bad("capa.tab", "!table\n!version 300\n", refused=r"without capa\.dat, capa\.map, capa\.id")
bad(
    "ajena.tab", '!table\n!version 300\n\nDefinition Table\n  Type ODBC Charset "Neutral"\n', refused="stored elsewhere"
)
bad("capa.mif", 'Version 300\nDelimiter ","\nColumns 1\n', refused="cannot be read as MapInfo MIF")
bad("capa.prj", 'GEOGCS["WGS 84"]', refused="one part of a Shapefile")
bad("arcgis.json", '{"error": {"code": 400, "message": "Invalid query"}}', refused="error message from a server")
bad("lista.json", '[{"code": "C1", "lat": -7}]', refused="a plain list of JSON objects")
bad("otro.json", '{"a": 1}', refused="contains no GeoJSON features")
bad(
    "wfs.gml",
    '<wfs:FeatureCollection xmlns:wfs="http://www.opengis.net/wfs/2.0"/>',
    refused="has no layers: it was saved empty",
)
bad("documento.docx", zipped(**{"word/document.xml": "<w/>", "[Content_Types].xml": ""}), refused="an office document")
bad("hoja.ods", zipped(mimetype="application/vnd.oasis.opendocument.spreadsheet"), refused="cannot be read as ODS")
bad("sqlite.gpkg", lambda folder: _sqlite(folder), refused="but not a GeoPackage")
bad("carpeta", lambda folder: _folder(folder), refused="is a folder")

# --- GeoJSON
bad("bom.geojson", b"\xef\xbb\xbf" + one(polygon([RING])).encode(), kept=1)
bad(
    "utf16.geojson",
    one(polygon([RING], holder="Señor")).encode("utf-16"),
    kept=1,
    findings={0: "encoding_not_as_claimed"},
    columns={"holder": ["Señor"]},
)
bad(
    "cp1252.geojson",
    one(polygon([RING], holder="Compañía Ñandú")).encode("cp1252"),
    kept=1,
    findings={0: "encoding_not_as_claimed"},
    columns={"holder": ["Compañía Ñandú"]},
)
bad("cortado.geojson", one(polygon([RING]), polygon([RING])).encode()[:-40], refused="cannot be read as GeoJSON")
bad("coma.geojson", one(polygon([RING]))[:-2] + ",]}", refused="cannot be read as GeoJSON")
bad("sobra.geojson", one(polygon([RING])) + "basura", refused="cannot be read as GeoJSON")
bad("sin_filas.geojson", one(), refused="has no rows")
bad(
    "lineas.geojson",
    "\n".join(json.dumps(polygon([RING], code=f"C{i}")) for i in range(3)),
    kept=3,
    findings={2: "duplicate_geometry"},
)
bad(
    "secuencia.geojsons",
    "".join("\x1e" + json.dumps(polygon([RING], code=f"C{i}")) + "\n" for i in range(2)),
    kept=2,
    findings={2: "duplicate_geometry"},
)
bad("un_rasgo.geojson", json.dumps(polygon([RING])), kept=1)
bad("abierto.geojson", one(polygon([RING[:-1]])), kept=1, repairs={1: "ring_closed"})
bad("multi_corto.geojson", one(polygon([RING], "MultiPolygon")), kept=1, repairs={1: "nesting_mended"})
# a shape that is rejected, and a good one beside it
for name, shape, reason in (
    ("multi_corto_dos", polygon([RING, RING], "MultiPolygon"), "rings_cross"),
    ("texto_en_coordenadas", polygon([[[str(x), str(y)] for x, y in RING]]), "unreadable_geometry"),
    ("nulo_en_anillo", polygon([[*RING[:2], None, *RING[2:]]]), "unreadable_geometry"),
    ("nan", polygon([[*RING[:2], [float("nan"), -7], *RING[2:]]]), "not_finite"),
    ("infinito", polygon([[*RING[:2], [float("inf"), -7], *RING[2:]]]), "not_finite"),
    ("tipo_raro", polygon([RING], "Poligono"), "unreadable_geometry"),
    ("nulo", feature({"code": "C1"}, None), "no_geometry"),
    ("vacia", polygon([]), "empty_geometry"),
    ("mezcla", feature({"code": "C1"}, shapely.LineString(RING[:3])), "wrong_geometry_type"),
    ("mono", polygon([[RING[0], RING[2], RING[1], RING[3], RING[0]]]), "ambiguous_geometry"),
    ("agujero_fuera", polygon([RING, [[x + 1, y] for x, y in RING]]), "ambiguous_geometry"),
    ("dos_vertices", polygon([RING[:2]]), "no_area"),
    ("sin_area", polygon([[RING[0], RING[1], RING[0], RING[0]]]), "no_area"),
):
    bad(f"{name}.geojson", one(shape, polygon([RING], code="C2")), kept=1, rejects={1: reason})
bad("poligono_hondo.geojson", one(polygon([[RING]])), kept=1, repairs={1: "nesting_mended"})
bad("poligono_llano.geojson", one(polygon(RING)), kept=1, repairs={1: "nesting_mended"})
bad(
    "fuera.geojson",
    one(polygon([[[x * 1000, y] for x, y in RING]]), polygon([RING], code="C2"), polygon([RING], code="C3")),
    kept=2,
    rejects={1: "out_of_range"},
    findings={3: "duplicate_geometry"},
)
bad(
    "linea_cerrada.geojson",
    one(feature({"code": "C1"}, shapely.LineString(RING)), polygon([RING], code="C2")),
    kept=2,
    repairs={1: "ring_filled"},
)
bad(
    "coleccion.geojson",
    one(feature({"code": "C1"}, shapely.GeometryCollection([square(), shapely.Point(WEST, SOUTH)]))),
    kept=1,
    repairs={1: "parts_dropped"},
)
bad("tres_d.geojson", one(feature({"code": "C1"}, shapely.force_3d(square(), 100))), kept=1, repairs={1: "z_dropped"})
bad("repetida.geojson", one(polygon([RING]), polygon([RING])), kept=2, findings={2: "duplicate_geometry"})
bad(
    "numero_largo.geojson",
    one(polygon([RING])).replace('"C1"', "12345678901234567890123"),
    kept=1,
    findings={1: "digits_lost"},
)
bad("ceros_delante.geojson", one(polygon([RING], code="00123")), kept=1, columns={"code": ["00123"]})
bad("mojibake.geojson", one(polygon([RING], holder="CompaÃ±Ã­a")), kept=1, findings={1: "garbled_letters"})
bad(
    "mojibake_reparado.geojson",
    one(polygon([RING], holder="CompaÃ±Ã­a")),
    kept=1,
    wishes={"encoding": "repair"},
    repairs={1: "letters_mended"},
    columns={"holder": ["Compañía"]},
)
bad("perdidas.geojson", one(polygon([RING], holder="Compa\ufffd\ufffda")), kept=1, findings={1: "garbled_letters"})
bad(
    "crs_enlace.geojson",
    one(polygon([RING]), crs={"type": "link", "properties": {"href": "http://127.0.0.1:9/"}}),
    refused="at a web address",
)
bad("crs_enlace_vacio.geojson", one(polygon([RING]), crs={"type": "link"}), refused="at a web address")
bad(
    "crs_urn_desconocido.geojson",
    one(polygon([RING]), crs={"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::999999"}}),
    refused="999999",
)
bad("limite.geojson", one(polygon([RING]), exceededTransferLimit=True), kept=1, findings={0: "cut_off_by_its_server"})
bad(
    "crs_desconocido.geojson",
    one(polygon([RING]), crs={"type": "name", "properties": {"name": "EPSG:999999"}}),
    refused="999999",
)
bad(
    "topo.json",
    json.dumps(
        {
            "type": "Topology",
            "arcs": [RING],
            "objects": {
                "capa": {
                    "type": "GeometryCollection",
                    "geometries": [{"type": "Polygon", "arcs": [[0]], "properties": {"code": "C1", "name": "Uno"}}],
                }
            },
        }
    ),
    kept=1,
)
bad(
    "esri.json",
    json.dumps(
        {
            "geometryType": "esriGeometryPolygon",
            "spatialReference": {"wkid": 4326},
            "fields": [{"name": "code", "type": "esriFieldTypeString"}],
            "features": [{"attributes": {"code": "C1"}, "geometry": {"rings": [RING]}}],
        }
    ),
    kept=1,
)
bad(
    "fecha_ambigua.geojson",
    one(polygon([RING], granted_on="05/06/2010")),
    kept=1,
    findings={0: "day_or_month_first", 1: "not_readable"},
)
bad("numero_ambiguo.geojson", one(polygon([RING], area_official_ha="1,018")), kept=1, findings={1: "not_readable"})
bad(
    "hectareas.geojson",
    one(polygon([RING], area_official_ha="1.018,75")),
    kept=1,
    findings={1: "hectares_differ"},
    columns={"area_official_ha": [1018.75]},
)


# --- where it lies
def moved(turn):
    """Concessions whose coordinates are others than they say."""
    shapes = shapely.transform(concessions().geometry.to_numpy(), turn)
    return lambda folder: geojson(folder / "capa.geojson", concessions().set_geometry(shapes))


metres = concessions().to_crs(UTM_17S)
bad(
    "metros.geojson",
    lambda folder: geojson(folder / "capa.geojson", metres),
    refused="coordinates are in metres.*add --crs|coordinates are in metres.*Add --crs",
)
latitude_first = moved(lambda xy: xy[:, ::-1])
bad("al_reves.geojson", latitude_first, refused="latitude and longitude exchanged")
bad("al_reves_dicho.geojson", latitude_first, kept=3, wishes={"crs": "OGC:CRS84 swapped"})
eastern = "opposite sign of longitude|latitude and longitude exchanged"
bad("sin_signo.geojson", moved(lambda xy: xy * (-1, 1)), refused=eastern)
northern = "opposite sign of latitude and longitude|ocean or far"
bad("norte.geojson", moved(lambda xy: xy * (-1, -1)), refused=northern)
bad(
    "antartida.shp",
    shp(
        concessions()
        .set_crs("+proj=poly +lon_0=100 +datum=WGS84", allow_override=True)
        .to_crs(UTM_17S)
        .set_crs("+proj=poly +lat_0=-89 +lon_0=100 +datum=WGS84", allow_override=True)
    ),
    refused="coordinates that do not exist on Earth",
)
bad("antartida.geojson", moved(lambda xy: xy * (1, 11.5)), refused="ocean or far from Peru")
bad("crtm05.shp", shp(concessions().set_crs(CRTM05, allow_override=True)), refused="is in metres, but the coordinates")
bad("sin_prj.shp", shp(concessions().to_crs(UTM_17S), without=[".prj"]), refused="its coordinates are in metres")
bad("sin_prj_grados.shp", shp(without=[".prj"]), kept=3)
bad("utm.shp", shp(concessions().to_crs(UTM_17S)), kept=3)
bad("psad56.shp", shp(concessions().to_crs(PSAD_17S)), kept=3, findings={0: "datum_shifted"})
bad(
    "zona_equivocada.shp",
    shp(concessions().to_crs(UTM_17S).set_crs("EPSG:32710", allow_override=True)),
    refused="ocean or far",
)
bad("pies.shp", shp(concessions().to_crs("EPSG:2263")), kept=3, findings={0: "datum_shifted"})
bad(
    "origen.geojson",
    one(feature({"code": "C1"}, shapely.box(0, 0, 0.0005, 0.0005)), polygon([RING], code="C2")),
    kept=2,
    findings={1: "null_island"},
)
bad(
    "oceano.geojson",
    one(
        feature({"code": "C1"}, shapely.box(-90, -20, -89.9, -19.9)),
        polygon([RING], code="C2"),
        polygon([RING], code="C3"),
    ),
    kept=3,
    findings={1: "in_the_ocean"},
)
bad(
    "antimeridiano.geojson",
    one(feature({"code": "C1"}, shapely.Polygon([(179, -17), (-179, -17), (-179, -16), (179, -16)]))),
    kept=1,
    wishes={"crs": "OGC:CRS84"},
    repairs={1: "antimeridian_split"},
)
bad(
    "polo.geojson",
    one(
        feature(
            {"code": "C1"}, shapely.Polygon([(-180, -80), (-90, -80), (0, -80), (90, -80), (180, -80), (-180, -80)])
        ),
        polygon([RING], code="C2"),
        polygon([RING], code="C3"),
    ),
    kept=2,
    rejects={1: "no_area"},
)

# --- Shapefiles and their like
NAMES = {"name": ["Peñón Ñandú 1", "Peñón Ñandú 2", "Peñón Ñandú 3"]}
bad("sin_dbf.shp", shp(without=[".dbf"]), refused="without capa.dbf")
bad("sin_shx.shp", shp(without=[".shx"]), refused="without capa.shx")
bad("cortado.shp", cut(shp()), refused="is truncated: it is shorter than its header states")
bad(
    "dbf_cortado.shp",
    shp(then=lambda path: put(path.with_suffix(".dbf"), path.with_suffix(".dbf").read_bytes()[:-60])),
    refused="is truncated: it is shorter than its header states",
)
bad("dbf_de_otro.shp", shp(then=lambda path: _other_dbf(path)), refused="its parts come from different files")
bad("borrada.shp", shp(then=lambda path: _deleted(path)), refused="marked as deleted")
bad(
    "desbordado.shp",
    shp(concessions().assign(area_offic=[1.5, 2.5, 3.5]), then=lambda path: _overflowed(path)),
    kept=3,
    findings={1: "not_readable"},
)
bad(
    "cpg_miente.shp",
    shp(then=lambda path: _recoded(path, "cp1252", "UTF-8")),
    kept=3,
    findings={0: "encoding_not_as_claimed"},
    columns=NAMES,
)
bad(
    "cpg_miente_2.shp",
    shp(encoding="utf-8", then=lambda path: put(path.with_suffix(".cpg"), b"ISO-8859-1")),
    kept=3,
    findings={0: "encoding_not_as_claimed"},
    columns=NAMES,
)
bad(
    "sin_cpg_850.shp",
    shp(then=lambda path: _recoded(path, "cp850", None)),
    kept=3,
    columns=NAMES,
)
bad("MAYUSCULAS.SHP", lambda folder: _upper(shp()(folder)), kept=3)
bad("carpetas.zip", shp_in_zip("a/b/"), kept=3)
bad("mayusculas.zip", shp_in_zip("DATOS/", upper=True), kept=3)
bad("macintosh.zip", shp_in_zip("", **{"__MACOSX/._capa.shp": "x", ".DS_Store": "x"}), kept=3)
bad("leeme.zip", shp_in_zip("", **{"leeme.txt": "hola"}), kept=3)
bad(
    "dos.zip",
    shp_in_zip("", **{"otra.csv": "a,b\n"}),
    refused=r"2 files that could be a layer \(capa\.shp, otra\.csv\)",
)
bad("sin_capa.zip", zipped(**{"leeme.txt": "hola"}), refused="does not contain a file that could be a layer")
bad("cortado.zip", cut(shp_in_zip("")), refused="broken or truncated ZIP")
bad("en_zip_en_zip.zip", zipped(**{"capa.zip": shp_in_zip("")}), kept=3)
bad("hondo.zip", lambda folder: _deep(folder), refused="inside too many nested archives")
bad("capa.geojson.gz", gzip.compress(one(polygon([RING])).encode()), kept=1)
bad("cortado.gz", gzip.compress(one(polygon([RING])).encode())[:-12], refused="broken or truncated archive")
bad("dos.gpkg", lambda folder: _two_layers(folder), refused="2 layers: norte, sur")
bad("cortado.gpkg", cut(framed("GPKG", ".gpkg", concessions(300))), refused="cannot be read as GeoPackage")
bad(
    "srs.gpkg",
    framed("GPKG", ".gpkg", concessions().set_crs(UTM_17S, allow_override=True)),
    refused="is in metres, but the coordinates",
)
bad("grados.gpkg", framed("GPKG", ".gpkg"), kept=3)
bad("sin_filas.gpkg", lambda folder: _curved(folder), refused="has no rows")
bad(
    "curvas.gpkg",
    lambda folder: _curved(folder, _ring_of_arcs(10), square(1).wkb, _ring_of_arcs(8)),
    kept=3,
    repairs={3: "ring_filled"},
    findings={1: "curves_straightened"},
)
bad(
    "curvas.parquet",
    lambda folder: _parquet_of(folder, "geom", code=["C0", "C1"], geom=[square().wkb, _ring_of_arcs(10)]),
    kept=1,
    rejects={2: "unreadable_geometry"},
)
bad("cortado.fgb", cut(framed("FlatGeobuf", ".fgb", concessions(300))), refused="cannot be read as FlatGeobuf")
bad(
    "tabla.parquet",
    lambda folder: _parquet(folder, concessions().drop(columns="geometry")),
    refused="a Parquet table without geometry",
)
bad("cortado.parquet", cut(lambda folder: _parquet(folder, concessions())), refused="cannot be read as GeoParquet")
bad(
    "mentiroso.parquet",
    lambda folder: _parquet_of(folder, "code", code=["C1"], name=["x"]),
    refused="cannot be read as GeoParquet",
)
bad("recto.parquet", lambda folder: _parquet(folder, concessions()), kept=3)
bad(
    "enlace.kml",
    '<kml xmlns="http://www.opengis.net/kml/2.2"><Document><NetworkLink><Link><href>http://127.0.0.1:9/x.kml</href></Link></NetworkLink></Document></kml>',
    refused="only a link to a file elsewhere",
)
bad("cortado.kml", cut(framed("KML", ".kml", concessions(300))), refused="cannot be read as KML")
bad(
    "puntos.gpx",
    '<gpx xmlns="http://www.topografix.com/GPX/1/1" version="1.1" creator="x"><wpt lat="-7" lon="-78.5"><name>Lugar</name></wpt></gpx>',
    kept=1,
    wishes={"layer": "places"},
)

# --- tables
incidents("punto_y_coma.csv", table(*[incident(i) for i in range(3)]).replace(",", ";"), kept=3)
incidents(
    "cp1252.csv",
    table(incident(1)).replace("Lugar", "Ñahuimpuquio según acta").encode("cp1252"),
    kept=1,
    columns={"place_text": ["Ñahuimpuquio según acta"]},
)
incidents(
    "cp850.csv",
    table(incident(1)).replace("Lugar", "Huánuco, Ñandú, según".replace(",", "")).encode("cp850"),
    kept=1,
    columns={"place_text": ["Huánuco Ñandú según"]},
)
incidents("utf16.csv", table(incident(1)).replace("Lugar", "Ñ").encode("utf-16"), kept=1, columns={"place_text": ["Ñ"]})
incidents("tabulado.csv", table(*[incident(i) for i in range(3)]).replace(",", "\t"), kept=3)
incidents("sep.csv", "sep=;\n" + table(incident(1)).replace(",", ";"), kept=1)
decimals = [f"I{i};2024-01-31;Lugar;public_record;-78,5{i};-7,152" for i in range(3)]
incidents("decimales.csv", table(*decimals, header=INCIDENTS.replace(",", ";")), kept=3)
angles = "I1;2024-01-31;Lugar;public_record;78°30'00\" O;7°09'36\" S"
incidents("gms.csv", table(angles, header=INCIDENTS.replace(",", ";")), kept=1)
incidents("no_numero.csv", table(incident(1, "ayer", -7.1), incident(2)), kept=2, findings={1: "not_readable"})
incidents("blancas.csv", table(incident(1), "", incident(2), ",,,,,"), kept=2, rejects={2: "blank_row"})
incidents("corta.csv", table(incident(1), "I2,2024"), kept=1, rejects={2: "fields_do_not_fit_header"})
incidents("larga.csv", table(incident(1), incident(2) + ",x"), kept=1, rejects={2: "fields_do_not_fit_header"})
incidents("coma_final.csv", table(incident(1) + ","), kept=1)
incidents(
    "titulo.csv",
    "Defensoría del Pueblo\nConflictos al 2024\n" + table(*[incident(i) for i in range(5)]),
    kept=5,
    findings={0: "title_rows_skipped"},
)
incidents("solo_cabecera.csv", INCIDENTS + "\n", refused="has no rows")
incidents("nulos.csv", b"code,name\x00\n1,2\n", refused="does not read the format of|zero bytes")
IN_UTM = table(*[incident(i, 775000 + i, 9215000) for i in range(3)])
incidents("utm.csv", IN_UTM, refused="its coordinates are in metres")
incidents("utm_dicho.csv", IN_UTM, kept=3, wishes={"crs": UTM_17S})
incidents(
    "zonas.csv",
    "\n".join([f"{INCIDENTS},zona", incident(1, 775000, 9215000) + ",17S", incident(2, 275000, 9215000) + ",18S"]),
    refused="several UTM zones",
)
incidents(
    "este_norte.csv",
    IN_UTM.replace("longitude", "ESTE").replace("latitude", "NORTE"),
    kept=3,
    wishes={"crs": UTM_17S},
)
incidents(
    "x_y_al_reves.csv", table(*[incident(i, -7.1, -78.5) for i in range(3)]), refused="latitude and longitude exchanged"
)
incidents(
    "sin_signo.csv",
    table(*[incident(i, 78.5, 7.1) for i in range(3)]),
    refused="opposite sign of latitude and longitude|exchanged|ocean",
)
incidents("infinito.csv", table(incident(1, "inf", -7.1), incident(2)), kept=2, findings={1: "not_readable"})
incidents("fecha_ambigua.csv", table(incident(1, day="05/06/2010")), kept=1, findings={1: "not_readable"})
incidents(
    "fecha_dicha.csv",
    table(incident(1, day="05/06/2010"), incident(2, day="25/06/2010")),
    kept=2,
    columns={"occurred_on": ["2010-06-05", "2010-06-25"]},
)
incidents(
    "fecha_larga.csv", table(incident(1, day="5 de junio de 2010")), kept=1, columns={"occurred_on": ["2010-06-05"]}
)
incidents("fecha_serial.csv", table(incident(1, day="40334")), kept=1, findings={0: "days_since_1900"})
incidents("fecha_corta.csv", table(incident(1, day="25/06/10")), kept=1, findings={0: "year_of_two_digits"})
incidents("mojibake.csv", table(incident(1)).replace("Lugar", "Ã‘andÃº"), kept=1, findings={1: "garbled_letters"})
incidents(
    "titulo.xlsx",
    book(["Defensoría"], [], INCIDENTS.split(","), *[incident(i).split(",") for i in range(5)]),
    kept=5,
    findings={0: "title_rows_skipped"},
)
incidents(
    "dos_hojas.xlsx",
    book(sheets={"Uno": [HEAD, *POINTS], "Dos": [HEAD, *POINTS]}),
    refused="2 sheets with rows: Uno, Dos",
)
incidents(
    "formula.xlsx",
    sheet(["I1", "2024-01-31", "Lugar", "public_record", -78.5, "=1-8"], incident(2)),
    kept=1,
    rejects={1: "formula_without_result"},
)
incidents(
    "error.xlsx",
    sheet(["I1", "2024-01-31", "#N/A", "public_record", -78.5, -7.1]),
    kept=1,
    findings={1: "not_readable"},
)
incidents(
    "blanca.xlsx",
    sheet(incident(1), [None], incident(2)),
    kept=2,
    rejects={2: "blank_row"},
)
incidents(
    "combinada.xlsx",
    book(
        ["code", "occurred_on", "place_text", "visibility", "Ubicación", None],
        [None, None, None, None, "longitude", "latitude"],
        incident(1).split(","),
        merge=["E1:F1"],
    ),
    kept=1,
    findings={0: "header_of_two_rows"},
)
incidents("vacia.xlsx", book(sheets={"Hoja": []}), refused="no sheet with rows")
damaged = {"xl/workbook.xml": "<workbook", "[Content_Types].xml": "<Types"}
incidents("malo.xlsx", zipped(**damaged), refused="cannot be read as XLSX")
incidents("cortado.xlsx", cut(book(HEAD, *POINTS)), refused="broken or truncated ZIP")
incidents(
    "fecha.xlsx",
    sheet(["I1", pd.Timestamp("2010-06-05").to_pydatetime(), "Lugar", "public_record", -78.5, -7.1]),
    kept=1,
    columns={"occurred_on": ["2010-06-05"]},
)
incidents(
    "texto_numero.xlsx",
    sheet(["007", "2024-01-31", "Lugar", "public_record", "-78.5", "-7.1"]),
    kept=1,
    columns={"code": ["007"]},
)


SQUARES = [square(column) for column in range(3)]
QUOTE = '"'


def drawn(name, *cells, named="wkt", sheet=False, **outcome):
    """A table of concessions with a column of geometry as text."""
    rows = [["code", "name", named], *[[f"C{i}", "Uno", cell] for i, cell in enumerate(cells, start=1)]]
    lines = "\n".join(",".join(f'"{cell.replace(QUOTE, 2 * QUOTE)}"' for cell in row) for row in rows)
    bad(name, book(*rows) if sheet else lines, **outcome)


WKT = [shape.wkt for shape in SQUARES]
HEX = [shape.wkb_hex for shape in SQUARES]
IN_METRES = [shape.wkt for shape in concessions().to_crs(UTM_17S).geometry]
NO_CELL = "cell_is_no_geometry"
drawn("wkt.csv", *WKT, kept=3)
drawn("geom_wkt.csv", *WKT, named="Geometría", kept=3)
drawn("ewkt.csv", *[f"SRID=4326;{text}" for text in WKT], named="the_geom", kept=3)
drawn("ewkt_utm.csv", *[f"SRID=32717;{text}" for text in IN_METRES], named="geom", kept=3)
drawn(
    "ewkt_mezcla.csv",
    *[f"SRID=4326;{text}" for text in WKT[:2]],
    f"SRID=32717;{IN_METRES[2]}",
    kept=2,
    rejects={3: "other_reference_system"},
)
drawn("wkt_utm.csv", *IN_METRES, refused="its coordinates are in metres")
drawn("wkb.csv", *HEX, named="geom", kept=3)
drawn("ewkb.csv", *[shapely.to_wkb(shapely.set_srid(s, 4326), hex=True, include_srid=True) for s in SQUARES], kept=3)
drawn("bytea.csv", *[f"\\x{text.lower()}" for text in HEX], named="wkb_geometry", kept=3)
drawn("wkt.xlsx", *WKT, named="shape", sheet=True, kept=3)
drawn("geojson_en_celda.xlsx", *map(shapely.to_geojson, SQUARES), named="geometria", sheet=True, kept=3)
drawn("geojson_en_celda.csv", *map(shapely.to_geojson, SQUARES), named="geom", kept=3)
drawn("sin_nombre.csv", *WKT, named="campo7", kept=3)
drawn("wkt_texto.csv", *WKT[:2], "Polígono", kept=2, rejects={3: NO_CELL})
drawn("wkt_cortado.csv", *WKT[:2], WKT[2][:60], kept=2, rejects={3: NO_CELL})
drawn("wkb_cortado.csv", *HEX[:2], HEX[2][:-8], named="geom", kept=2, rejects={3: NO_CELL})
drawn("wkb_hondo.csv", HEX[0], "010700000001000000" * 100_000, named="geom", kept=1, rejects={2: NO_CELL})
drawn(
    "wkt_hondo.csv",
    WKT[0],
    "GEOMETRYCOLLECTION(" * 100_000 + "POINT(0 0)" + ")" * 100_000,
    kept=1,
    rejects={2: NO_CELL},
)
drawn(
    "wkt_curva.csv", WKT[0], "CURVEPOLYGON(CIRCULARSTRING(0 0,1 1,2 0,1 -1,0 0))", kept=1, rejects={2: "curves_in_cell"}
)
drawn("wkt_vacio.csv", WKT[0], "", "POLYGON EMPTY", kept=1, rejects={2: "no_geometry", 3: "empty_geometry"})
drawn("wkt_nan.csv", WKT[0], "POLYGON((0 0, nan 1, 1 1, 0 0))", kept=1, rejects={2: "not_finite"})
drawn("wkt_puntos.csv", WKT[0], "POINT(-78.5 -7)", kept=2)  # a mine may be known by a point
drawn("wkt_lineas.csv", WKT[0], "LINESTRING(-78.5 -7,-78.4 -7)", kept=1, rejects={2: "wrong_geometry_type"})
drawn("wkt_abierto.csv", "POLYGON((-78.5 -7,-78.49 -7,-78.49 -6.99,-78.5 -6.99))", kept=1, repairs={1: "ring_closed"})
drawn("wkt_z.csv", "POLYGON Z((-78.5 -7 9,-78.49 -7 9,-78.49 -6.99 9,-78.5 -7 9))", kept=1, repairs={1: "z_dropped"})
incidents("compresion.xlsx", lambda folder: _compressed_oddly(folder), refused="cannot be read as XLSX")


def _compressed_oddly(folder):
    """Every member says that it is packed in a way that nobody knows: found by fuzzing."""
    path = book(HEAD, *POINTS)(folder)
    content = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        at = content.find(mark)
        while at >= 0:
            content[at + offset] = 0x63
            at = content.find(mark, at + 4)
    return put(path, bytes(content))


def _sqlite(folder):
    import sqlite3

    con = sqlite3.connect(folder / "capa.gpkg")
    con.execute("CREATE TABLE a (b)")
    con.commit()
    con.close()
    return folder / "capa.gpkg"


def _folder(folder):
    (folder / "carpeta").mkdir()
    return folder / "carpeta"


def _other_dbf(path):
    other = path.parent / "otra"
    other.mkdir()
    concessions(5).to_file(other / "o.shp")
    put(path.with_suffix(".dbf"), (other / "o.dbf").read_bytes())


def _deleted(path):
    dbf = bytearray(path.with_suffix(".dbf").read_bytes())
    dbf[struct.unpack_from("<H", dbf, 8)[0]] = 0x2A
    put(path.with_suffix(".dbf"), bytes(dbf))


def _overflowed(path):
    dbf = bytearray(path.with_suffix(".dbf").read_bytes())
    header = struct.unpack_from("<H", dbf, 8)[0]
    at, place = 32, 1
    while dbf[at] != 0x0D:
        if dbf[at : at + 10] == b"area_offic":
            dbf[header + place : header + place + dbf[at + 16]] = b"*" * dbf[at + 16]
        place, at = place + dbf[at + 16], at + 32
    put(path.with_suffix(".dbf"), bytes(dbf))


def _recoded(path, encoding, cpg):
    concessions().to_file(path, encoding=encoding)
    path.with_suffix(".cpg").unlink(missing_ok=True)
    dbf = bytearray(path.with_suffix(".dbf").read_bytes())
    dbf[29] = 0
    put(path.with_suffix(".dbf"), bytes(dbf))
    if cpg:
        put(path.with_suffix(".cpg"), cpg.encode())


def _upper(path):
    for part in path.parent.glob("capa.*"):
        part.rename(part.with_name(part.name.upper()))
    return path.with_name("CAPA.SHP")


def _deep(folder):
    content = b"code,name\n1,2\n"
    for name in ("a.csv", "b.zip", "c.zip", "capa.zip"):
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w") as archive:
            archive.writestr(name, content)
        content = made.getvalue()
    return put(folder / "capa.zip", content)


def _two_layers(folder):
    for name in ("norte", "sur"):
        concessions(2).to_file(folder / "capa.gpkg", layer=name, driver="GPKG")
    return folder / "capa.gpkg"


def _ring_of_arcs(kind):
    """WKB of a circle of two arcs: a CIRCULARSTRING (8), or the CURVEPOLYGON (10) that it bounds."""
    vertices = [(WEST, SOUTH), (WEST + 0.01, SOUTH + 0.01), (WEST + 0.02, SOUTH), (WEST + 0.01, SOUTH - 0.01)]
    line = struct.pack("<BII10d", 1, 8, 5, *[xy for vertex in [*vertices, vertices[0]] for xy in vertex])
    return line if kind == 8 else struct.pack("<BII", 1, kind, 1) + line


def _curved(folder, *shapes):
    import sqlite3

    path = framed("GPKG", ".gpkg")(folder)
    con = sqlite3.connect(path)
    con.execute("UPDATE gpkg_geometry_columns SET geometry_type_name = 'GEOMETRY'")
    for (trigger,) in con.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        con.execute(f'DROP TRIGGER "{trigger}"')
    con.execute("DELETE FROM capa")
    for number, wkb in enumerate(shapes, start=1):
        blob = b"GP\x00\x01" + struct.pack("<i", 4326) + wkb
        con.execute("INSERT INTO capa (geom, code, name) VALUES (?, ?, 'Uno')", (blob, f"C{number}"))
    con.commit()
    con.close()
    return path


def _parquet_of(folder, column, **columns):
    """A file whose metadata says that `column` holds geometry."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    geo = {"version": "1.0.0", "primary_column": column, "columns": {column: {"encoding": "WKB", "geometry_types": []}}}
    table = pa.table(columns).replace_schema_metadata({"geo": json.dumps(geo)})
    pq.write_table(table, folder / "capa.parquet")
    return folder / "capa.parquet"


def _parquet(folder, frame):
    frame.to_parquet(folder / "capa.parquet")
    return folder / "capa.parquet"


def main():
    target = Path(sys.argv[1])
    for number, (name, entry) in enumerate(BAD.items(), start=1):
        folder = target / f"{number:03} {name}"
        folder.mkdir(parents=True)
        entry.write(folder)
    print(len(BAD))  # noqa: T201


if __name__ == "__main__":
    main()
