"""
Files like those of registers that were not seen before: Kenya, Mozambique, the Philippines, Indonesia, and the Andes again.

Beyond the Americas the base data know no country: the register of reference systems names its systems, and about
where it lies; nothing breaks for want of more.
"""

import json

import openpyxl

from tests.binary_workbook import binary_workbook
from tests.corpus.make import (
    COLUMNS,
    PLACES,
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
from tests.old_workbook import old_workbook
from tests.open_document import ods

PLACES |= {
    "KE": (37.2, 0.4, "Permit_No Project Permit_Holder Date_Granted Area_Ha"),
    "MZ": (33.6, -15.9, "CodigoLic Nome Titular DataConc AreaHa"),
    "PH": (125.3, 8.2, "MPSA_NO CLAIM_NAME PERMITTEE DATE_APPRV AREA_HAS"),
    "NG": (8.1, 9.2, "LICENSE_NO TITLE_NAME COMPANY DATE_GRANTED AREA_HECTARES"),
    "IN": (78.4, 20.3, "LEASE_CODE LEASE_NAME LESSEE GRANT_DATE AREA_HA"),
    "TZ": (33.2, -4.1, "LICENCE_NO LICENCE_NAME LICENSEE ISSUE_DATE AREA_HA"),
    "ID": (113.9, -1.6, "NO_SK_IUP NAMA_WIUP PERUSAHAAN TGL_SK LUAS_HA"),
}
POINTS = {"layer": "communities", "lacks": COLUMNS[2:]}


def wished(country, **more):
    return {"wishes": {"fields": fields(country), **more}}


# --- national grids and datums of elsewhere, as the file says, as the user says, and as nobody does
for country, epsg in (
    ("KE", 21037),
    ("KE", 32637),
    ("MZ", 2736),
    ("MZ", 32736),
    ("PH", 3125),
    ("PH", 32651),
    ("ID", 23836),
    ("NG", 26392),
    ("NG", 32632),
    ("IN", 7767),
    ("IN", 24344),
    ("TZ", 21036),
):
    metres = in_system(country, epsg)
    case(f"{country}_{epsg}_gpkg", country, by_gdal(metres, "GPKG", "capa.gpkg"), **wished(country))
    case(f"{country}_{epsg}_dicho", country, table(metres, sep=";"), **wished(country, crs=f"EPSG:{epsg}"))
    case(f"{country}_{epsg}_sin_sistema", country, geojson(metres), refused="SYSTEM", **wished(country))
for country, epsg in (("PH", 4253), ("KE", 4210), ("MZ", 4127)):
    degrees = in_system(country, epsg)
    case(f"{country}_{epsg}_en_grados", country, by_gdal(degrees, "GPKG", "capa.gpkg"), **wished(country))
case("ID_gdb", "ID", by_gdal(named("ID"), "OpenFileGDB", "capa.gdb", archive=True), **wished("ID"))
case("KE_gml", "KE", by_gdal(named("KE"), "GML", "capa.gml"), **wished("KE"))
case("PH_tab", "PH", by_gdal(named("PH"), "MapInfo File", "capa.tab", archive=True), **wished("PH"))

# --- days in words and numbers that are of elsewhere
SPOKEN = {
    "ID": (("8 Mei 2016", "9 Agustus 2016", "10 Desember 2016"), {"not_readable"}),
    "PH": (("June 5, 2016", "Jun. 6, 2016", "7 June 2016"), set()),
    "MZ": (("5 de Junho de 2016", "06/Jun/2016", "7-jun-2016"), set()),
    "GT": (("5-VI-2016", "6-VI-2016", "7-VI-2016"), {"not_readable"}),
    "KE": (("5th June 2016", "6th June, 2016", "7th Jun 2016"), {"not_readable"}),
}
for country, (days, told) in SPOKEN.items():
    dated = named(country, true(country).assign(granted_on=days))
    lacks = ("granted_on",) if told else ()
    case(f"{country}_días_en_palabras", country, geojson(dated), findings=told, lacks=lacks, **wished(country))


HEAD = ["code", "name", "longitude", "latitude"]


# --- workbooks of which not all is seen, and that are none
def hidden(folder, *, sheets=("visible",), rows=()):
    made = openpyxl.Workbook()
    for number, state in enumerate(sheets):
        sheet = made.active if not number else made.create_sheet(f"Hoja {number}")
        sheet.sheet_state = state
        for row in (HEAD, *middles("EC")):
            sheet.append(row)
        for row in rows:
            sheet.row_dimensions[row].hidden = True
    made.save(folder / "libro.xlsx")
    return folder / "libro.xlsx"


case("filas_ocultas", "EC", lambda folder: hidden(folder, rows=(2, 4)), findings={"hidden_row"}, **POINTS)
case(
    "filas_ocultas_que_se_dejan",
    "EC",
    lambda folder: hidden(folder, rows=(2, 4)),
    wishes={"sublayer": "visible"},
    kept=1,
    rejects={"hidden_row_left_out": 2},
    **POINTS,
)
case(
    "hoja_oculta_al_lado",
    "EC",
    lambda folder: hidden(folder, sheets=("visible", "hidden")),
    findings={"hidden_sheets_left_out"},
    **POINTS,
)
case(
    "hoja_oculta_nombrada",
    "EC",
    lambda folder: hidden(folder, sheets=("visible", "veryHidden")),
    wishes={"sublayer": "Hoja 1"},
    findings={"hidden_sheet_read"},
    **POINTS,
)
case(
    "hojas_visibles_y_oculta",
    "EC",
    lambda folder: hidden(folder, sheets=("visible", "visible", "hidden")),
    refused="3 sheets with rows",
    layer="communities",
)


SHEET = [HEAD, *map(list, middles("EC"))]


def hidden_in_ods(folder):
    return ods(folder / "libro.ods", hidden=(2, 4), Hoja1=SHEET)


case("filas_ocultas_ods", "EC", hidden_in_ods, findings={"hidden_row"}, **POINTS)
left_out = {"kept": 1, "rejects": {"hidden_row_left_out": 2}, "wishes": {"sublayer": "visible"}}
case("filas_ocultas_ods_que_se_dejan", "EC", hidden_in_ods, **left_out, **POINTS)
BESIDE = {"Hoja1": SHEET, "Hoja2": SHEET}
UNSEEN = {
    "xls": lambda folder: put(folder / "libro.xls", old_workbook(unseen=("Hoja2",), **BESIDE)),
    "xlsb": lambda folder: binary_workbook(folder / "libro.xlsb", unseen=("Hoja2",), **BESIDE),
    "ods": lambda folder: ods(folder / "libro.ods", unseen=("Hoja2",), **BESIDE),
}
for kind, write in UNSEEN.items():
    always = set() if kind == "ods" else {"hidden_rows_not_known"}
    case(f"hoja_oculta_al_lado_{kind}", "EC", write, findings=always | {"hidden_sheets_left_out"}, **POINTS)
    case(
        f"hoja_oculta_nombrada_{kind}",
        "EC",
        write,
        wishes={"sublayer": "Hoja2"},
        findings=always | {"hidden_sheet_read"},
        **POINTS,
    )
    if always:
        only_visible = {"wishes": {"sublayer": "visible"}, "layer": "communities"}
        case(f"filas_ocultas_{kind}_que_se_dejan", "EC", write, refused="cannot be recognised", **only_visible)
SPACES = 'xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"'


def book_of_2003(cells, *, rows="<Row>{}</Row>", before=""):
    """XML Spreadsheet 2003: of each row what `cells` makes of it."""
    body = "".join(rows.format("".join(cells(row))) for row in middles("BO"))
    head = "".join(f'<Cell><Data ss:Type="String">{name}</Data></Cell>' for name in HEAD)
    sheet = f'<Worksheet ss:Name="Datos"><Table>{before}<Row>{head}</Row>{body}</Table></Worksheet>'
    return lambda folder: put(folder / "reporte.xls", f'<?xml version="1.0"?>\n<Workbook {SPACES}>{sheet}</Workbook>')


def typed(row):
    kinds = ("String", "String", "Number", "Number")
    return [f'<Cell><Data ss:Type="{kind}">{value}</Data></Cell>' for kind, value in zip(kinds, row, strict=True)]


def with_a_gap(row):
    return [*typed(row)[:1], f'<Cell ss:Index="3">{typed(row)[2][6:]}', typed(row)[3]]


case("libro_en_xml_2003", "BO", book_of_2003(typed), **POINTS)
case("libro_en_xml_2003_con_huecos", "BO", book_of_2003(with_a_gap), layer="communities", lacks=COLUMNS[1:])
title = '<Row><Cell ss:MergeAcross="3"><Data ss:Type="String">Reporte de comunidades</Data></Cell></Row>'
titled = {"findings": {"title_rows_skipped"}} | POINTS
case("libro_en_xml_2003_con_título", "BO", book_of_2003(typed, before=title), **titled)
unseen = book_of_2003(typed, rows='<Row ss:Hidden="1">{}</Row>')
case("libro_en_xml_2003_oculto", "BO", unseen, findings={"hidden_row"}, **POINTS)
far = book_of_2003(lambda row: [f'<Cell ss:Index="99999999">{typed(row)[0][6:]}'])
case("libro_en_xml_2003_sin_fin", "BO", far, refused="cannot be read as XML Spreadsheet 2003", layer="communities")


def page(rows, *, name="reporte.xls", encoding="utf-8", around="<html><body>{}</body></html>"):
    lines = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return lambda folder: put(folder / name, around.format(f"<table>{lines}</table>"), encoding)


ROWS = [[code, name, f"{x:.6f}".replace(".", ","), f"{y:.6f}".replace(".", ",")] for code, name, x, y in middles("GT")]
case("página_en_cp1252", "GT", page([HEAD, *ROWS], encoding="cp1252"), **POINTS)
LATIN = '<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-1">{}'
case("página_que_dice_su_código", "GT", page([HEAD, *ROWS], encoding="latin_1", around=LATIN), **POINTS)
layout = "<html><table><tr><td><img></td><td>Menú</td></tr></table>{}<table><tr><td>pie</td></tr></table></html>"
case("página_con_menú_y_pie", "GT", page([HEAD, *ROWS], around=layout), **POINTS)
case(
    "página_con_dos_tablas",
    "GT",
    page([HEAD, *ROWS], around="<html>{0}{0}</html>"),
    refused="table 1, table 2",
    layer="communities",
)
LOGIN = "<html><title>Ingreso</title><body><form><input name=clave></form></body></html>"
case("página_de_ingreso", "GT", lambda folder: put(folder / "r.xls", LOGIN), refused="web page", layer="communities")
case(
    "página_de_ingreso_con_otro_nombre",
    "GT",
    lambda folder: put(folder / "r.csv", LOGIN),
    refused="web page",
    layer="communities",
)


def exact(folder):
    """As Excel saves a page: what is shown is rounded, and what it stands for is written beside it."""
    cells = [
        f"<td>{c}</td><td>{n}</td><td x:num='{x}'>{x:.1f}</td><td x:num='{y}'>{y:.1f}</td>"
        for c, n, x, y in middles("GT")
    ]
    head = "".join(f"<td>{name}</td>" for name in HEAD)
    rows = "".join(f"<tr>{row}</tr>" for row in (head, *cells))
    return put(folder / "r.xls", f'<html xmlns:x="urn:schemas-microsoft-com:office:excel"><table>{rows}</table></html>')


case("página_de_excel_con_números_exactos", "GT", exact, **POINTS)


# --- JSON behind a mark, one feature a line and otherwise
def lines(folder, *, mark="", begin=""):
    rows = named("BO").drop(columns="geometry").to_dict("records")
    told = [begin + json.dumps(feature(row, shape)) for row, shape in zip(rows, true("BO").geometry, strict=True)]
    return put(folder / "capa.geojsonl", mark + "\n".join(told))


case("líneas_de_geojson_con_marca", "BO", lambda folder: lines(folder, mark="\ufeff"), **wished("BO"))
case("secuencia_de_geojson_con_marca", "BO", lambda folder: lines(folder, mark="\ufeff", begin="\x1e"), **wished("BO"))
ring = [[*at] for at in true("BO").geometry.iloc[0].exterior.coords]
told = true("BO").drop(columns="geometry").iloc[0].to_dict()
ESRI = {
    "geometryType": "esriGeometryPolygon",
    "spatialReference": {"wkid": 4326},
    "features": [{"attributes": told, "geometry": {"rings": [ring[::-1]]}}],
}
TOPO = {
    "type": "Topology",
    "arcs": [ring],
    "objects": {
        "capa": {"type": "GeometryCollection", "geometries": [{"type": "Polygon", "arcs": [[0]], "properties": told}]}
    },
}
for name, what in (("esri", ESRI), ("topo", TOPO)):
    own = {"fields": {column: column for column in COLUMNS}}
    case(
        f"{name}json_con_marca",
        "BO",
        lambda folder, what=what: put(folder / "c.json", json.dumps(what), "utf-8-sig"),
        kept=1,
        wishes=own,
    )
