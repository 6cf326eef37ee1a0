"""
Still more of the second corpus: what files of other calendars, units, programs and hands do, and must not do in silence.
"""

import re

import pandas as pd
import shapely

from tests.corpus.make import (
    HEAD,
    UNDATED,
    UNSIZED,
    book,
    by_gdal,
    case,
    community,
    fields,
    geojson,
    in_system,
    kml,
    middles,
    named,
    outline,
    packed,
    plain,
    points,
    records,
    rings,
    table,
    true,
)
from tests.files import collection, feature


# --- calendars and units that are not ours
def dated(*days):
    return table(named("PE", granted_on=days))


UNREAD = {"findings": {"not_readable"}}
case("años_del_calendario_budista", "PE", dated("05/06/2559", "26/06/2559", "07/06/2559"), **UNREAD, **UNDATED)
case("años_del_calendario_persa", "PE", dated("1395/03/16", "1395/03/17", "1395/03/18"), **UNREAD, **UNDATED)
case("años_de_la_hégira", "PE", dated("1437-08-28", "1437-08-29", "1437-09-01"), **UNREAD, **UNDATED)


def sized(write):
    return table(named("PE", area_official_ha=[write(ha) for ha in true("PE")["area_official_ha"]]))


case("acres_en_la_celda", "PE", sized(lambda ha: f"{ha * 2.47105:,.1f} acres"), **UNREAD, **UNSIZED)
case("km2_en_la_celda", "PE", sized(lambda ha: f"{ha / 100:.3f} km²"), **UNREAD, **UNSIZED)
case("acres", "PE", sized(lambda ha: round(ha * 2.47105, 1)), findings={"hectares_in_another_unit"}, **UNSIZED)
case("manzanas", "PE", sized(lambda ha: round(ha / 0.7053, 1)), findings={"hectares_differ"}, **UNSIZED)

# --- systems that the file does not state, or states as none of the Earth
METRES = named("PE", true("PE").to_crs(32717)).rename(columns=lambda name: name[:10])
SHORT = {"names": fields("PE", 10)}


def without(driver, name, *lost):
    """As GDAL writes it, less the parts that say what it is."""

    def write(folder):
        by_gdal(METRES, driver, name)(folder)
        return packed(folder, without=lost)

    return write


def not_of_the_earth(folder):
    by_gdal(METRES, "MapInfo File", "capa.mif")(folder)
    told = (folder / "capa.mif").read_text(errors="replace")
    nowhere = 'CoordSys NonEarth Units "m" Bounds (0, 0) (10000000, 10000000)'
    (folder / "capa.mif").write_text(re.sub(r"CoordSys.*", nowhere, told))
    return packed(folder)


case("PE_32717_mif_de_ningún_lugar", "PE", not_of_the_earth, refused="SYSTEM", **SHORT)
bare = without("ESRI Shapefile", "capa.shp", ".prj", ".cpg")
case("PE_32717_shp_sin_prj_ni_cpg", "PE", bare, refused="SYSTEM", **SHORT)
unstated = METRES.set_crs(None, allow_override=True)
case("PE_32717_gpkg_sin_sistema", "PE", by_gdal(unstated, "GPKG", "capa.gpkg"), refused="SYSTEM", **SHORT)
likely = "probably WGS 84 / Pseudo-Mercator"
case("metros_de_un_país_que_no_se_conoce", "CD", geojson(in_system("CD", 3857)), refused=likely)
feet = METRES.to_crs("+proj=utm +zone=17 +south +datum=WGS84 +units=ft +no_defs")
case("pies_dichos_en_el_prj", "PE", by_gdal(feet, "ESRI Shapefile", "capa.shp", archive=True), **SHORT)
kilometres = METRES.set_geometry(METRES.scale(0.001, 0.001, origin=(0, 0)))
case("kilómetros", "PE", geojson(kilometres), refused="state its CRS", **SHORT)
case(
    "norte_bajo_el_ecuador_sin_diez_millones",
    "PE",
    table(in_system("PE", 32617)),
    wishes={"crs": "EPSG:32717"},
    findings={"far_from_the_country"},
    lacks=("place", "area_official_ha"),
)


# --- geometry as programs nest and write it
def nested(turn):
    shapes = [{"type": "Polygon", "coordinates": [[turn(*at) for at in ring]]} for ring in rings("PE")]
    return plain("capa.geojson", collection(map(feature, records("PE"), shapes)))


case("alturas_y_medidas", "PE", nested(lambda x, y: [x, y, 3100.5, 7]))
case("números_como_texto_en_geojson", "PE", nested(lambda x, y: [str(x), str(y)]), refused="cannot be read")
case("wkt_con_alturas", "PE", table(named("PE", geometry=shapely.force_3d(true("PE").geometry, 12.0)), sep=";"))
case("al_revés_de_las_agujas", "PE", geojson(named("PE", geometry=true("PE").geometry.reverse())))
case("gml_de_latitud_y_longitud", "PE", by_gdal(in_system("PE", 4326), "GML", "capa.gml"))
crossing = [shapely.box(-78.5, -7, -78.4, -6.9), shapely.box(-78.45, -6.95, -78.35, -6.85)]
parts = {"type": "MultiPolygon", "coordinates": [[list(at) for at in shape.exterior.coords] for shape in crossing]}
side_by_side = plain("capa.geojson", collection([feature({"code": "A"}, parts)]))
case("anillos_que_se_cruzan", "PE", side_by_side, refused="rings listed side by side", names={})
marks = [outline(" ".join(f"{y},{x},0" for x, y in ring)) for ring in rings("PE")]
latitude_first = kml("".join(f"<Placemark><name>x</name>{mark}</Placemark>" for mark in marks))
case("kml_con_ejes_al_revés", "PE", plain("capa.kml", latitude_first), refused="exchanged", names={})
link = kml("<NetworkLink><Link><href>http://x/y</href></Link></NetworkLink>")
case("kml_que_solo_enlaza", "PE", plain("capa.kml", link), refused="only a link to a file elsewhere", names={})
case("sqlite", "PE", by_gdal(named("PE"), "SQLite", "capa.sqlite"), refused="but not a GeoPackage")


# --- tables as hands and spreadsheets leave them
rows = [f"{code},{name},{x},{y}" for code, name, x, y in middles("PE")]
rows[0] = rows[0].replace(",", ',"', 1)
unclosed = plain("tabla.csv", "\n".join([",".join(HEAD), *rows]))
community("comilla_sin_cerrar", "PE", unclosed, refused="a quotation mark in record .* is not closed")
formulas = book([HEAD, *([code, name, f"={x}*1", f"={y}*1"] for code, name, x, y in middles("PE"))])
community("fórmulas_sin_resultado", "PE", formulas, refused="formula without a stored result")
PLACED = pd.DataFrame(middles("PE"), columns=HEAD)
community("texto_que_se_dice_xls", "PE", plain("libro.xls", PLACED.to_csv(sep="\t", index=False)))
page = f"<html><body>{PLACED.to_html(index=False)}</body></html>"
community("página_web_que_se_dice_xls", "PE", plain("libro.xls", page))
commas = points("PE", lambda x, y: [f"{x:.6f}".replace(".", ","), f"{y:.6f}"])
community("comas_y_puntos_por_columna", "PE", commas)


def minutes(value, positive, negative):
    size = abs(value)
    return f"{int(size)}° {(size - int(size)) * 60:.4f}' {negative if value < 0 else positive}"


in_minutes = points("PE", lambda x, y: [minutes(x, "E", "W"), minutes(y, "N", "S")])
community("grados_y_minutos", "PE", in_minutes)
community("grados_con_letra", "PE", points("PE", lambda x, y: [f"{-x:.6f}W", f"{-y:.6f}S"]))
