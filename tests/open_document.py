"""A sheet as LibreOffice writes it (ODS), as small as it can be."""

import zipfile

CELL = '<table:table-cell office:value-type="{kind}" {value}><text:p>{cell}</text:p></table:table-cell>'
COLLAPSED = ' table:visibility="collapse"'
STYLES = "<office:automatic-styles>{}</office:automatic-styles>".format(
    "".join(
        f'<style:style style:name="{name}" style:family="table"><style:table-properties table:display="{shown}"/></style:style>'
        for name, shown in (("seen", "true"), ("unseen", "false"))
    )
)


def ods(path, *, hidden=(), unseen=(), **sheets):
    """Write sheets of rows of texts and numbers; rows from 1, and sheets, that are hidden."""

    def cell(value):
        if isinstance(value, str):
            return CELL.format(kind="string", value="", cell=value)
        return CELL.format(kind="float", value=f'office:value="{value}"', cell=value)

    tables = "".join(
        f'<table:table table:name="{name}" table:style-name="{"unseen" if name in unseen else "seen"}">'
        + "".join(
            f"<table:table-row{COLLAPSED if i in hidden else ''}>{''.join(map(cell, row))}</table:table-row>"
            for i, row in enumerate(rows, start=1)
        )
        + "</table:table>"
        for name, rows in sheets.items()
    )
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "style", "table", "text")
    )
    content = f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces}>{STYLES}<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>'
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
        archive.writestr("content.xml", content)
    return path
