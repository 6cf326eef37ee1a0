"""A text to cite: what a page finds, from which sources and of which dates, by which version, and at which address."""

import datetime as dt
import shlex
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from zlib import crc32

import streamlit as st

from lindero.app.current import cache
from lindero.app.text.dates import as_of
from lindero.app.text.escape import bare
from lindero.app.text.i18n import _, date
from lindero.app.ui.downloads import picture
from lindero.layers.database.map_database import Source


def show(finding: str, sources: Iterable[Source], command: Sequence[str] = (), *, warning: str = "") -> None:
    """
    Offer a text to cite, folded on the screen and open on paper (streamlit_host/page/page.css).

    Parameters
    ----------
    finding
        What the page states, as Markdown.
    sources
        What that rests on.
    command
        What gives the same figures in the workspace's folder, word for word.
    warning
        What has to be known before the text is passed on.
    """
    with st.expander(_("To cite this")):
        if warning:
            st.write(warning)
        box = st.container(border=True, key=f"lindero-cite-{crc32(finding.encode())}")  # a page may show two
        box.text(citation(finding, sources, command, address=picture.address()))


def citation(finding: str, sources: Iterable[Source], command: Sequence[str], *, address: str) -> str:
    """Return the text to cite: finding, sources with their dates, version and map, address, command, date of today."""
    named = dict.fromkeys(f"{source.publisher or source.title} ({as_of(source.as_of)})" for source in sources)
    today = date(dt.datetime.now(dt.UTC).date())
    parts = [
        bare(finding),
        _("Sources: {sources}.").format(sources="; ".join(named)) if named else "",
        _("Lindero {version}, map {map}.").format(version=version("lindero"), map=cache.version()),
        address,
        shlex.join(command),
        _("Seen on {today}.").format(today=today),
    ]
    return "\n".join(filter(None, parts))
