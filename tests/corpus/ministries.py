"""
More of the second corpus: files as ministries of Colombia, Brazil, Bolivia, Ecuador and Mexico write them.

Old datums in the file's own words, degrees cut over columns, commas for points, what is not a polygon among polygons.
"""

import datetime as dt
import itertools
import json
import zipfile

import geopandas as gpd
import pandas as pd
import shapely

from tests.corpus.make import (
    COLUMNS,
    PLACES,
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
from tests.files import collection, feature

POINTS = {"layer": "communities", "lacks": COLUMNS[2:]}


def system(code):
    return {"crs": {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{code}"}}}


def with_srid(country, epsg):
    """Rows whose geometry is a text that begins with the number of its system, as PostGIS writes it."""
    degrees = in_system(country, epsg)
    return lambda: (rows := degrees()).assign(the_geom=[f"SRID={epsg};{shape.wkt}" for shape in rows.geometry])


def parts(value):
    """Whole degrees, whole minutes and seconds of a size."""
    minutes = (abs(value) - int(abs(value))) * 60
    return int(abs(value)), int(minutes), (minutes - int(minutes)) * 60


# --- old datums, in metres and in degrees, as the file itself says
for country, epsg in (("CO", 3116), ("BR", 29192), ("BO", 24880), ("MX", 6372), ("EC", 24877)):
    short = {name: name[:10] for name in fields(country).values()}
    frame = in_system(country, epsg, short)
    case(
        f"{country}_{epsg}_shp_de_esri",
        country,
        by_gdal(frame, "ESRI Shapefile", "capa.shp", archive=True),
        wishes={"fields": {column: short[name] for column, name in fields(country).items()}},
    )
for country, epsg in (("BR", 4618), ("BO", 4248), ("CO", 4218), ("CO", 4686), ("BR", 4225)):
    degrees = in_system(country, epsg)
    case(
        f"{country}_{epsg}_en_grados",
        country,
        geojson(degrees, **system(epsg)),
        wishes={"fields": fields(country)},
    )
    case(
        f"{country}_{epsg}_wkt_con_srid",
        country,
        table(with_srid(country, epsg), shapes=False),
        wishes={"fields": fields(country)},
    )


# --- degrees, minutes and seconds
def apart(x, y):
    return [*parts(x), *parts(y)]


case(
    "grados_minutos_segundos_en_columnas",
    "CO",
    points("CO", apart, ["LONG_GRADOS", "LONG_MIN", "LONG_SEG", "LAT_GRADOS", "LAT_MIN", "LAT_SEG"]),
    refused="coordinates",
    layer="communities",
)


def signed(x, y):
    return [int(x), *parts(x)[1:], int(y), *parts(y)[1:]]


case(
    "longitud_con_minutos_aparte",
    "CO",
    points("CO", signed, ["LONGITUD", "MINUTOS_LON", "SEGUNDOS_LON", "LATITUD", "MINUTOS_LAT", "SEGUNDOS_LAT"]),
    refused="whole degrees alone, and the minutes stand in MINUTOS_LON, MINUTOS_LAT",
    layer="communities",
)
case(
    "grados_pegados",
    "BO",
    points(
        "BO",
        lambda x, y: ["-{}{:02d}{:04.1f}".format(*parts(x)), "-{}{:02d}{:04.1f}".format(*parts(y))],
        ["longitud", "latitud"],
    ),
    refused=".",
    layer="communities",
)
case(
    "segundos_con_coma",
    "CO",
    points(
        "CO",
        lambda x, y: [
            "{}° {:02d}' {:05.2f}'' O".format(*parts(x)).replace(".", ","),
            "{}° {:02d}' {:05.2f}'' N".format(*parts(y)).replace(".", ","),
        ],
        ["longitud", "latitud"],
    ),
    **POINTS,
)
case(
    "hemisferio_delante",
    "EC",
    points(
        "EC",
        lambda x, y: ["W {} {:02d} {:05.2f}".format(*parts(x)), "S {} {:02d} {:05.2f}".format(*parts(y))],
        ["longitud", "latitud"],
    ),
    **POINTS,
)
case(
    "grados_sin_hemisferio",
    "BO",
    points(
        "BO",
        lambda x, y: ["{}°{:02d}'{:05.2f}\"".format(*parts(x)), "{}°{:02d}'{:05.2f}\"".format(*parts(y))],
        ["longitud", "latitud"],
    ),
    refused="sign",
    layer="communities",
)
case(
    "sol_oeste_en_portugues",
    "BR",
    points(
        "BR",
        lambda x, y: [
            "{}°{:02d}'{:05.2f}\" Oeste".format(*parts(x)),
            "{}°{:02d}'{:05.2f}\" Sul".format(*parts(y)),
        ],
        ["longitude", "latitude"],
    ),
    **POINTS,
)


# --- metres in a table: thousands with points, decimals with commas, zones in a column
def easting(country, epsg, write):
    metres = gpd.GeoSeries([shapely.Point(x, y) for _c, _n, x, y in middles(country)], crs=4326).to_crs(epsg)
    rows = [
        [code, name, write(at.x), write(at.y)]
        for (code, name, _x, _y), at in zip(middles(country), metres, strict=True)
    ]
    frame = pd.DataFrame(rows, columns=["code", "name", "ESTE", "NORTE"])
    return gpd.GeoDataFrame(frame, geometry=[None] * 3)


def spanish(value):
    return f"{value:,.2f}".replace(",", " ").replace(".", ",").replace(" ", ".")


case(
    "metros_con_miles",
    "BO",
    table(easting("BO", 32720, spanish), sep=";", shapes=False, encoding="latin_1"),
    **POINTS | {"wishes": {"crs": "EPSG:32720"}},
)
case(
    "metros_con_espacios",
    "EC",
    table(easting("EC", 32717, lambda v: spanish(v).replace(".", " ")), sep=";", shapes=False, encoding="cp1252"),
    **POINTS | {"wishes": {"crs": "EPSG:32717"}},
)
case(
    "metros_enteros_con_puntos",
    "CO",
    table(easting("CO", 9377, lambda v: f"{v:,.0f}".replace(",", ".")), sep=";", shapes=False),
    **POINTS | {"wishes": {"crs": "EPSG:9377"}},
)


# --- what is no polygon among polygons
def mixed(folder):
    frame = true("EC")
    rows = named("EC").drop(columns="geometry").to_dict("records")
    shapes = [frame.geometry[0], frame.geometry[1].centroid, shapely.GeometryCollection([frame.geometry[2]])]
    return put(folder / "mezcla.geojson", collection(map(feature, rows, shapes)))


case("geometria_mezclada", "EC", mixed, wishes={"fields": fields("EC")}, kept=3)  # one of them is known by a point


def quantized(folder):
    frame, step = named("MX"), 1e-6
    west, south = PLACES["MX"][:2]
    arcs = []
    for shape in frame.geometry:
        at = [(round((x - west) / step), round((y - south) / step)) for x, y in shape.exterior.coords]
        arcs.append([at[0], *((b[0] - a[0], b[1] - a[1]) for a, b in itertools.pairwise(at))])
    rows = frame.drop(columns="geometry").to_dict("records")
    shapes = [{"type": "Polygon", "arcs": [[i]], "properties": row} for i, row in enumerate(rows)]
    told = {"type": "Topology", "transform": {"scale": [step, step], "translate": [west, south]}, "arcs": arcs}
    return put(
        folder / "capa.topojson",
        json.dumps({**told, "objects": {"capa": {"type": "GeometryCollection", "geometries": shapes}}}),
    )


case("topojson_cuantizado", "MX", quantized, wishes={"fields": fields("MX")})


def latin_geojson(folder):
    rows = named("CO").drop(columns="geometry").to_dict("records")
    text = collection(map(feature, rows, named("CO").geometry))
    return put(folder / "capa.geojson", json.dumps(json.loads(text), ensure_ascii=False), "latin_1")


case(
    "geojson_en_latin_1",
    "CO",
    latin_geojson,
    wishes={"fields": fields("CO")},
    findings={"encoding_not_as_claimed"},
)


def table_kml(folder):
    names = list(fields("BR").values())
    places = ""
    for row in named("BR").itertuples(index=False):
        ring = "\n".join(f"{x:.7f},{y:.7f},312.5" for x, y in row.geometry.exterior.coords)
        cells = "".join(
            f'<tr bgcolor="#D4E4F3"><td>{n}</td><td>{str(getattr(row, n)).replace("&", "&amp;")}</td></tr>'
            for n in names
        )
        places += (
            f"<Placemark><description><![CDATA[<table border=1>{cells}</table>]]></description><MultiGeometry><Polygon>"
            f"<outerBoundaryIs><LinearRing><coordinates>{ring}</coordinates></LinearRing></outerBoundaryIs></Polygon>"
            "</MultiGeometry></Placemark>"
        )
    return put(folder / "capa.kml", f'<kml xmlns="http://earth.google.com/kml/2.2"><Document>{places}</Document></kml>')


case("kml_con_alturas", "BR", table_kml, wishes={"fields": fields("BR")}, findings={"fields_in_description"})

# --- workbooks
HEAD = ["Código", "Nombre de la comunidad", "Longitud", "Latitud"]
WISHED = {"fields": {"code": HEAD[0], "name": HEAD[1], "longitude": HEAD[2], "latitude": HEAD[3]}}
case(
    "cabecera_dos_filas_mas_abajo",
    "BO",
    book([["Viceministerio de Tierras"], ["Corte al 30/06/2024"], [], HEAD, *middles("BO"), ["TOTAL", 3]]),
    findings={"title_rows_skipped"},
    rejects={"no_geometry": 1},
    wishes=WISHED,
    **POINTS,
)
case(
    "numeros_como_texto",
    "CO",
    book([HEAD, *([c, n, f"{x:.6f}".replace(".", ","), f"{y:.6f}".replace(".", ",")] for c, n, x, y in middles("CO"))]),
    wishes=WISHED,
    **POINTS,
)


def sheet_ods(folder):
    frame = pd.DataFrame(middles("EC"), columns=HEAD)
    return by_gdal(gpd.GeoDataFrame(frame, geometry=[None] * 3), "ODS", "hoja.ods")(folder)


case("hoja_ods_de_gdal", "EC", sheet_ods, wishes=WISHED, **POINTS)

# --- days
zoned = true("CO").assign(granted_on=[f"{day}T00:00:00-05:00" for day in true("CO")["granted_on"]])
case("dias_con_huso", "CO", table(named("CO", zoned)), wishes={"fields": fields("CO")})
joined = true("BR").assign(granted_on=[day.replace("-", "") for day in true("BR")["granted_on"]])
case("dias_pegados", "BR", table(named("BR", joined)), wishes={"fields": fields("BR")})
millis = true("EC").assign(
    granted_on=[
        int(dt.datetime.fromisoformat(f"{day}T05:00:00+00:00").timestamp() * 1000) for day in true("EC")["granted_on"]
    ]
)
case(
    "milisegundos",
    "EC",
    geojson(named("EC", millis)),
    wishes={"fields": fields("EC")},
)
both = true("MX").assign(granted_on=["05/06/2016", "25/06/2016", "06/27/2016"])
case(
    "dias_en_dos_ordenes",
    "MX",
    table(named("MX", both)),
    wishes={"fields": fields("MX")},
    findings={"not_readable", "day_or_month_first"},
    lacks=("granted_on",),
)
slashed = true("BO").assign(granted_on=["05.06.2016", "06.06.2016", "07.06.2016"])
case(
    "dias_con_puntos",
    "BO",
    table(named("BO", slashed)),
    wishes={"fields": fields("BO"), "date_order": "day"},
)

# --- hectares under another name, and geodatabases of more than one layer
acres = true("BR").assign(area_official_ha=[round(ha * 10_000, 0) for ha in true("BR")["area_official_ha"]])
case(
    "metros_cuadrados",
    "BR",
    table(named("BR", acres)),
    wishes={"fields": fields("BR")},
    findings={"hectares_in_another_unit"},
    lacks=("area_official_ha",),
)


def two_layers(folder):
    for name in ("titulos", "solicitudes"):
        frame = named("CO", true("CO").to_crs(9377))
        by_gdal(frame, "OpenFileGDB", f"{name}.gdb")(folder)
    with zipfile.ZipFile(folder / "todo.zip", "w") as packed:
        for part in sorted(folder.rglob("*")):
            if part.is_file() and part.suffix != ".zip":
                packed.write(part, part.relative_to(folder))
    return folder / "todo.zip"


case("dos_geodatabases", "CO", two_layers, wishes={"fields": fields("CO")}, refused="titulos")


def swapped_wkt(folder):
    frame = named("EC")
    swapped = gpd.GeoSeries([shapely.transform(shape, lambda xy: xy[:, ::-1]) for shape in frame.geometry], crs=4326)
    return table(frame.set_geometry(swapped))(folder)


case("wkt_con_latitud_primero", "EC", swapped_wkt, wishes={"fields": fields("EC")}, refused="exchanged|latitude")


# --- what no country has: a turn too many, no point in the degrees
case(
    "longitud_de_0_a_360",
    "CO",
    points("CO", lambda x, y: [f"{x + 360:.6f}", f"{y:.6f}"], ["longitud", "latitud"]),
    refused=".",
    layer="communities",
)
case(
    "grados_sin_punto",
    "CO",
    points("CO", lambda x, y: [f"{x * 1e6:.0f}", f"{y * 1e6:.0f}"], ["longitud", "latitud"]),
    refused=".",
    layer="communities",
)
case(
    "grados_que_se_dicen_metros",
    "BO",
    geojson(named("BO"), **system(32720)),
    wishes={"fields": fields("BO")},
    refused="degrees",
)


def swapped_geojson(folder):
    frame = named("MX")
    swapped = gpd.GeoSeries([shapely.transform(shape, lambda xy: xy[:, ::-1]) for shape in frame.geometry], crs=4326)
    return geojson(frame.set_geometry(swapped))(folder)


case(
    "geojson_con_latitud_primero",
    "MX",
    swapped_geojson,
    wishes={"fields": fields("MX")},
    refused="degrees with latitude first",
)


def zoned(folder):
    """Bolivia's zones 19 and 20 in one column of coordinates, the zone beside them."""
    rows = []
    for (code, name, x, y), zone in zip(middles("BO"), (20, 20, 19), strict=True):
        at = gpd.GeoSeries([shapely.Point(x, y)], crs=4326).to_crs(32700 + zone).iloc[0]
        rows.append([code, name, zone, f"{at.x:.1f}", f"{at.y:.1f}"])
    frame = pd.DataFrame(rows, columns=["code", "name", "ZONA", "ESTE", "NORTE"])
    return table(gpd.GeoDataFrame(frame, geometry=[None] * 3), shapes=False)(folder)


case("dos_zonas_sin_decir", "BO", zoned, refused=".", layer="communities")
case("dos_zonas_como_una", "BO", zoned, refused=".", layer="communities", wishes={"crs": "EPSG:32720"})


def cut_wkt(folder):
    frame = named("CO")
    plain = pd.DataFrame(frame.drop(columns="geometry")).assign(wkt=frame.geometry.to_wkt())
    plain.loc[2, "wkt"] = plain.loc[2, "wkt"][:60]
    return put(folder / "tabla.csv", plain.to_csv(index=False))


case("wkt_cortado", "CO", cut_wkt, wishes={"fields": fields("CO")}, kept=2, rejects={"cell_is_no_geometry": 1})


def high_wkt(folder):
    frame = named("EC")
    return table(frame.set_geometry(gpd.GeoSeries(shapely.force_3d(frame.geometry.to_numpy(), 2100.5), crs=4326)))(
        folder
    )


case("wkt_con_altura", "EC", high_wkt, wishes={"fields": fields("EC")})

english = true("MX").assign(area_official_ha=["1,125.5", "850.25", "1,125.5"])
case(
    "miles_con_coma",
    "MX",
    table(named("MX", english), sep=";"),
    wishes={"fields": fields("MX")},
    findings={"hectares_differ"},
    lacks=("area_official_ha",),
)


def late_letter(folder):
    """A letter of Windows after 300 kB of plain ones."""
    plain = named("CO").assign(NOTA="x" * 100_000)
    return table(plain, encoding="cp1252", sep=";")(folder)


case("letra_tardia", "CO", late_letter, wishes={"fields": fields("CO")})
empty = true("BO").assign(granted_on=["00/00/0000", "01/01/1900", "31/12/9999"])
case(
    "dias_de_relleno",
    "BO",
    table(named("BO", empty)),
    wishes={"fields": fields("BO"), "date_order": "day"},
    findings={"default_date", "not_readable"},
    lacks=("granted_on",),
)


def swapped_kml(folder):
    places = "".join(
        f"<Placemark><name>{name}</name><Point><coordinates>{y:.6f},{x:.6f},0</coordinates></Point></Placemark>"
        for _code, name, x, y in middles("CO")
    )
    return put(folder / "c.kml", f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{places}</Document></kml>')


case("kml_con_latitud_primero", "CO", swapped_kml, refused="exchanged|latitude", layer="communities")
