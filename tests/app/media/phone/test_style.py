"""A published page looks like the map's own pages: the colours of `app.media.design`."""

import re

from lindero.app.media import design
from lindero.app.media.phone.client_words import CLIENT


def test_a_published_page_has_the_colours_of_the_design_and_no_others():
    style = CLIENT.joinpath("style.css").read_text(encoding="utf-8")

    assert set(re.findall(r"#[0-9a-f]{3,6}\b", style)) <= set(design.LIGHT.values())
