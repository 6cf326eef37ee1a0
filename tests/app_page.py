"""A page of the app run without a browser, as its address opens it."""

from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from lindero.app.media.pages.frame import page as pages
from lindero.app.serving.asgi import SCRIPT

SECONDS = 120
PATHS = {module: path or "near" for path, (module, _title) in (pages.VIEWS | pages.OPERATORS).items()}


def at_page(name: str, /, language: str = "en", **query: object) -> AppTest:
    """
    Open a page by the name of its module: no other page runs before it, and no other in its place.

    `AppTest.switch_page` knows the pages only after a first one has run, which takes as long as what is tested.
    """
    page = AppTest.from_file(str(SCRIPT), default_timeout=SECONDS)
    page.session_state["lang"] = language
    for key, value in query.items():
        page.query_params[key] = value
    page._page_hash = calc_hash(PATHS[name])
    page.run()
    assert page.exception or page._finished_page_script_hash == calc_hash(PATHS[name]), f"{name} was not opened"
    return page
