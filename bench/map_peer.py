"""
The same map drawn with folium's GeoJson in Streamlit, as in most projects.

`bench.map` runs it on a file of polygons.
"""

import sys

import folium
import geopandas as gpd
import streamlit as st
from streamlit_folium import st_folium

# Of folium's external files only Leaflet is loaded, from the bench, which is in folium's favour.
folium.Map.default_js = [("leaflet", f"{sys.argv[2]}/leaflet.js")]
folium.Map.default_css = [("leaflet_css", f"{sys.argv[2]}/leaflet.css")]
st.set_page_config(layout="wide")


@st.cache_resource
def polygons() -> gpd.GeoDataFrame:
    return gpd.read_parquet(sys.argv[1])


kinds = st.pills(
    "Kinds", ["mining", "hydrocarbons", "forestry", "agro_industry", "communities"], selection_mode="multi",
    default=["mining", "hydrocarbons", "forestry", "agro_industry", "communities"],
)  # fmt: skip
every = polygons()
shown = every[every["kind"].fillna("communities").isin(kinds)]
west, south, east, north = every.total_bounds
canvas = folium.Map(prefer_canvas=True, tiles=None)
canvas.fit_bounds([[south, west], [north, east]])
folium.GeoJson(shown[["id", "name", "kind", "status", "geometry"]]).add_to(canvas)
answer = st_folium(canvas, use_container_width=True, height=600, key="map", returned_objects=["last_clicked"])
point = (answer or {}).get("last_clicked")
if point:
    here = every.cx[point["lng"] - 0.1 : point["lng"] + 0.1, point["lat"] - 0.1 : point["lat"] + 0.1]
    st.write(f"{point['lat']:.5f} {point['lng']:.5f}: {len(here)}")
    st.dataframe(here[["name", "kind", "holder"]].head(20), hide_index=True)
