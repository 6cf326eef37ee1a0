"""
Files like those of registers that were not seen before: Kenya, Mozambique, the Philippines, Indonesia, and the Andes again.

Beyond the Americas the base data know no country: the register of reference systems names its systems, and about
where it lies; nothing breaks for want of more.
"""

import io
import json

import openpyxl

from tests.binary_workbook import binary_workbook
from tests.corpus.make import (
    COLUMNS,
    HEAD,
    PLACES,
    UNDATED,
    by_gdal,
    case,
    community,
    geojson,
    in_system,
    middles,
    named,
    plain,
    put,
    records,
    rings,
    table,
    topology,
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
    case(f"{country}_{epsg}_gpkg", country, by_gdal(metres, "GPKG", "capa.gpkg"))
    case(f"{country}_{epsg}_dicho", country, table(metres, sep=";"), wishes={"crs": f"EPSG:{epsg}"})
    case(f"{country}_{epsg}_sin_sistema", country, geojson(metres), refused="SYSTEM")
for country, epsg in (("PH", 4253), ("KE", 4210), ("MZ", 4127)):
    degrees = in_system(country, epsg)
    case(f"{country}_{epsg}_en_grados", country, by_gdal(degrees, "GPKG", "capa.gpkg"))
case("ID_gdb", "ID", by_gdal(named("ID"), "OpenFileGDB", "capa.gdb", archive=True))
case("KE_gml", "KE", by_gdal(named("KE"), "GML", "capa.gml"))
case("PH_tab", "PH", by_gdal(named("PH"), "MapInfo File", "capa.tab", archive=True))

# --- days in words and numbers that are of elsewhere
SPOKEN = {
    "ID": (("8 Mei 2016", "9 Agustus 2016", "10 Desember 2016"), {"not_readable"}),
    "PH": (("June 5, 2016", "Jun. 6, 2016", "7 June 2016"), set()),
    "MZ": (("5 de Junho de 2016", "06/Jun/2016", "7-jun-2016"), set()),
    "GT": (("5-VI-2016", "6-VI-2016", "7-VI-2016"), {"not_readable"}),
    "KE": (("5th June 2016", "6th June, 2016", "7th Jun 2016"), {"not_readable"}),
}
for country, (days, told) in SPOKEN.items():
    lacks = UNDATED if told else {}
    case(f"{country}_días_en_palabras", country, geojson(named(country, granted_on=days)), findings=told, **lacks)


# --- workbooks of which not all is seen, and that are none
def hidden(*, sheets=("visible",), rows=()):
    made, content = openpyxl.Workbook(), io.BytesIO()
    for number, state in enumerate(sheets):
        sheet = made.active if not number else made.create_sheet(f"Hoja {number}")
        sheet.sheet_state = state
        for row in (HEAD, *middles("EC")):
            sheet.append(row)
        for row in rows:
            sheet.row_dimensions[row].hidden = True
    made.save(content)
    return plain("libro.xlsx", content.getvalue())


SHEET = [HEAD, *map(list, middles("EC"))]
left_out = {"kept": 1, "rejects": {"hidden_row_left_out": 2}, "wishes": {"sublayer": "visible"}}
for kind, write in {
    "": hidden(rows=(2, 4)),
    "_ods": lambda folder: ods(folder / "libro.ods", hidden=(2, 4), Hoja1=SHEET),
}.items():
    community(f"filas_ocultas{kind}", "EC", write, findings={"hidden_row"})
    community(f"filas_ocultas{kind}_que_se_dejan", "EC", write, **left_out)
community("hoja_oculta_al_lado", "EC", hidden(sheets=("visible", "hidden")), findings={"hidden_sheets_left_out"})
community(
    "hoja_oculta_nombrada",
    "EC",
    hidden(sheets=("visible", "veryHidden")),
    wishes={"sublayer": "Hoja 1"},
    findings={"hidden_sheet_read"},
)
community(
    "hojas_visibles_y_oculta",
    "EC",
    hidden(sheets=("visible", "visible", "hidden")),
    refused="3 sheets with rows",
)
BESIDE = {"Hoja1": SHEET, "Hoja2": SHEET}
UNSEEN = {
    "xls": plain("libro.xls", old_workbook(unseen=("Hoja2",), **BESIDE)),
    "xlsb": lambda folder: binary_workbook(folder / "libro.xlsb", unseen=("Hoja2",), **BESIDE),
    "ods": lambda folder: ods(folder / "libro.ods", unseen=("Hoja2",), **BESIDE),
}
for kind, write in UNSEEN.items():
    always = set() if kind == "ods" else {"hidden_rows_not_known"}
    community(f"hoja_oculta_al_lado_{kind}", "EC", write, findings=always | {"hidden_sheets_left_out"})
    read = {"wishes": {"sublayer": "Hoja2"}, "findings": always | {"hidden_sheet_read"}}
    community(f"hoja_oculta_nombrada_{kind}", "EC", write, **read)
    if always:
        refused = {"wishes": {"sublayer": "visible"}, "refused": "cannot be recognised"}
        community(f"filas_ocultas_{kind}_que_se_dejan", "EC", write, **refused)
SPACES = 'xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"'


def book_of_2003(cells, *, rows="<Row>{}</Row>", before=""):
    """XML Spreadsheet 2003: of each row what `cells` makes of it."""
    body = "".join(rows.format("".join(cells(row))) for row in middles("BO"))
    head = "".join(f'<Cell><Data ss:Type="String">{name}</Data></Cell>' for name in HEAD)
    sheet = f'<Worksheet ss:Name="Datos"><Table>{before}<Row>{head}</Row>{body}</Table></Worksheet>'
    return plain("reporte.xls", f'<?xml version="1.0"?>\n<Workbook {SPACES}>{sheet}</Workbook>')


def typed(row):
    kinds = ("String", "String", "Number", "Number")
    return [f'<Cell><Data ss:Type="{kind}">{value}</Data></Cell>' for kind, value in zip(kinds, row, strict=True)]


def with_a_gap(row):
    return [*typed(row)[:1], f'<Cell ss:Index="3">{typed(row)[2][6:]}', typed(row)[3]]


community("libro_en_xml_2003", "BO", book_of_2003(typed))
community("libro_en_xml_2003_con_huecos", "BO", book_of_2003(with_a_gap), lacks=COLUMNS[1:])
title = '<Row><Cell ss:MergeAcross="3"><Data ss:Type="String">Reporte de comunidades</Data></Cell></Row>'
titled = book_of_2003(typed, before=title)
community("libro_en_xml_2003_con_título", "BO", titled, findings={"title_rows_skipped"})
unseen = book_of_2003(typed, rows='<Row ss:Hidden="1">{}</Row>')
community("libro_en_xml_2003_oculto", "BO", unseen, findings={"hidden_row"})
far = book_of_2003(lambda row: [f'<Cell ss:Index="99999999">{typed(row)[0][6:]}'])
community("libro_en_xml_2003_sin_fin", "BO", far, refused="cannot be read as XML Spreadsheet 2003")


def page(rows, *, encoding="utf-8", around="<html><body>{}</body></html>"):
    lines = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return plain("reporte.xls", around.format(f"<table>{lines}</table>"), encoding)


ROWS = [[code, name, f"{x:.6f}".replace(".", ","), f"{y:.6f}".replace(".", ",")] for code, name, x, y in middles("GT")]
community("página_en_cp1252", "GT", page([HEAD, *ROWS], encoding="cp1252"))
LATIN = '<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-1">{}'
community("página_que_dice_su_código", "GT", page([HEAD, *ROWS], encoding="latin_1", around=LATIN))
layout = "<html><table><tr><td><img></td><td>Menú</td></tr></table>{}<table><tr><td>pie</td></tr></table></html>"
community("página_con_menú_y_pie", "GT", page([HEAD, *ROWS], around=layout))
community("página_con_dos_tablas", "GT", page([HEAD, *ROWS], around="<html>{0}{0}</html>"), refused="table 1, table 2")
LOGIN = "<html><title>Ingreso</title><body><form><input name=clave></form></body></html>"
community("página_de_ingreso", "GT", plain("r.xls", LOGIN), refused="web page")
community("página_de_ingreso_con_otro_nombre", "GT", plain("r.csv", LOGIN), refused="web page")


def exact(folder):
    """As Excel saves a page: what is shown is rounded, and what it stands for is written beside it."""
    cells = [
        f"<td>{c}</td><td>{n}</td><td x:num='{x}'>{x:.1f}</td><td x:num='{y}'>{y:.1f}</td>"
        for c, n, x, y in middles("GT")
    ]
    head = "".join(f"<td>{name}</td>" for name in HEAD)
    rows = "".join(f"<tr>{row}</tr>" for row in (head, *cells))
    return put(folder / "r.xls", f'<html xmlns:x="urn:schemas-microsoft-com:office:excel"><table>{rows}</table></html>')


community("página_de_excel_con_números_exactos", "GT", exact)


# --- JSON behind a mark, one feature a line and otherwise
def lines(mark="\ufeff", begin=""):
    pairs = zip(records("BO"), true("BO").geometry, strict=True)
    return plain("capa.geojsonl", mark + "\n".join(begin + json.dumps(feature(*pair)) for pair in pairs))


case("líneas_de_geojson_con_marca", "BO", lines())
case("secuencia_de_geojson_con_marca", "BO", lines(begin="\x1e"))
told, ring = true("BO").drop(columns="geometry").iloc[0].to_dict(), rings("BO")[0]
ESRI = {
    "geometryType": "esriGeometryPolygon",
    "spatialReference": {"wkid": 4326},
    "features": [{"attributes": told, "geometry": {"rings": [ring[::-1]]}}],
}
for name, what in (("esri", json.dumps(ESRI)), ("topo", topology([told], [ring]))):
    own = {column: column for column in COLUMNS}
    case(f"{name}json_con_marca", "BO", plain("c.json", what, "utf-8-sig"), kept=1, names=own)
