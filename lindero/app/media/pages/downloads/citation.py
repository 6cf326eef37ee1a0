"""A text to cite: the finding of a page, its sources and their dates, the version, and the page address."""

import shlex
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from zlib import crc32

import streamlit as st

from lindero.app.media.pages.current import cache, map_layers
from lindero.app.media.pages.downloads import picture
from lindero.app.text.escape import remove_markup
from lindero.app.text.i18n import _, format_long_date
from lindero.layers.database.map_database import Source
from lindero.machine.clock import local_today


def show_citation(finding: str, sources: Iterable[Source], command: Sequence[str] = (), *, warning: str = "") -> None:
    """Offer a text to cite, folded on the screen and open on paper (streamlit_host/page/page.css)."""
    with st.expander(_("Cite this")):
        if warning:
            st.write(warning)
        box = st.container(border=True, key=f"lindero-cite-{crc32(finding.encode())}")  # a page may have two
        box.text(citation(finding, sources, command, address=picture.page_address()))


def citation(finding: str, sources: Iterable[Source], command: Sequence[str], *, address: str) -> str:
    """Return the text to cite: finding, sources with their dates, version and map, address, command, today's date."""
    publishers = [f"{name} ({dates})" for name, dates in map_layers.date_publishers(list(sources)).items()]
    today = format_long_date(local_today())
    parts = [
        remove_markup(finding),
        _("Sources: {sources}.").format(sources="; ".join(publishers)) if publishers else "",
        _("Lindero {version}, map {map}.").format(version=version("lindero"), map=cache.map_version()),
        address,
        shlex.join(command),
        _("Accessed on {today}.").format(today=today),
    ]
    return "\n".join(filter(None, parts))
