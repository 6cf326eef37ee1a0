"""The names of places, read before anybody asks for one: an old machine takes seconds for it."""

import asyncio
import gc
from contextlib import suppress

from lindero.app.current import map_layers
from lindero.layers.database import integrity

SECONDS_BETWEEN_LOOKS = 10


async def keep_loaded() -> None:
    """Read the names of the map that is served, and of each newer one, beside what else is done."""
    loaded = ""
    while True:
        loaded = await asyncio.to_thread(_load, loaded)
        await asyncio.sleep(SECONDS_BETWEEN_LOOKS)


def _load(loaded: str) -> str:
    """Read the names unless those of the current map are `loaded`; what is read stays (`app.serving.asgi`)."""
    now = map_layers.version_or_none()
    if now is None or now == loaded:
        return loaded
    with suppress(*integrity.DAMAGE):  # which app.serving.routes.health tells
        map_layers.load_names()
    gc.collect()
    gc.freeze()
    return now
