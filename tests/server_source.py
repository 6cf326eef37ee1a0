"""
What servers of maps load, for `tests.forked` to load once: by itself that takes longer than most of what is asked of one.

No map is known to it. Streamlit's component for maps is loaded by each server, as only a server that runs knows it.
"""

import gc
from importlib import import_module

from lindero.layers.reference import gazetteer
from tests import beforehand

# What a server loads when it begins, is first asked, or first draws a map.
MODULES = (
    "PIL.ExifTags",
    "PIL.ImageFile",
    "altair",
    "anyio._backends._asyncio",
    "folium.plugins",
    "lindero.app.products.brief.holder",
    "lindero.app.products.dossier.folder",
    "lindero.app.serving.asgi",
    "lindero.app.ui.tables.answer_tables",
    "streamlit.emojis",
    "streamlit.web.bootstrap",
    "uvicorn.lifespan.on",
    "uvicorn.loops.auto",
    "uvicorn.protocols.websockets.websockets_sansio_impl",
)
# The last for maps that are of no country.
LOADED = (*map(import_module, MODULES), gazetteer.of_country(None).like("lindero"))
beforehand.load()
gc.collect()
gc.freeze()  # a server looks through all objects each time that it has loaded something more
