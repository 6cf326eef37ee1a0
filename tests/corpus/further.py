"""
Files of registers and kinds that were not tried before: Ghana, Zambia, Tanzania, Cambodia, Mongolia, Nepal, Papua.

Other scripts and signs for digits, calendars, envelopes of interfaces, lists of vertices, sheets counted from 1904.
"""

import datetime as dt
import json

import openpyxl
import pandas as pd
import shapely

from tests.corpus.make import (
    COLUMNS,
    HEAD,
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
    kmz,
    middles,
    named,
    outline,
    plain,
    put,
    records,
    rings,
    stated,
    table,
    true,
)
from tests.files import feature

PLACES |= {
    "GH": (-1.6, 6.5, "Licence_No Area_Name Company Grant_Date Size_Ha"),
    "ZM": (28.1, -12.9, "CODE LICENCE_NAME PARTIES DTEGRANTED AREA_HA"),
    "PG": (143.9, -5.6, "TENEMENT_ID TEN_NAME OWNER DATE_GRANT AREA_HA"),
    "MN": (104.2, 46.1, "Код Нэр Эзэмшигч Огноо Талбай_га"),
    "KH": (104.9, 12.6, "លេខកូដ ឈ្មោះ ក្រុមហ៊ុន កាលបរិច្ឆេទ ហិកតា"),
    "NP": (84.1, 28.0, "दर्ता_नं नाम धारक मिति क्षेत्रफल"),
    "ET": (38.9, 9.2, "LICENSE_ID LICENSE_NM HOLDER_NM ISSUE_DT AREA_H"),
    "ML": (-8.4, 12.1, "Code_permis Nom_permis Titulaire Date_octroi Superficie_ha"),
    "LA": (102.6, 18.4, "LIC_NO PROJECT INVESTOR DATE_SIGN HA"),
}


def spots(country, x=str, y=str):
    """A table of points, with numbers as a sheet of the country writes them."""
    rows = [[code, title, x(lon), y(lat)] for code, title, lon, lat in middles(country)]
    return lines("puntos.csv", [HEAD, *rows])


def lines(name, rows):
    return plain(name, "\n".join(";".join(map(str, row)) for row in rows))


# --- letters
case("GH_mac_roman", "GH", table(named("GH"), encoding="mac_roman", sep=";"), wishes={"encoding": "mac_roman"})
case("ZM_cp850", "ZM", table(named("ZM"), encoding="cp850", sep=";"), wishes={"encoding": "cp850"})
case("PG_utf_32", "PG", table(named("PG"), encoding="utf-32"))
case("LA_utf_16_sin_marca", "LA", table(named("LA"), encoding="utf-16-be", sep="\t"))
for country in ("MN", "KH", "NP"):
    case(f"{country}_csv", country, table(named(country)))
    case(f"{country}_gpkg", country, by_gdal(named(country), "GPKG", "capa.gpkg"))
case("MN_fgb", "MN", by_gdal(named("MN"), "FlatGeobuf", "capa.fgb"))

# --- systems of elsewhere
for country, epsg in (
    ("GH", 2136),
    ("ZM", 20935),
    ("PG", 32754),
    ("MN", 32648),
    ("NP", 32644),
    ("LA", 32648),
    ("ET", 20137),
    ("ML", 32629),
):
    metres = in_system(country, epsg)
    case(f"{country}_{epsg}_gpkg", country, by_gdal(metres, "GPKG", "capa.gpkg"))
    case(f"{country}_{epsg}_sin_sistema", country, geojson(metres), refused="SYSTEM")
case("GH_crs_en_geojson", "GH", geojson(in_system("GH", 32630), **stated(32630)))
case("PG_urn_4326", "PG", geojson(named("PG"), **stated(4326)))
mercator = {"x": lambda lon: round(lon * 111319.49), "y": lambda lat: round(lat * 111500)}
community("ZM_mercator_que_se_dice_grados", "ZM", spots("ZM", **mercator), refused="metres|none")


# --- numbers and signs
def digits(signs, of="0123456789"):
    """How a number is written with other signs for its digits."""
    return lambda number: f"{number:.6f}".translate(str.maketrans(of, signs))


community("PG_menos_tipográfico", "PG", spots("PG", y=digits("−", "-")))
community("ZM_cifras_arábigas", "ZM", spots("ZM", x=digits("٠١٢٣٤٥٦٧٨٩")))
community("NP_cifras_devanagari", "NP", spots("NP", y=digits("०१२३४५६७८९")))
community("GH_cifras_anchas", "GH", spots("GH", y=digits("０１２３４５６７８９．", "0123456789.")))
community("GH_grados_con_ordinal", "GH", spots("GH", x=lambda n: f"{abs(n):.6f}º W", y=lambda n: f"{abs(n):.6f}º N"))
community("GH_unidad_en_la_celda", "GH", spots("GH", x="{:.6f} deg".format, y="{:.6f} deg".format))


def sized(write):
    return named("GF", area_official_ha=[write(ha) for ha in true("GF")["area_official_ha"]])


apart = sized(lambda ha: f"{ha:,.1f}".replace(",", "\u202f").replace(".", ","))
case("GF_miles_con_espacio_fino", "GF", table(apart, sep=";"))
swiss = sized(lambda ha: f"{ha * 100:,.1f}".replace(",", "’"))
case("GF_miles_con_apóstrofo", "GF", table(swiss, sep=";"), findings={"hectares_differ"}, **UNSIZED)

# --- days
UNREAD = {"findings": {"not_readable"}, **UNDATED}
for name, country, days, told in (
    ("NP_bikram_sambat", "NP", ("2073-02-23", "2073-02-24", "2073-02-25"), UNREAD),
    ("ZM_semana_iso", "ZM", ("2016-W22-7", "2016-W23-1", "2016-W23-2"), UNREAD),
    ("ET_dos_días", "ET", tuple(f"2016-06-0{i} / 2019-06-05" for i in (5, 6, 7)), UNREAD),
    ("GH_trimestre", "GH", ("Q2 2016", "Q2 2016", "Q2 2016"), UNREAD),
    ("PG_día_del_año", "PG", ("2016157", "2016158", "2016159"), UNREAD),
    ("LA_budista_en_letras", "LA", ("5 June 2559", "6 June 2559", "7 June 2559"), UNREAD),
    ("MN_en_cirílico", "MN", ("2016 оны 6 сарын 5", "2016 оны 6 сарын 6", "2016 оны 6 сарын 7"), UNREAD),
    ("GH_con_día_de_la_semana", "GH", ("Sun 5 Jun 2016", "Mon 6 Jun 2016", "Tue 7 Jun 2016"), {}),
    (
        "KH_con_hora_y_huso",
        "KH",
        ("2016-06-05T23:30:00+07:00", "2016-06-06T00:10:00+07:00", "2016-06-07T12:00:00Z"),
        {},
    ),
):
    case(name, country, geojson(named(country, granted_on=days)), **told)


def of_1904(folder):
    """A sheet of an old Macintosh counts days from 1904."""
    made = openpyxl.Workbook()
    made.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    frame = true("GH")
    made.active.append(["code", "name", "longitude", "latitude", "Founded"])
    for (code, title, lon, lat), day in zip(middles("GH"), frame["granted_on"], strict=True):
        made.active.append([code, title, lon, lat, dt.date.fromisoformat(day)])
    made.save(folder / "libro.xlsx")
    return folder / "libro.xlsx"


community("GH_libro_de_1904", "GH", of_1904)


# --- how shapes are written
def with_cells(country, cell):
    rows = pd.DataFrame(records(country)).assign(geometry=[cell(shape) for shape in true(country).geometry])
    return plain("tabla.csv", rows.to_csv(index=False, sep=";"))


case("ZM_geojson_en_la_celda", "ZM", with_cells("ZM", shapely.to_geojson))
case(
    "ZM_ewkb_con_srid",
    "ZM",
    with_cells("ZM", lambda s: shapely.to_wkb(shapely.set_srid(s, 4326), hex=True, include_srid=True)),
)
case(
    "ZM_wkt_zm",
    "ZM",
    with_cells("ZM", lambda s: s.wkt.replace("POLYGON", "POLYGON ZM").replace(",", " 0 0,").replace("))", " 0 0))")),
)
case(
    "ZM_lista_de_pares",
    "ZM",
    with_cells("ZM", lambda s: ", ".join(f"({x:.6f} {y:.6f})" for x, y in s.exterior.coords)),
    refused=".",
)


# a list of vertices, one a row, as decrees print it: no row is a place of its own
vertices = [
    [code, i, x, y]
    for code, ring in zip(true("GH")["code"], rings("GH"), strict=True)
    for i, (x, y) in enumerate(ring[:-1], 1)
]
decree = lines("vertices.csv", [["code", "Vertex", "Longitude", "Latitude"], *vertices])
case("GH_lista_de_vértices", "GH", decree, refused="wrong_geometry|every row of .* was rejected|another kind", names={})


# --- what interfaces give
def enveloped(folder):
    inside = json.loads(geojson(named("LA"))(folder).read_text("utf-8"))
    return put(folder / "respuesta.json", json.dumps({"status": "ok", "data": inside}))


case("LA_geojson_en_un_sobre", "LA", enveloped, refused=".", names={})
answer = [dict(zip(HEAD, row, strict=True)) for row in middles("LA")]
community("LA_registros_json", "LA", plain("r.json", json.dumps(answer)), refused=".")
community("LA_líneas_json", "LA", plain("r.jsonl", "\n".join(map(json.dumps, answer))), refused=".")
nested = [
    feature({"code": row.code, "owner": {"name": row.holder}, "name": row.name}, row.geometry)
    for row in true("LA").itertuples(index=False)
]
case(
    "LA_campos_anidados",
    "LA",
    plain("c.geojson", json.dumps({"type": "FeatureCollection", "features": nested})),
    lacks=COLUMNS[2:],
    names={},
)
LINK = '<kml xmlns="http://www.opengis.net/kml/2.2"><NetworkLink><Link><href>https://x.example/capa.kml</href></Link></NetworkLink></kml>'
case("PG_kml_que_enlaza", "PG", plain("capa.kml", LINK), refused=".", names={})


def data_kml(folder):
    """KML with its fields as ExtendedData."""
    marks = ""
    for row, ring in zip(records("GH"), rings("GH"), strict=True):
        data = "".join(f'<Data name="{name}"><value>{value}</value></Data>' for name, value in escaped(row).items())
        drawn = outline(" ".join(f"{x},{y}" for x, y in ring))
        marks += f"<Placemark><ExtendedData>{data}</ExtendedData>{drawn}</Placemark>"
    return kmz(folder, kml(marks))


case("GH_kmz_con_datos", "GH", data_kml)

# --- what is no layer
for name, begin in (
    ("informe.pdf", b"%PDF-1.7\n"),
    ("mapa.tif", b"II*\0"),
    ("plano.dwg", b"AC1032"),
    ("foto.png", b"\x89PNG\r\n\x1a\n"),
):
    case(f"no_es_capa_{name[-3:]}", "PE", plain(name, begin + bytes(300)), refused=".", names={})
with_totals = book([HEAD, *map(list, middles("GH")), ["TOTAL", 3, None, None]])
community("GH_con_totales", "GH", with_totals, rejects={"no_geometry": 1})
short = by_gdal(named("ZM").rename(columns=lambda name: name[:10]), "ESRI Shapefile", "capa.shp", archive=True)
case("ZM_carpeta_de_shp_con_dos", "ZM", short, names=fields("ZM", 10))
