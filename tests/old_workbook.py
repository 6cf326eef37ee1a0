"""A workbook as Excel 97 writes it (BIFF8 in a compound file), as small as it can be: no library writes these any more."""

import struct

_SECTOR = 512
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def old_workbook(*, unseen=(), **sheets):
    """Bytes of an .xls whose sheets hold rows of texts and numbers; the sheets `unseen` are hidden."""
    stream = _book(sheets, unseen)
    stream += b"\0" * (-len(stream) % _SECTOR)
    stream += b"\0" * max(0, 4096 - len(stream))  # smaller ones would be kept elsewhere
    return _compound(stream)


def _record(kind, data=b""):
    return struct.pack("<HH", kind, len(data)) + data


def _book(sheets, unseen):
    begin = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0))
    begin += _record(0x0042, struct.pack("<H", 1200)) + _record(0x0022, b"\0\0")
    end = _record(0x000A)
    names = [name.encode("utf-16-le") for name in sheets]
    length = len(begin) + sum(4 + 8 + len(name) for name in names) + len(end)
    bounds, bodies = b"", b""
    for name, (title, rows) in zip(names, sheets.items(), strict=True):
        head = struct.pack("<IBBBB", length + len(bodies), title in unseen, 0, len(name) // 2, 1)
        bounds += _record(0x0085, head + name)
        bodies += _sheet(rows)
    return begin + bounds + end + bodies


def _sheet(rows):
    content = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0))
    width = max(map(len, rows), default=0)
    content += _record(0x0200, struct.pack("<IIHHH", 0, len(rows), 0, width, 0))
    for i, row in enumerate(rows):
        content += _record(0x0208, struct.pack("<HHHHIHH", i, 0, width, 255, 0, 0, 0))
        for j, cell in enumerate(row):
            place = struct.pack("<HHH", i, j, 0)
            if isinstance(cell, str):
                label = struct.pack("<HB", len(cell), 1) + cell.encode("utf-16-le")
                content += _record(0x0204, place + label)
            elif cell is not None:
                content += _record(0x0203, place + struct.pack("<d", cell))
    return content + _record(0x000A)


def _compound(stream):
    sectors = len(stream) // _SECTOR
    fat = [_FAT, _END, *range(3, sectors + 2), _END]
    fat += [_FREE] * (_SECTOR // 4 - len(fat))
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 6
    head += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, _END, 0, _END, 0)
    head += struct.pack("<109I", 0, *[_FREE] * 108)
    folder = _entry("Root Entry", 5, 1, _END, 0) + _entry("Workbook", 2, _FREE, 2, len(stream)) + b"\0" * 256
    return head + struct.pack(f"<{_SECTOR // 4}I", *fat) + folder + stream


def _entry(name, kind, child, start, size):
    written = name.encode("utf-16-le") + b"\0\0"
    fixed = written.ljust(64, b"\0") + struct.pack("<HBBIII", len(written), kind, 1, _FREE, _FREE, child)
    return fixed + b"\0" * 36 + struct.pack("<IQ", start, size)
