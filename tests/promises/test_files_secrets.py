"""Briefs, KML, GPX and map packages of a workspace with a vault hold no byte of its secrets, whatever they are packed in."""

import io
import shutil
import subprocess
import zipfile
import zlib

import pytest

from tests.real_servers import needed
from tests.secret_files import SECRETS, Secret

PRIVATE = ("nombre", "telefono", "nota")
PATTERNS = [pattern for secret in SECRETS for pattern in secret.patterns()]
PATTERNS += [Secret(100 + n, "public_record").row()[name].encode() for n in range(7) for name in PRIVATE]
LAYERS = ("concessions", "communities", "incidents")


def unpacked(content):
    """What a file holds, and what is packed in it: members of an archive, gzipped tiles, the text drawn of a PDF."""
    yield content
    if content.startswith(b"%PDF"):
        needed(shutil.which("pdftotext"), "poppler-utils")
        yield subprocess.run(["pdftotext", "-", "-"], input=content, capture_output=True, check=True).stdout
    elif content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                yield from unpacked(archive.read(name))
    elif content.startswith(b"\x1f\x8b"):
        yield zlib.decompress(content, wbits=31)


@pytest.mark.parametrize("kind", ["kml-phone", "kmz", "gpx", "smp"])
def test_no_byte_of_a_secret_is_in_a_file_for_phones(world, typed, tmp_path, kind):
    file = tmp_path / f"map.{kind}"
    layers = LAYERS[:2] if kind == "smp" else LAYERS
    code, _out, err = typed(
        "export", *layers, "--format", kind, "--output", file, "--workspace", world.files.space.folder
    )

    assert code == 0, err
    assert not [pattern for part in unpacked(file.read_bytes()) for pattern in PATTERNS if pattern in part]


@pytest.mark.parametrize(("about", "of"), [("community", "communities/K1"), ("holder", "=cmd|'/c calc'!A1")])
def test_no_byte_of_a_secret_is_in_a_brief(world, typed, tmp_path, about, of):
    file = tmp_path / "brief.pdf"
    code, _out, err = typed("brief", about, of, "--output", file, "--workspace", world.files.space.folder)

    assert code == 0, err
    assert not [pattern for part in unpacked(file.read_bytes()) for pattern in PATTERNS if pattern in part]
