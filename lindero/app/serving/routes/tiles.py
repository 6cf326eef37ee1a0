"""Routes of tiles: the background map and the operator's own backgrounds from archives, layers from the database."""

import base64
import mmap
from functools import cache, lru_cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lindero.app.media.pages.current import map_layers, open_map, own_layers
from lindero.app.serving.access.pools import Pool, answer_busy
from lindero.app.text import damage
from lindero.layers.database.query_limit import query_limit
from lindero.layers.errors import DamagedError, DamagedMapError, NotBuiltError, TooLongError
from lindero.layers.reference import base_data
from lindero.layers.tiles import background_archive, tile_archive, tile_query
from lindero.layers.tiles.tile_content import MEDIA_TYPES

_HEADERS = {"content-encoding": "gzip"}
_MEDIA_TYPE = MEDIA_TYPES["mvt"]
# A browser expects an image even where there is none: this is one transparent pixel.
_EMPTY_TILE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNgYGBgAAAABQABXvMqOgAAAABJRU5ErkJggg=="
)
_THREADS, _WAITING = 8, 400  # a reader's browser asks for six tiles at once
_LONGEST_QUERY_S = 30.0  # a tile of a large map on an old machine takes a second
_KEPT_TILES = 2048  # tiles of about 10 kB


def routes() -> list[Route]:
    """Return the routes of tiles: background map, relief, the operator's own backgrounds, and layers."""
    pool = Pool(_THREADS, waiting=_WAITING)
    return [
        Route("/tiles/base/{z:int}/{x:int}/{y:int}", base_tile),
        Route("/tiles/relief/{z:int}/{x:int}/{y:int}", relief_tile),
        Route("/tiles/own/{name}/{z:int}/{x:int}/{y:int}", pool.wrap_endpoint(own_tile)),
        Route("/tiles/map/{z:int}/{x:int}/{y:int}", pool.wrap_endpoint(map_tile)),
    ]


async def base_tile(request: Request) -> Response:
    """Answer with a tile of the background map. No thread is needed, because the file is mapped into memory."""
    z, x, y = _tile_address(request)
    return _tile_response(_open_archive(base_data.BASEMAP).tile(z, x, y) if _is_valid_address(z, x, y) else None)


async def relief_tile(request: Request) -> Response:
    """Answer with a tile of the shaded relief, as `base_tile` does."""
    z, x, y = _tile_address(request)
    tile = _open_archive(base_data.RELIEF).tile(z, x, y) if _is_valid_address(z, x, y) else None
    if tile is None:
        return Response(_EMPTY_TILE, media_type=MEDIA_TYPES["png"])
    return Response(tile, media_type=MEDIA_TYPES["webp"])


def own_tile(request: Request) -> Response:
    """Answer with a tile of one of the operator's own backgrounds. Its content is checked first."""
    z, x, y = _tile_address(request)
    background = own_layers.BACKGROUNDS.load_current().get(str(request.path_params["name"]))
    if background is None or not _is_valid_address(z, x, y, last=background_archive.LAST_ZOOM):
        return Response(status_code=404)
    try:
        tile = background.tiles.tile(z, x, y)
    except DamagedError as error:
        damage.log_damage(error)
        return Response(status_code=503)
    if tile is None:
        is_raster = background.tiles.about.is_raster
        return Response(_EMPTY_TILE, media_type=MEDIA_TYPES["png"]) if is_raster else _tile_response(None)
    headers = _HEADERS if background.tiles.is_packed else None
    return Response(tile, media_type=MEDIA_TYPES[background.tiles.about.form], headers=headers)


def map_tile(request: Request) -> Response:
    """Answer with a tile of the layers of the current map."""
    z, x, y = _tile_address(request)
    if not _is_valid_address(z, x, y):
        return Response(status_code=404)
    try:
        return _tile_response(_read_tile(z, x, y))
    except TooLongError as error:
        return answer_busy(request, error)
    except NotBuiltError:
        return Response(status_code=503)


def _read_tile(z: int, x: int, y: int) -> bytes | None:
    archive = open_map.current_map().open_archive()
    is_counted_anew = (
        z < tile_query.FIRST_FEATURE_ZOOM and map_layers.registers().list_left_out()
    )  # the archive also counts repeated rows
    if archive is not None and z <= archive.last_zoom and not is_counted_anew:
        try:
            return archive.tile(z, x, y)
        except DamagedMapError as error:
            damage.log_damage(error)
    return _build_tile(open_map.current_map().version, z, x, y)


@lru_cache(maxsize=_KEPT_TILES)
def _build_tile(_version: str, z: int, x: int, y: int) -> bytes | None:
    """Build a tile. It is cached while its map is current and there is room."""
    con = open_map.current_map().open_cursor(for_tiles=True)
    with query_limit(con, _LONGEST_QUERY_S):
        data = tile_query.build_tile(con, z, x, y, map_layers.registers().list_left_out())
    return tile_archive.compress(data) if data else None


def _tile_response(compressed: bytes | None) -> Response:
    if compressed is None:
        return Response(status_code=204)  # protomaps-leaflet takes it for an empty tile
    return Response(compressed, media_type=_MEDIA_TYPE, headers=_HEADERS)


def _tile_address(request: Request) -> tuple[int, int, int]:
    z, x, y = (int(request.path_params[name]) for name in "zxy")
    return z, x, y


def _is_valid_address(z: int, x: int, y: int, *, last: int = tile_query.LAST_ZOOM) -> bool:
    return 0 <= z <= last and 0 <= x < 2**z and 0 <= y < 2**z


@cache
def _open_archive(path: Path) -> tile_archive.TileReader:
    with path.open("rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    return tile_archive.TileReader(lambda offset, length: mapped[offset : offset + length])
