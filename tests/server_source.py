"""
What servers of maps load, for `tests.forked` to load once: by itself that takes longer than most of what is asked of one.

No map is known to it. Streamlit's component for maps is loaded by each server, as only a server that runs knows it.
"""

import gc
import inspect
from functools import lru_cache
from importlib import import_module

from streamlit.components.v2 import manifest_scanner

from lindero.app.serving.streamlit_host import scripts
from lindero.layers.reference import gazetteer
from tests import beforehand

# What a server loads when it begins, is first asked, or first draws a map.
MODULES = (
    "PIL.ExifTags",
    "PIL.ImageFile",
    "altair",
    "anyio._backends._asyncio",
    "folium.plugins",
    "lindero.app.media.paper.brief.holder",
    "lindero.app.media.court.folder",
    "lindero.app.serving.asgi",
    "lindero.app.media.pages.tables.lists",
    "streamlit.emojis",
    "streamlit.web.bootstrap",
    "uvicorn.lifespan.on",
    "uvicorn.loops.auto",
    "uvicorn.protocols.websockets.websockets_sansio_impl",
)
# The names for maps that are of no country; the scripts of a first visit are those of the program, whatever the map.
LOADED = (
    *map(import_module, MODULES),
    gazetteer.country_gazetteer(None).find_similar("lindero"),
    scripts.build_pack(),
)
# Streamlit asks every installed package whether it brings components, and Python where each of its modules lies.
manifest_scanner.scan_component_manifests = lru_cache(manifest_scanner.scan_component_manifests)
manifest_scanner.scan_component_manifests()
inspect.stack()
beforehand.load()
gc.collect()
gc.freeze()  # a server looks through all objects each time that it has loaded something more
