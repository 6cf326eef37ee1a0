import hashlib
import re
import tomllib
from pathlib import Path

import branca.colormap
import folium
import folium.plugins
import pytest
import streamlit_folium

from lindero.app.media.pages.maps import map_view, offline_folium
from lindero.app.media.phone.client_words import CLIENT
from lindero.app.media.text.assets import STATIC

VENDORS = [STATIC / "vendor", CLIENT / "vendor"]


def vendored(vendor: Path) -> dict[str, str]:
    packages = tomllib.loads((vendor / "vendor.toml").read_text())["package"]
    return {file: digest for package in packages for file, digest in package["sha256"].items()}


@pytest.mark.parametrize("vendor", VENDORS)
def test_vendored_files_are_as_published_and_all_listed(vendor):
    found = {
        path.relative_to(vendor).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in vendor.rglob("*")
        if path.is_file() and path.name != "vendor.toml" and path.suffix != ".mts"  # types are ours
    }

    assert found == vendored(vendor)


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_vendored_package_keeps_its_licence(vendor):
    packages = tomllib.loads((vendor / "vendor.toml").read_text())["package"]

    assert {package["name"].rpartition("/")[2] for package in packages} == {
        path.name for path in vendor.iterdir() if path.is_dir()
    }
    assert all((vendor / package["licence_file"]).stat().st_size > 500 for package in packages)


def test_a_map_of_ours_names_no_other_machine():
    canvas = map_view.build_map(None, ["mining"], "map-1-abc", "A register")

    offline_folium.check_assets(canvas)
    canvas.get_root().render()
    sent = (
        streamlit_folium._get_header(canvas)
        + streamlit_folium._get_html(canvas)
        + streamlit_folium._get_map_string(canvas)
    )
    assert "//" not in sent


def test_every_file_that_our_map_loads_is_there():
    canvas = map_view.build_map(None, ["mining"], "map-1-abc", "A register")
    parts = list(offline_folium._iter_parts(canvas))
    loaded = {
        address
        for part in parts
        for _, address in [*getattr(part, "default_js", []), *getattr(part, "default_css", [])]
    }

    assert len(loaded) >= 5
    assert all((STATIC / address.removeprefix(offline_folium.ASSETS)).is_file() for address in loaded)


@pytest.mark.parametrize(
    "part",
    [
        folium.plugins.MarkerCluster(),
        folium.plugins.HeatMap([[0, 0]]),
        folium.TileLayer("OpenStreetMap"),
        branca.colormap.LinearColormap(["red", "blue"]),
    ],
    ids=lambda part: type(part).__name__,
)
def test_a_part_that_is_not_vendored_is_refused_by_name(part):
    canvas = map_view.build_map(None, [], "map-1-abc", "")
    canvas.add_child(part)

    with pytest.raises(offline_folium.ForeignAssetError, match=type(part).__name__):
        offline_folium.check_assets(canvas)


def test_folium_s_own_map_is_refused():
    with pytest.raises(offline_folium.ForeignAssetError, match=r"Map loads https://"):
        offline_folium.check_assets(folium.Map())


def test_our_scripts_and_styles_name_no_other_machine_and_write_no_html():
    ours = [path for path in STATIC.iterdir() if path.suffix in {".js", ".css"}]

    assert len(ours) >= 3
    for path in ours:
        text = path.read_text()
        assert "//" not in re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL).replace("http://www.w3.org", "")
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", text)


def test_static_files_are_small_enough_for_an_old_phone():
    unloaded = {".md", ".toml", ".txt", ""}  # what says whose a part is
    loaded = [path for path in Path(STATIC).rglob("*") if path.is_file() and path.suffix not in unloaded]

    assert sum(path.stat().st_size for path in loaded if path.parent.name != "published") < 405_000
