"""A background of the operator's own: what it is, is told; what is no such file, or would do harm, is refused in a sentence."""

import gzip
import struct

import pytest
from pmtiles.tile import Compression, Entry, TileType, serialize_directory, serialize_header

from lindero.layers.errors import DamagedError, SourceError
from lindero.layers.tiles import background_archive
from lindero.layers.tiles.background_archive import Background, TileMetadata, extract_text
from lindero.layers.tiles.tile_content import check_tile
from tests import background_files
from tests.background_files import BOUNDS, inside, pmtiles, png, vector_tile

MIDDLE = inside(8, 8)[0]
SCRIPT = '<a href="https://example.org" onclick="alert(1)">© Example</a><script>alert(2)</script> &lt;img src=x&gt;'


def made(tmp_path, **options):
    return pmtiles(tmp_path / "own.pmtiles", **options)


def header(**changes):
    """The bytes of a file that is a header with some parts changed, and room behind it."""
    told = {"root_offset": 127, "root_length": 0, "metadata_offset": 127, "metadata_length": 0}
    told |= {"tile_data_offset": 127, "tile_data_length": 0, "clustered": True, "min_zoom": 0, "max_zoom": 3}
    told |= {"internal_compression": Compression.GZIP, "tile_compression": Compression.NONE, "tile_type": TileType.PNG}
    return serialize_header(told | changes)


def with_directories(tmp_path, root, leaves=b"", data=b"x" * 64, **changes):
    """A file of hand-made directories: `root` packed, `leaves` behind it, then tiles."""
    placed = {"root_length": len(root), "leaf_directory_offset": 127 + len(root), "leaf_directory_length": len(leaves)}
    placed |= {"tile_data_offset": 127 + len(root) + len(leaves), "tile_data_length": len(data)}
    path = tmp_path / "made.pmtiles"
    path.write_bytes(header(**placed | changes) + root + leaves + data)
    return path


def test_a_file_of_images_tells_zooms_bounds_and_whose_it_is(tmp_path):
    found = Background(made(tmp_path))

    assert found.about == TileMetadata("png", 6, 10, BOUNDS, "own", "© Example Imagery")
    assert found.check_tiles() == len(inside(6, 10))
    assert found.tile(*MIDDLE) == png()
    assert found.tile(8, 0, 0) is None


def test_a_file_of_vector_tiles_is_known_by_protomaps_layers(tmp_path):
    found = Background(made(tmp_path, kind=TileType.MVT))

    assert (found.about.form, found.is_packed) == ("mvt", True)
    assert gzip.decompress(found.tile(*MIDDLE)) == vector_tile()


def test_vector_tiles_of_other_names_are_refused_with_what_they_are(tmp_path):
    with pytest.raises(SourceError, match=r"cannot draw \(transportation\)"):
        Background(made(tmp_path, kind=TileType.MVT, layers=("transportation",)))


def test_a_file_cut_off_anywhere_is_refused(tmp_path):
    whole = made(tmp_path).read_bytes()
    for size in (0, 5, 100, 127, 400, len(whole) - 1):
        cut = tmp_path / "cut.pmtiles"
        cut.write_bytes(whole[:size])
        with pytest.raises(DamagedError):
            Background(cut).check_tiles()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"PMTiles\x02" + bytes(200), "is not a PMTiles file"),
        (b"<html>" + bytes(200), "is not a PMTiles file"),
        (header(tile_type=TileType.AVIF), "of a type that Lindero does not show"),
        (header(tile_compression=Compression.BROTLI), "uses a compression that Lindero does not read"),
        (header()[:99] + b"\x63" + header()[100:], "cannot be used as a basemap"),
        (header(max_zoom=40), "its zoom levels are not valid"),
        (header(min_lon_e7=10, max_lon_e7=0), "its bounds are not valid"),
        (header(min_lat_e7=-2_000_000_000), "its bounds are not valid"),
        (header(tile_data_length=2**62), "is truncated"),
    ],
)
def test_what_is_no_such_file_is_refused_in_a_sentence(tmp_path, content, told):
    path = tmp_path / "strange.pmtiles"
    path.write_bytes(content)

    with pytest.raises((DamagedError, SourceError), match=told):
        Background(path)


@pytest.mark.parametrize(
    "root",
    [
        serialize_directory([Entry(0, 0, 0, 0)]),  # a leaf that is the root again would be of no length
        serialize_directory([Entry(0, 0, 10**6, 1)]),
        serialize_directory([Entry(10**6, 0, 4, 1)]),
        gzip.compress(b"\xff" * 1_000_000),  # one endless number
        gzip.compress(bytes(64 * 1024**2), compresslevel=9),  # 64 MB out of 64 kB
        gzip.compress(struct.pack("<B", 0x7F)),
    ],
    ids=["no leaf", "beyond", "zoom", "endless", "bomb", "short"],
)
def test_directories_that_lead_nowhere_are_refused(tmp_path, root):
    with pytest.raises(DamagedError):
        Background(with_directories(tmp_path, root)).check_tiles()


def test_directories_that_lead_round_in_a_circle_are_refused(tmp_path):
    leaf = serialize_directory([Entry(0, 0, 30, 0)])
    leaf = serialize_directory([Entry(0, 0, len(leaf), 0)])
    found = Background(with_directories(tmp_path, leaf, leaf))

    with pytest.raises(DamagedError, match="its directories form a cycle"):
        found.check_tiles()
    with pytest.raises(DamagedError, match="its directories form a cycle"):
        found.tile(0, 0, 0)


def test_a_directory_of_more_tiles_than_the_file_has_bytes_is_not_unpacked(tmp_path, monkeypatch):
    many = gzip.compress(b"\xc0\x84\x3d" + b"\x01" * 4_000_000)  # a million entries in some 4 kB
    found = Background(with_directories(tmp_path, many))
    monkeypatch.setattr(background_archive, "deserialize_directory", pytest.fail)

    with pytest.raises(DamagedError, match="more tiles than it has bytes"):
        found.check_tiles()


def test_directories_that_together_name_more_tiles_than_the_file_has_bytes_are_refused(tmp_path):
    leaf = serialize_directory([Entry(n, 0, 1, 1) for n in range(600)])
    root = serialize_directory([Entry(n, n * len(leaf), len(leaf), 0) for n in range(16)])
    found = Background(with_directories(tmp_path, root, leaf * 16, max_zoom=10))

    with pytest.raises(DamagedError, match="more tiles than it has bytes"):
        found.check_tiles()


@pytest.mark.parametrize(
    ("kind", "tile"),
    [
        (TileType.MVT, gzip.compress(b"\x1a" + bytes(40 * 1024**2))),  # 40 kB that a browser would make 40 MB of
        (TileType.MVT, gzip.compress(vector_tile())[:-9]),
        (TileType.MVT, gzip.compress(b"<script>")),
        (TileType.PNG, b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        (TileType.PNG, png(side=30_000)),
        (TileType.JPEG, png()),
        (TileType.WEBP, png()),
    ],
    ids=["bomb", "cut off", "script", "drawing", "too wide", "no JPEG", "no WebP"],
)
def test_a_tile_that_is_none_or_unpacks_to_too_much_is_neither_kept_nor_sent(tmp_path, kind, tile):
    found = Background(made(tmp_path, kind=kind, tiles={MIDDLE: tile}))

    with pytest.raises(DamagedError):
        found.check_tiles()
    with pytest.raises(DamagedError):
        found.tile(*MIDDLE)


def test_images_of_each_form_are_known_by_their_heads():
    jpeg = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x11\x08\x01\x00\x01\x00" + bytes(9)
    lossy = b"RIFF\x00\x00\x00\x00WEBPVP8 " + bytes(10) + struct.pack("<HH", 256, 256)
    lossless = b"RIFF\x00\x00\x00\x00WEBPVP8L" + bytes(5) + struct.pack("<I", 255 | 255 << 14)
    extended = b"RIFF\x00\x00\x00\x00WEBPVP8X" + bytes(8) + (255).to_bytes(3, "little") * 2

    for form, data in [("jpeg", jpeg), ("webp", lossy), ("webp", lossless), ("webp", extended), ("png", png())]:
        check_tile(data, form, is_packed=False)
    with pytest.raises(DamagedError, match="256 by 0 pixels"):
        check_tile(lossy[:28], "webp", is_packed=False)


def test_what_somebody_wrote_as_html_is_shown_as_plain_text():
    assert extract_text(SCRIPT) == "© Example img src=x"
    assert extract_text("<script>alert(1)") == ""
    assert extract_text(None) == ""
    assert len(extract_text("a" * 10_000)) == 300
    assert background_files.png()  # the maker's own image is whole
