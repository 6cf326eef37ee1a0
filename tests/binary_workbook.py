"""A workbook as Excel writes it in binary parts (XLSB, MS-XLSB), as small as it can be: no library writes these."""

import struct
import zipfile

_SPACE = "http://schemas.openxmlformats.org"
_TYPES = f"""<?xml version="1.0"?><Types xmlns="{_SPACE}/package/2006/content-types">
<Default Extension="bin" ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/>
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/></Types>"""


def binary_workbook(path, *, unseen=(), **sheets):
    """Write sheets of rows of texts and numbers; the sheets `unseen` are hidden."""
    listed, relations = b"", ""
    with zipfile.ZipFile(path, "w") as archive:
        for number, (name, rows) in enumerate(sheets.items(), start=1):
            told = struct.pack("<II", name in unseen, number) + _text(f"rId{number}") + _text(name)
            listed += _record(156, told)
            target = f"worksheets/sheet{number}.bin"
            relations += (
                f'<Relationship Id="rId{number}" Type="{_SPACE}/officeDocument/2006/relationships/worksheet"'
                f' Target="{target}"/>'
            )
            archive.writestr(f"xl/{target}", _sheet(rows))
        book = _record(131) + _record(143) + listed + _record(144) + _record(132)
        archive.writestr("xl/workbook.bin", book)
        around = f'<?xml version="1.0"?><Relationships xmlns="{_SPACE}/package/2006/relationships">{{}}</Relationships>'
        archive.writestr("xl/_rels/workbook.bin.rels", around.format(relations))
        main = f'<Relationship Id="rId1" Type="{_SPACE}/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.bin"/>'
        archive.writestr("_rels/.rels", around.format(main))
        archive.writestr("[Content_Types].xml", _TYPES)
    return path


def _sheet(rows):
    width = max(map(len, rows), default=0)
    content = _record(129) + _record(148, struct.pack("<IIII", 0, len(rows) - 1, 0, max(width - 1, 0))) + _record(145)
    for i, row in enumerate(rows):
        content += _record(0, struct.pack("<IIHBBBI", i, 0, 300, 0, 0, 0, 0))
        for j, cell in enumerate(row):
            place = struct.pack("<II", j, 0)
            if isinstance(cell, str):
                content += _record(6, place + _text(cell))
            elif cell is not None:
                content += _record(5, place + struct.pack("<d", cell))
    return content + _record(146) + _record(130)


def _record(kind, data=b""):
    return _number(kind) + _number(len(data)) + data


def _number(value):
    parts = b""
    while value > 0x7F:
        parts += bytes([value & 0x7F | 0x80])
        value >>= 7
    return parts + bytes([value])


def _text(value):
    return struct.pack("<I", len(value)) + value.encode("utf-16-le")
