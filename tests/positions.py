"""Places of Peru, in all ways that people, receivers and messengers write a position; for property tests."""

from functools import cache

import shapely
from hypothesis import strategies as st
from pyproj import Proj

from lindero.layers.reference import base_data

_CELL = 6  # degrees of a UTM zone


def _decimal(lat, lon):
    return [
        f"{lat:.5f}, {lon:.5f}",
        f"{lat:.5f} {lon:.5f}",
        f"({lat:.5f}, {lon:.5f})",
        f"{lat:.5f}°, {lon:.5f}°",
        f"lat {lat:.5f} lon {lon:.5f}",
        f"Latitud: {lat:.5f}; Longitud: {lon:.5f}",
        f"{-lat:.5f} S, {-lon:.5f} W",
        f"{-lat:.5f}S {-lon:.5f}O",
        f"S {-lat:.5f} W {-lon:.5f}",
        f"{-lat:.5f}° sur, {-lon:.5f}° oeste",
        f"{lat:.5f}; {lon:.5f}".replace(".", ","),
        f"{lat:.5f}, {lon:.5f}".replace(".", ","),
        f"{lat:.5f} / {lon:.5f}".replace("-", "−"),
        f"{-lon:.5f} W {-lat:.5f} S",
    ]


def _minutes(lat, lon):
    (d, m), (e, n) = (divmod(-value, 1) for value in (lat, lon))
    m, n = min(m * 60, 59.999), min(n * 60, 59.999)
    return [
        f"S{d:.0f} {m:.3f} W{e:.0f} {n:.3f}",
        f"S{d:02.0f}°{m:06.3f}' W{e:03.0f}°{n:06.3f}'",
        f"{d:.0f}° {m:.3f}' S, {e:.0f}° {n:.3f}' O",
        f"-{d:.0f}° {m:.3f}', -{e:.0f}° {n:.3f}'",
    ]


def _seconds(lat, lon):
    (d, m, s), (e, n, t) = (
        (total // 3600, total // 60 % 60, total % 60) for total in (round(-value * 3600) for value in (lat, lon))
    )
    return [
        f"{d}°{m}'{s}\"S {e}°{n}'{t}\"W",
        f"{d}º {m}′ {s}″ S; {e}º {n}′ {t}″ O",
        f"{d} {m} {s} S {e} {n} {t} W",
        f"{d}-{m:02}-{s:02}S {e}-{n:02}-{t:02}W",
        f"Latitud Sur {d}°{m}'{s}'' Longitud Oeste {e}°{n}'{t}''",
        f"-{d}°{m}'{s}\" -{e}°{n}'{t}\"",
    ]


def _utm(lat, lon):
    zone = int((lon + 180) // _CELL) + 1
    east, north = Proj(proj="utm", zone=zone, south=True, ellps="WGS84")(lon, lat)
    e, n = round(east), round(north)
    return [
        f"{zone}S {e} {n}",
        f"UTM {zone} Sur {e} {n}",
        f"Zona {zone} S, E {e}, N {n}",
        f"{e} {n}",
        f"E {e} N {n}",
        f"{e}E {n}N {zone}S",
        f"{e} m E, {n} m N, zona {zone} sur",
        f"N {n} E {e} UTM {zone}S",
        f"X={e} Y={n} zona {zone}S",
        f"{e:,} {n:,} {zone}S",
        f"WGS84 / UTM zone {zone}S {e}.00 {n}.00",
    ]


def every_way(lat: float, lon: float) -> list[str]:
    """Write a place of Peru in every way that is known here."""
    return [text for written, _degrees in _WAYS for text in written(lat, lon)]


_WAYS = ((_decimal, 1e-5), (_minutes, 2e-5), (_seconds, 2e-4), (_utm, 2e-5))


@cache
def _peru():
    return base_data.load_countries().set_index("code").geometry["PE"]


def _is_in_peru(place):
    return shapely.contains_xy(_peru(), place[1], place[0])


@st.composite
def ways(draw):
    """Draw a text, the latitude and longitude that it stands for, and how exactly it says so (degrees)."""
    inside = st.tuples(st.floats(-18.0, -0.5), st.floats(-81.0, -69.0)).filter(_is_in_peru)
    place = draw(inside)
    written, degrees = draw(st.sampled_from(_WAYS))
    return draw(st.sampled_from(written(*place))), place, degrees
