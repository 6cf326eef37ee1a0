"""
Still more of the second corpus: what files of other calendars, units, programs and hands do, and must not do in silence.
"""

import json
import re
import zipfile

import geopandas as gpd
import pandas as pd
import shapely

from tests.corpus.make import (
    COLUMNS,
    book,
    by_gdal,
    case,
    fields,
    geojson,
    in_system,
    middles,
    named,
    points,
    put,
    table,
    true,
)

POINTS = {"layer": "communities", "lacks": COLUMNS[2:]}
PERU = {"wishes": {"fields": fields("PE")}}


# --- calendars and units that are not ours
def dated(*days):
    return table(named("PE", true("PE").assign(granted_on=days)))


UNDATED = PERU | {"findings": {"not_readable"}, "lacks": ("granted_on",)}
case("años_del_calendario_budista", "PE", dated("05/06/2559", "26/06/2559", "07/06/2559"), **UNDATED)
case("años_del_calendario_persa", "PE", dated("1395/03/16", "1395/03/17", "1395/03/18"), **UNDATED)
case("años_de_la_hégira", "PE", dated("1437-08-28", "1437-08-29", "1437-09-01"), **UNDATED)


def sized(write):
    frame = true("PE")
    return table(named("PE", frame.assign(area_official_ha=[write(ha) for ha in frame["area_official_ha"]])))


UNSIZED = PERU | {"lacks": ("area_official_ha",)}
case("acres_en_la_celda", "PE", sized(lambda ha: f"{ha * 2.47105:,.1f} acres"), findings={"not_readable"}, **UNSIZED)
case("km2_en_la_celda", "PE", sized(lambda ha: f"{ha / 100:.3f} km²"), findings={"not_readable"}, **UNSIZED)
case("acres", "PE", sized(lambda ha: round(ha * 2.47105, 1)), findings={"hectares_in_another_unit"}, **UNSIZED)
case("manzanas", "PE", sized(lambda ha: round(ha / 0.7053, 1)), findings={"hectares_differ"}, **UNSIZED)

# --- systems that the file does not state, or states as none of the Earth
METRES = named("PE", true("PE").to_crs(32717)).rename(columns=lambda name: name[:10])
SHORT = {"wishes": {"fields": {column: name[:10] for column, name in fields("PE").items()}}}


def without(driver, name, *lost):
    """As GDAL writes it, less the parts that say what it is."""

    def write(folder):
        by_gdal(METRES, driver, name)(folder)
        with zipfile.ZipFile(folder / "capa.zip", "w") as packed:
            for part in sorted(folder.iterdir()):
                if part.suffix not in {".zip", *lost}:
                    packed.write(part, part.name)
        return folder / "capa.zip"

    return write


def not_of_the_earth(folder):
    by_gdal(METRES, "MapInfo File", "capa.mif")(folder)
    told = (folder / "capa.mif").read_text(errors="replace")
    nowhere = 'CoordSys NonEarth Units "m" Bounds (0, 0) (10000000, 10000000)'
    (folder / "capa.mif").write_text(re.sub(r"CoordSys.*", nowhere, told))
    with zipfile.ZipFile(folder / "capa.zip", "w") as packed:
        for name in ("capa.mif", "capa.mid"):
            packed.write(folder / name, name)
    return folder / "capa.zip"


case("PE_32717_mif_de_ningún_lugar", "PE", not_of_the_earth, refused="SYSTEM", **SHORT)
case(
    "PE_32717_shp_sin_prj_ni_cpg",
    "PE",
    without("ESRI Shapefile", "capa.shp", ".prj", ".cpg"),
    refused="SYSTEM",
    **SHORT,
)
unstated = METRES.set_crs(None, allow_override=True)
case("PE_32717_gpkg_sin_sistema", "PE", by_gdal(unstated, "GPKG", "capa.gpkg"), refused="SYSTEM", **SHORT)
case(
    "metros_de_un_país_que_no_se_conoce",
    "CD",
    geojson(in_system("CD", 3857)),
    wishes={"fields": fields("CD")},
    refused="likely WGS 84 / Pseudo-Mercator",
)
feet = METRES.to_crs("+proj=utm +zone=17 +south +datum=WGS84 +units=ft +no_defs")
case("pies_dichos_en_el_prj", "PE", by_gdal(feet, "ESRI Shapefile", "capa.shp", archive=True), **SHORT)
kilometres = METRES.set_geometry(METRES.scale(0.001, 0.001, origin=(0, 0)))
case("kilómetros", "PE", geojson(kilometres), refused="state its CRS", **SHORT)
case(
    "norte_bajo_el_ecuador_sin_diez_millones",
    "PE",
    table(in_system("PE", 32617)),
    wishes={"fields": fields("PE"), "crs": "EPSG:32717"},
    findings={"far_from_the_country"},
    lacks=("place", "area_official_ha"),
)


# --- geometry as programs nest and write it
def nested(turn):
    def write(folder):
        path = geojson(named("PE"))(folder)
        told = json.loads(path.read_text(encoding="utf-8"))
        for one in told["features"]:
            one["geometry"]["coordinates"] = [[turn(*at) for at in ring] for ring in one["geometry"]["coordinates"]]
        return put(path, json.dumps(told))

    return write


case("alturas_y_medidas", "PE", nested(lambda x, y: [x, y, 3100.5, 7]), **PERU)
case("números_como_texto_en_geojson", "PE", nested(lambda x, y: [str(x), str(y)]), refused="cannot be read", **PERU)
case(
    "wkt_con_alturas",
    "PE",
    table(named("PE").set_geometry(shapely.force_3d(named("PE").geometry, 12.0)), sep=";"),
    **PERU,
)
case("al_revés_de_las_agujas", "PE", geojson(named("PE").set_geometry(named("PE").geometry.reverse())), **PERU)
case("gml_de_latitud_y_longitud", "PE", by_gdal(in_system("PE", 4326), "GML", "capa.gml"), **PERU)
crossing = [shapely.box(-78.5, -7, -78.4, -6.9), shapely.box(-78.45, -6.95, -78.35, -6.85)]


def crossing_parts(folder):
    rings = [[list(at) for at in shape.exterior.coords] for shape in crossing]
    row = {"type": "Feature", "properties": {"code": "A"}, "geometry": {"type": "MultiPolygon", "coordinates": rings}}
    return put(folder / "capa.geojson", json.dumps({"type": "FeatureCollection", "features": [row]}))


case("anillos_que_se_cruzan", "PE", crossing_parts, refused="rings listed side by side")
swapped = gpd.GeoSeries([shapely.transform(one, lambda xy: xy[:, ::-1]) for one in true("PE").geometry], crs=4326)


def swapped_kml(folder):
    places = ""
    for shape in swapped:
        ring = " ".join(f"{x},{y},0" for x, y in shape.exterior.coords)
        places += f"<Placemark><name>x</name><Polygon><outerBoundaryIs><LinearRing><coordinates>{ring}</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>"
    return put(folder / "capa.kml", f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{places}</Document></kml>')


case("kml_con_ejes_al_revés", "PE", swapped_kml, refused="exchanged")
LINK = '<kml xmlns="http://www.opengis.net/kml/2.2"><Document><NetworkLink><Link><href>http://x/y</href></Link></NetworkLink></Document></kml>'
case(
    "kml_que_solo_enlaza",
    "PE",
    lambda folder: put(folder / "capa.kml", LINK),
    refused="only a link to a file elsewhere",
)
case("sqlite", "PE", by_gdal(named("PE"), "SQLite", "capa.sqlite"), refused="no GeoPackage", **PERU)


# --- tables as hands and spreadsheets leave them
def unclosed(folder):
    rows = [f"{code},{name},{x},{y}" for code, name, x, y in middles("PE")]
    rows[0] = rows[0].replace(",", ',"', 1)
    return put(folder / "tabla.csv", "\n".join(["code,name,longitude,latitude", *rows]))


case("comilla_sin_cerrar", "PE", unclosed, layer="communities", refused="quotation mark is opened and not closed")
HEAD = ["code", "name", "longitude", "latitude"]
formulas = book([HEAD, *([code, name, f"={x}*1", f"={y}*1"] for code, name, x, y in middles("PE"))])
case("fórmulas_sin_resultado", "PE", formulas, layer="communities", refused="formula without its result")
PLACED = pd.DataFrame(middles("PE"), columns=HEAD)
case(
    "texto_que_se_dice_xls",
    "PE",
    lambda folder: put(folder / "libro.xls", PLACED.to_csv(sep="\t", index=False)),
    **POINTS,
)
case(
    "página_web_que_se_dice_xls",
    "PE",
    lambda folder: put(folder / "libro.xls", f"<html><body>{PLACED.to_html(index=False)}</body></html>"),
    **POINTS,
)
case(
    "comas_y_puntos_por_columna",
    "PE",
    points("PE", lambda x, y: [f'"{x:.6f}"'.replace(".", ",").strip('"'), f"{y:.6f}"], ["longitud", "latitud"]),
    **POINTS,
)


def minutes(value, positive, negative):
    size = abs(value)
    return f"{int(size)}° {(size - int(size)) * 60:.4f}' {negative if value < 0 else positive}"


case(
    "grados_y_minutos",
    "PE",
    points("PE", lambda x, y: [minutes(x, "E", "W"), minutes(y, "N", "S")], ["longitud", "latitud"]),
    **POINTS,
)
case(
    "grados_con_letra",
    "PE",
    points("PE", lambda x, y: [f"{-x:.6f}W", f"{-y:.6f}S"], ["longitud", "latitud"]),
    **POINTS,
)
