"""
Files of registers and kinds that were not tried before: Ghana, Zambia, Tanzania, Cambodia, Mongolia, Nepal, Papua.

Other scripts and signs for digits, calendars, envelopes of interfaces, lists of vertices, sheets counted from 1904.
"""

import datetime as dt
import json
import zipfile

import geopandas as gpd
import openpyxl
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
    put,
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
POINTS = {"layer": "communities", "lacks": COLUMNS[2:]}
HEAD = ["code", "name", "longitude", "latitude"]
UNDATED = {"findings": {"not_readable"}, "lacks": ("granted_on",)}


def known(country, **more):
    return {"wishes": {"fields": fields(country)}, **more}


def spots(country, *, name="puntos.csv", sep=";", encoding="utf-8", head=HEAD, x=str, y=str):
    """A table of points, with numbers as a sheet of the country writes them."""
    rows = [[code, title, x(lon), y(lat)] for code, title, lon, lat in middles(country)]
    return lambda folder: put(folder / name, "\n".join(sep.join(map(str, row)) for row in [head, *rows]), encoding)


# --- letters
case(
    "GH_mac_roman",
    "GH",
    table(named("GH"), encoding="mac_roman", sep=";"),
    wishes={"fields": fields("GH"), "encoding": "mac_roman"},
)
case(
    "ZM_cp850",
    "ZM",
    table(named("ZM"), encoding="cp850", sep=";"),
    wishes={"fields": fields("ZM"), "encoding": "cp850"},
)
case("PG_utf_32", "PG", table(named("PG"), encoding="utf-32"), **known("PG"))
case("LA_utf_16_sin_marca", "LA", table(named("LA"), encoding="utf-16-be", sep="\t"), **known("LA"))
for country in ("MN", "KH", "NP"):
    case(f"{country}_csv", country, table(named(country)), **known(country))
    case(f"{country}_gpkg", country, by_gdal(named(country), "GPKG", "capa.gpkg"), **known(country))
case("MN_fgb", "MN", by_gdal(named("MN"), "FlatGeobuf", "capa.fgb"), **known("MN"))

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
    case(f"{country}_{epsg}_gpkg", country, by_gdal(metres, "GPKG", "capa.gpkg"), **known(country))
    case(f"{country}_{epsg}_sin_sistema", country, geojson(metres), refused="SYSTEM", **known(country))
metres = in_system("GH", 32630)
case(
    "GH_crs_en_geojson",
    "GH",
    geojson(metres, crs={"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32630"}}),
    **known("GH"),
)
latitude_first = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4326"}}
case("PG_urn_4326", "PG", geojson(named("PG"), crs=latitude_first), **known("PG"))
mercator = {"x": lambda lon: round(lon * 111319.49), "y": lambda lat: round(lat * 111500)}
case("ZM_mercator_que_se_dice_grados", "ZM", spots("ZM", **mercator), refused="metres|none", layer="communities")

# --- numbers and signs
case("PG_menos_tipográfico", "PG", spots("PG", y=lambda lat: f"{lat:.6f}".replace("-", "−")), **POINTS)
case(
    "ZM_cifras_arábigas",
    "ZM",
    spots("ZM", x=lambda n: f"{n:.6f}".translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))),
    **POINTS,
)
case(
    "NP_cifras_devanagari",
    "NP",
    spots("NP", y=lambda n: f"{n:.6f}".translate(str.maketrans("0123456789", "०१२३४५६७८९"))),
    **POINTS,
)
case(
    "GH_cifras_anchas",
    "GH",
    spots("GH", y=lambda n: f"{n:.6f}".translate(str.maketrans("0123456789.", "０１２３４５６７８９．"))),
    **POINTS,
)
case(
    "GH_grados_con_ordinal", "GH", spots("GH", x=lambda n: f"{abs(n):.6f}º W", y=lambda n: f"{abs(n):.6f}º N"), **POINTS
)
case("GH_unidad_en_la_celda", "GH", spots("GH", x=lambda n: f"{n:.6f} deg", y=lambda n: f"{n:.6f} deg"), **POINTS)
apart = true("GF").assign(
    area_official_ha=[f"{ha:,.1f}".replace(",", "\u202f").replace(".", ",") for ha in true("GF")["area_official_ha"]]
)
case("GF_miles_con_espacio_fino", "GF", table(named("GF", apart), sep=";"), **known("GF"))
swiss = true("GF").assign(
    area_official_ha=[f"{ha * 100:,.1f}".replace(",", "’") for ha in true("GF")["area_official_ha"]]
)
case(
    "GF_miles_con_apóstrofo",
    "GF",
    table(named("GF", swiss), sep=";"),
    findings={"hectares_differ"},
    lacks=("area_official_ha",),
    **known("GF"),
)

# --- days
for name, country, days, told in (
    ("NP_bikram_sambat", "NP", ("2073-02-23", "2073-02-24", "2073-02-25"), UNDATED),
    ("ZM_semana_iso", "ZM", ("2016-W22-7", "2016-W23-1", "2016-W23-2"), UNDATED),
    ("ET_dos_días", "ET", tuple(f"2016-06-0{i} / 2019-06-05" for i in (5, 6, 7)), UNDATED),
    ("GH_trimestre", "GH", ("Q2 2016", "Q2 2016", "Q2 2016"), UNDATED),
    ("PG_día_del_año", "PG", ("2016157", "2016158", "2016159"), UNDATED),
    ("LA_budista_en_letras", "LA", ("5 June 2559", "6 June 2559", "7 June 2559"), UNDATED),
    ("MN_en_cirílico", "MN", ("2016 оны 6 сарын 5", "2016 оны 6 сарын 6", "2016 оны 6 сарын 7"), UNDATED),
    ("GH_con_día_de_la_semana", "GH", ("Sun 5 Jun 2016", "Mon 6 Jun 2016", "Tue 7 Jun 2016"), {}),
    (
        "KH_con_hora_y_huso",
        "KH",
        ("2016-06-05T23:30:00+07:00", "2016-06-06T00:10:00+07:00", "2016-06-07T12:00:00Z"),
        {},
    ),
):
    frame = named(country, true(country).assign(granted_on=days))
    case(name, country, geojson(frame), **known(country), **told)


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


case("GH_libro_de_1904", "GH", of_1904, **POINTS)


# --- how shapes are written
def with_cells(country, cell):
    frame = pd.DataFrame(named(country).drop(columns="geometry")).assign(
        geometry=[cell(s) for s in true(country).geometry]
    )
    return lambda folder: put(folder / "tabla.csv", frame.to_csv(index=False, sep=";"))


case("ZM_geojson_en_la_celda", "ZM", with_cells("ZM", shapely.to_geojson), **known("ZM"))
case(
    "ZM_ewkb_con_srid",
    "ZM",
    with_cells("ZM", lambda s: shapely.to_wkb(shapely.set_srid(s, 4326), hex=True, include_srid=True)),
    **known("ZM"),
)
case(
    "ZM_wkt_zm",
    "ZM",
    with_cells("ZM", lambda s: s.wkt.replace("POLYGON", "POLYGON ZM").replace(",", " 0 0,").replace("))", " 0 0))")),
    **known("ZM"),
)
case(
    "ZM_lista_de_pares",
    "ZM",
    with_cells("ZM", lambda s: ", ".join(f"({x:.6f} {y:.6f})" for x, y in s.exterior.coords)),
    refused=".",
    **known("ZM"),
)


def vertices(folder):
    """A list of vertices, one a row, as decrees print it: no row is a place of its own."""
    rows = [
        [code, i, x, y]
        for code, s in zip(true("GH")["code"], true("GH").geometry, strict=True)
        for i, (x, y) in enumerate(s.exterior.coords[:-1], 1)
    ]
    return put(
        folder / "vertices.csv",
        "\n".join(";".join(map(str, row)) for row in [["code", "Vertex", "Longitude", "Latitude"], *rows]),
    )


case("GH_lista_de_vértices", "GH", vertices, refused="wrong_geometry|can be kept|another kind")


# --- what interfaces give
def enveloped(folder):
    inside = json.loads(geojson(named("LA"))(folder).read_text("utf-8"))
    return put(folder / "respuesta.json", json.dumps({"status": "ok", "data": inside}))


case("LA_geojson_en_un_sobre", "LA", enveloped, refused=".", layer="concessions")
records = [dict(zip(HEAD, row, strict=True)) for row in middles("LA")]
case(
    "LA_registros_json",
    "LA",
    lambda folder: put(folder / "r.json", json.dumps(records)),
    refused=".",
    layer="communities",
)
case(
    "LA_líneas_json",
    "LA",
    lambda folder: put(folder / "r.jsonl", "\n".join(map(json.dumps, records))),
    refused=".",
    layer="communities",
)
nested = [
    feature({"code": row.code, "owner": {"name": row.holder}, "name": row.name}, row.geometry)
    for row in true("LA").itertuples(index=False)
]
one = {"type": "FeatureCollection", "features": nested}
case(
    "LA_campos_anidados",
    "LA",
    lambda folder: put(folder / "c.geojson", json.dumps(one)),
    lacks=COLUMNS[2:],
    layer="concessions",
)
LINK = '<kml xmlns="http://www.opengis.net/kml/2.2"><NetworkLink><Link><href>https://x.example/capa.kml</href></Link></NetworkLink></kml>'
case("PG_kml_que_enlaza", "PG", lambda folder: put(folder / "capa.kml", LINK), refused=".", layer="concessions")


def data_kml(folder):
    """KML with its fields as ExtendedData."""
    marks = "".join(
        f"<Placemark><ExtendedData>{''.join(f'<Data name={chr(34)}{k}{chr(34)}><value>{v}</value></Data>' for k, v in fields_of(row).items())}</ExtendedData>"
        f"<Polygon><outerBoundaryIs><LinearRing><coordinates>{' '.join(f'{x},{y}' for x, y in row['geometry'].exterior.coords)}</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>"
        for row in named("GH").to_dict("records")
    )
    text = f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{marks}</Document></kml>'
    with zipfile.ZipFile(folder / "capa.kmz", "w") as packed:
        packed.writestr("doc.kml", text)
    return folder / "capa.kmz"


def fields_of(row):
    return {name: str(value).replace("&", "&amp;") for name, value in row.items() if name != "geometry"}


case("GH_kmz_con_datos", "GH", data_kml, **known("GH"))

# --- what is no layer
for name, begin in (
    ("informe.pdf", b"%PDF-1.7\n"),
    ("mapa.tif", b"II*\0"),
    ("plano.dwg", b"AC1032"),
    ("foto.png", b"\x89PNG\r\n\x1a\n"),
):
    case(
        f"no_es_capa_{name[-3:]}",
        "PE",
        lambda folder, n=name, b=begin: put(folder / n, b + bytes(300)),
        refused=".",
        layer="concessions",
    )
case(
    "GH_con_totales",
    "GH",
    book([HEAD, *map(list, middles("GH")), ["TOTAL", 3, None, None]]),
    layer="communities",
    lacks=COLUMNS[2:],
    rejects={"no_geometry": 1},
)
case(
    "ZM_carpeta_de_shp_con_dos",
    "ZM",
    by_gdal(gpd.GeoDataFrame(named("ZM").rename(columns=lambda n: n[:10])), "ESRI Shapefile", "capa.shp", archive=True),
    wishes={"fields": {k: v[:10] for k, v in fields("ZM").items()}},
)
