import json
import re

import pandas as pd
import pytest
import streamlit_folium

from lindero.app.media import symbols
from lindero.app.media.pages.current.selection import Feature, Filter, Selection, parse_selection
from lindero.app.media.pages.maps import map_view
from lindero.app.media.text.assets import STATIC
from lindero.layers.model.vocabularies import VOCABULARIES
from lindero.layers.tiles.tile_query import TILE_LAYERS

NASTY = "</script><script>alert(1)</script>`${alert(2)}`"


def script_of(canvas) -> str:
    canvas.get_root().render()
    return streamlit_folium._get_map_string(canvas)


def test_what_a_reader_chooses_leaves_the_map_s_script_as_it_was():
    scripts = {
        streamlit_folium.generate_js_hash(
            script_of(map_view.build_map((-80, -10, -70, 0), ["mining"], "map-1-abc", "")), "k"
        )
        for _ in range(2)
    }

    assert len(scripts) == 1


def test_another_map_is_another_script():
    one, other = (
        script_of(map_view.build_map(None, ["mining"], version, "")) for version in ("map-1-abc", "map-2-def")
    )

    assert streamlit_folium.generate_js_hash(one, "k") != streamlit_folium.generate_js_hash(other, "k")


def test_text_of_others_cannot_leave_its_place_in_the_script():
    script = script_of(map_view.build_map(None, ["mining"], "map-1-abc", NASTY))

    assert "<script" not in script
    assert "&lt;script&gt;" in script


@pytest.mark.parametrize("text", ["{{ 7 * 7 }}", "{% raw %}", "{# gone #}", "{{{{ 1 }}}}", "{%{{", "${1}`"])
def test_text_of_others_is_no_template(text):
    script = script_of(map_view.build_map(None, ["mining"], "map-1-abc", text))
    sent = json.loads(re.search(r"lindero\.show\(\w+, (.*)\);", script)[1])

    assert sent["layers"]["attribution"] == text


def test_every_kind_of_concession_and_every_layer_of_the_tiles_has_a_style():
    codes = {style.code for style in symbols.STYLES}

    assert codes >= {*VOCABULARIES["concession_kind"]}
    assert {style.layer for style in symbols.STYLES} == {layer.name for layer in TILE_LAYERS}


def test_no_two_styles_look_alike():
    assert len({(style.color, style.hatching) for style in symbols.STYLES}) == len(symbols.STYLES)


def test_the_browser_knows_every_hatching():
    script = (STATIC / "rules.js").read_text()

    assert all(f"    {style.hatching}: " in script for style in symbols.STYLES)


def test_the_legend_names_only_what_there_is():
    settings = map_view._map_settings(["mining", "communities"], "map-1-abc", "", map_view.NO_FILTER, 12)

    assert [style["code"] for style in settings["styles"]] == ["communities", "mining"]


def test_a_choice_reaches_the_map_as_it_is():
    choice = map_view.Choice(point=(-9.9, -74.9), marked=(Feature("concessions", "a/b/1"),), bounds=(-75, -10, -74, -9))
    sent = json.loads(map_view._ChoiceElement(choice).choice)

    assert sent == {
        "point": [-9.9, -74.9],
        "marked": [["concessions", "a/b/1"]],
        "bounds": [-75, -10, -74, -9],
        "far": [],
    }


def test_what_was_chosen_on_the_map_is_read_as_it_was_told():
    answer = {
        "last_clicked": {"lat": -9.9, "lng": -74.9},
        "last_active_drawing": {
            "features": [["concessions", "1"]],
            "hidden": ["mining"],
            "statuses": ["granted"],
            "years": [2001, 2009],
            "undated": False,
        },
    }

    assert parse_selection(answer) == Selection(
        (-9.9, -74.9),
        (Feature("concessions", "1"),),
        Filter(frozenset({"mining"}), frozenset({"granted"}), (2001, 2009), undated=False),
    )
    assert parse_selection(None) == parse_selection({"last_clicked": None, "last_active_drawing": None}) == Selection()


FEATURES = pd.DataFrame(
    {
        "class": ["mining", "mining", "forestry", "communities", "incidents"],
        "status": ["granted", "applied", "granted", None, None],
        "year": [2005, 2015, None, None, 2020],
        "dated": [True, True, True, False, True],
    }
)


@pytest.mark.parametrize(
    ("seen", "kept"),
    [
        (Filter(), [0, 1, 2, 3, 4]),
        (Filter(hidden=frozenset({"mining"})), [2, 3, 4]),
        (Filter(statuses=frozenset({"granted"})), [0, 2, 3, 4]),
        (Filter(years=(2010, 2020)), [1, 2, 3, 4]),
        (Filter(undated=False), [0, 1, 3, 4]),
        (Filter(years=(2010, 2016), undated=False), [1, 3]),
    ],
)
def test_a_list_leaves_out_what_the_map_leaves_out(seen, kept):
    assert FEATURES[seen.visible_mask(FEATURES)].index.tolist() == kept
