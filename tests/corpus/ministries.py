"""
More of the second corpus: files as ministries of Colombia, Brazil, Bolivia, Ecuador and Mexico write them.

Old datums in the file's own words, degrees cut over columns, commas for points, what is not a polygon among polygons.
"""

import datetime as dt
import itertools

import geopandas as gpd
import pandas as pd
import shapely

from tests.corpus.make import (
    HEAD,
    LONGITUDE_FIRST,
    PLACES,
    UNDATED,
    UNSIZED,
    book,
    by_gdal,
    case,
    community,
    escaped,
    fields,
    geojson,
    in_system,
    kml,
    middles,
    named,
    outline,
    packed,
    parts,
    plain,
    points,
    put,
    records,
    rings,
    stated,
    swapped,
    table,
    topology,
    true,
    without_shapes,
)
from tests.files import collection, feature


def with_srid(country, epsg):
    """Rows whose geometry is a text that begins with the number of its system, as PostGIS writes it."""
    degrees = in_system(country, epsg)
    return lambda: (rows := degrees()).assign(the_geom=[f"SRID={epsg};{shape.wkt}" for shape in rows.geometry])


# --- old datums, in metres and in degrees, as the file itself says
for country, epsg in (("CO", 3116), ("BR", 29192), ("BO", 24880), ("MX", 6372), ("EC", 24877)):
    written = by_gdal(in_system(country, epsg, 10), "ESRI Shapefile", "capa.shp", archive=True)
    case(f"{country}_{epsg}_shp_de_esri", country, written, names=fields(country, 10))
for country, epsg in (("BR", 4618), ("BO", 4248), ("CO", 4218), ("CO", 4686), ("BR", 4225)):
    degrees = in_system(country, epsg)
    case(f"{country}_{epsg}_en_grados", country, geojson(degrees, **stated(epsg)))
    case(f"{country}_{epsg}_wkt_con_srid", country, table(with_srid(country, epsg), shapes=False))


# --- degrees, minutes and seconds
community(
    "grados_minutos_segundos_en_columnas",
    "CO",
    points(
        "CO",
        lambda x, y: [*parts(x), *parts(y)],
        ["LONG_GRADOS", "LONG_MIN", "LONG_SEG", "LAT_GRADOS", "LAT_MIN", "LAT_SEG"],
    ),
    refused="coordinates",
)
community(
    "longitud_con_minutos_aparte",
    "CO",
    points(
        "CO",
        lambda x, y: [int(x), *parts(x)[1:], int(y), *parts(y)[1:]],
        ["LONGITUD", "MINUTOS_LON", "SEGUNDOS_LON", "LATITUD", "MINUTOS_LAT", "SEGUNDOS_LAT"],
    ),
    refused="whole degrees only; the minutes are in MINUTOS_LON, MINUTOS_LAT",
)


def angles(country, east, north, header=LONGITUDE_FIRST):
    """A table of points whose degrees, minutes and seconds are written in the forms `east` and `north`."""
    return points(country, lambda x, y: [east.format(*parts(x)), north.format(*parts(y))], header)


community("grados_pegados", "BO", angles("BO", "-{}{:02d}{:04.1f}", "-{}{:02d}{:04.1f}"), refused=".")
community(
    "segundos_con_coma",
    "CO",
    points(
        "CO",
        lambda x, y: [
            "{}° {:02d}' {:05.2f}'' O".format(*parts(x)).replace(".", ","),
            "{}° {:02d}' {:05.2f}'' N".format(*parts(y)).replace(".", ","),
        ],
    ),
)
community("hemisferio_delante", "EC", angles("EC", "W {} {:02d} {:05.2f}", "S {} {:02d} {:05.2f}"))
unsigned = "{}°{:02d}'{:05.2f}\""
community("grados_sin_hemisferio", "BO", angles("BO", unsigned, unsigned), refused="sign")
community("sol_oeste_en_portugues", "BR", angles("BR", f"{unsigned} Oeste", f"{unsigned} Sul", HEAD[2:]))


# --- metres in a table: thousands with points, decimals with commas, zones in a column
def metres(country, epsg, write, encoding="utf-8"):
    spots = middles(country)
    placed = gpd.GeoSeries([shapely.Point(x, y) for _c, _n, x, y in spots], crs=4326).to_crs(epsg)
    rows = [[code, name, write(at.x), write(at.y)] for (code, name, _x, _y), at in zip(spots, placed, strict=True)]
    return without_shapes(rows, ["code", "name", "ESTE", "NORTE"], sep=";", encoding=encoding)


def spanish(value):
    return f"{value:,.2f}".replace(",", " ").replace(".", ",").replace(" ", ".")


def spaced(value):
    return spanish(value).replace(".", " ")


def rounded(value):
    return f"{value:,.0f}".replace(",", ".")


community("metros_con_miles", "BO", metres("BO", 32720, spanish, "latin_1"), wishes={"crs": "EPSG:32720"})
community("metros_con_espacios", "EC", metres("EC", 32717, spaced, "cp1252"), wishes={"crs": "EPSG:32717"})
community("metros_enteros_con_puntos", "CO", metres("CO", 9377, rounded), wishes={"crs": "EPSG:9377"})


# --- what is no polygon among polygons
def mixed(folder):
    frame = true("EC")
    shapes = [frame.geometry[0], frame.geometry[1].centroid, shapely.GeometryCollection([frame.geometry[2]])]
    return put(folder / "mezcla.geojson", collection(map(feature, records("EC"), shapes)))


case("geometria_mezclada", "EC", mixed, kept=3)  # one of them is known by a point


def quantized(country, step=1e-6):
    west, south = PLACES[country][:2]
    arcs = []
    for ring in rings(country):
        at = [(round((x - west) / step), round((y - south) / step)) for x, y in ring]
        arcs.append([at[0], *((b[0] - a[0], b[1] - a[1]) for a, b in itertools.pairwise(at))])
    turn = {"scale": [step, step], "translate": [west, south]}
    return plain("capa.topojson", topology(records(country), arcs, transform=turn))


case("topojson_cuantizado", "MX", quantized("MX"))
latin = plain("capa.geojson", collection(map(feature, records("CO"), true("CO").geometry)), "latin_1")
case("geojson_en_latin_1", "CO", latin, findings={"encoding_not_as_claimed"})


def kml_with_heights(country):
    places = ""
    for row, ring in zip(records(country), rings(country), strict=True):
        cells = "".join(
            f'<tr bgcolor="#D4E4F3"><td>{name}</td><td>{value}</td></tr>' for name, value in escaped(row).items()
        )
        drawn = outline("\n".join(f"{x:.7f},{y:.7f},312.5" for x, y in ring))
        told = f"<description><![CDATA[<table border=1>{cells}</table>]]></description>"
        places += f"<Placemark>{told}<MultiGeometry>{drawn}</MultiGeometry></Placemark>"
    return plain("capa.kml", kml(places, "http://earth.google.com/kml/2.2"))


case("kml_con_alturas", "BR", kml_with_heights("BR"), findings={"fields_in_description"})

# --- workbooks
SPANISH = ["Código", "Nombre de la comunidad", "Longitud", "Latitud"]
WISHED = {"fields": {"code": SPANISH[0], "name": SPANISH[1], "longitude": SPANISH[2], "latitude": SPANISH[3]}}
community(
    "cabecera_dos_filas_mas_abajo",
    "BO",
    book([["Viceministerio de Tierras"], ["Corte al 30/06/2024"], [], SPANISH, *middles("BO"), ["TOTAL", 3]]),
    findings={"title_rows_skipped"},
    rejects={"no_geometry": 1},
    wishes=WISHED,
)
community(
    "numeros_como_texto",
    "CO",
    book(
        [SPANISH, *([c, n, f"{x:.6f}".replace(".", ","), f"{y:.6f}".replace(".", ",")] for c, n, x, y in middles("CO"))]
    ),
    wishes=WISHED,
)


sheet = gpd.GeoDataFrame(pd.DataFrame(middles("EC"), columns=SPANISH), geometry=[None] * 3)
community("hoja_ods_de_gdal", "EC", by_gdal(sheet, "ODS", "hoja.ods"), wishes=WISHED)


# --- days
def dated(country, write):
    return named(country, granted_on=[write(day) for day in true(country)["granted_on"]])


case("dias_con_huso", "CO", table(dated("CO", "{}T00:00:00-05:00".format)))
case("dias_pegados", "BR", table(dated("BR", lambda day: day.replace("-", ""))))
milliseconds = dated("EC", lambda day: int(dt.datetime.fromisoformat(f"{day}T05:00:00+00:00").timestamp() * 1000))
case("milisegundos", "EC", geojson(milliseconds))
two_orders = named("MX", granted_on=["05/06/2016", "25/06/2016", "06/27/2016"])
case("dias_en_dos_ordenes", "MX", table(two_orders), findings={"not_readable", "day_or_month_first"}, **UNDATED)
dotted = named("BO", granted_on=["05.06.2016", "06.06.2016", "07.06.2016"])
case("dias_con_puntos", "BO", table(dotted), wishes={"date_order": "day"})

# --- hectares under another name, and geodatabases of more than one layer
square_metres = named("BR", area_official_ha=(true("BR")["area_official_ha"] * 10_000).round(0))
case("metros_cuadrados", "BR", table(square_metres), findings={"hectares_in_another_unit"}, **UNSIZED)


def two_layers(folder):
    for name in ("titulos", "solicitudes"):
        by_gdal(named("CO", true("CO").to_crs(9377)), "OpenFileGDB", f"{name}.gdb")(folder)
    return packed(folder)


case("dos_geodatabases", "CO", two_layers, refused="titulos")
case("wkt_con_latitud_primero", "EC", table(swapped("EC")), refused="exchanged|latitude")


# --- what no country has: a turn too many, no point in the degrees
turned = points("CO", lambda x, y: [f"{x + 360:.6f}", f"{y:.6f}"])
community("longitud_de_0_a_360", "CO", turned, refused=".")
pointless = points("CO", lambda x, y: [f"{x * 1e6:.0f}", f"{y * 1e6:.0f}"])
community("grados_sin_punto", "CO", pointless, refused=".")
case("grados_que_se_dicen_metros", "BO", geojson(named("BO"), **stated(32720)), refused="degrees")
case("geojson_con_latitud_primero", "MX", geojson(swapped("MX")), refused="latitude before longitude")


def zoned(folder):
    """Bolivia's zones 19 and 20 in one column of coordinates, the zone beside them."""
    rows = []
    for (code, name, x, y), zone in zip(middles("BO"), (20, 20, 19), strict=True):
        at = gpd.GeoSeries([shapely.Point(x, y)], crs=4326).to_crs(32700 + zone).iloc[0]
        rows.append([code, name, zone, f"{at.x:.1f}", f"{at.y:.1f}"])
    return without_shapes(rows, ["code", "name", "ZONA", "ESTE", "NORTE"])(folder)


community("dos_zonas_sin_decir", "BO", zoned, refused=".")
community("dos_zonas_como_una", "BO", zoned, refused=".", wishes={"crs": "EPSG:32720"})


def cut_wkt(folder):
    rows = pd.DataFrame(records("CO")).assign(wkt=true("CO").geometry.to_wkt())
    rows.loc[2, "wkt"] = rows.loc[2, "wkt"][:60]
    return put(folder / "tabla.csv", rows.to_csv(index=False))


case("wkt_cortado", "CO", cut_wkt, kept=2, rejects={"cell_is_no_geometry": 1})
high = shapely.force_3d(true("EC").geometry.to_numpy(), 2100.5)
case("wkt_con_altura", "EC", table(named("EC", geometry=high)))
english = named("MX", area_official_ha=["1,125.5", "850.25", "1,125.5"])
case("miles_con_coma", "MX", table(english, sep=";"), findings={"hectares_differ"}, **UNSIZED)
late_letter = named("CO").assign(NOTA="x" * 100_000)  # a letter of Windows after 300 kB of plain ones
case("letra_tardia", "CO", table(late_letter, encoding="cp1252", sep=";"))
case(
    "dias_de_relleno",
    "BO",
    table(named("BO", granted_on=["00/00/0000", "01/01/1900", "31/12/9999"])),
    wishes={"date_order": "day"},
    findings={"default_date", "not_readable"},
    **UNDATED,
)
places = "".join(
    f"<Placemark><name>{name}</name><Point><coordinates>{y:.6f},{x:.6f},0</coordinates></Point></Placemark>"
    for _code, name, x, y in middles("CO")
)
community("kml_con_latitud_primero", "CO", plain("c.kml", kml(places)), refused="exchanged|latitude")
