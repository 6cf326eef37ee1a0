"""
What servers of maps load, for `tests.forked` to load once: by itself that takes longer than most of what is asked of one.

No map is known to it. Streamlit's component for maps is loaded by each server, as only a server that runs knows it.
"""

import gc

import altair as alt

from lindero.app.serving import asgi
from lindero.layers.reference import gazetteer

LOADED = (alt, asgi, gazetteer.of_country(None).like("lindero"))  # the last for maps that are of no country
gc.collect()
gc.freeze()  # a server looks through all objects each time that it has loaded something more
