"""Rounding and formatting of numbers by column, for tables of the command line and of pages."""

import math

from lindero.app.text.i18n import _, format_number
from lindero.geo.geometry.units import M_PER_KM

PROBABILITIES = frozenset({"p", "q"})
LEAST_M = 10  # metres: precision of a distance below a kilometre
SMALLEST_PROBABILITY = 0.001  # smaller probabilities are written as less than this
NOISE = 1e-6  # of a measure: rounding errors
LEAST_PART = 0.5  # of the last decimal: smaller values would be rounded to 0
_SHARES = frozenset({"stability", "in_top_ten", "score", "covered"})
_SHARE_SUFFIXES = ("_share", "_covered")


def round_value(name: str, value: float) -> float:
    """Round a number of a column for machine-readable tables: hectares to 4 decimals, shares to 6, others to 10 digits.

    A number other than 0 is never rounded to 0.
    """
    if not math.isfinite(value):
        return value
    decimals = rounding_decimals(name)
    figure = float(f"{value:.10g}") if decimals is None else round(value, decimals)
    return figure or float(f"{value:.1g}")


def rounding_decimals(name: str) -> int | None:
    """Return the decimals to which `round_value` rounds a column; None for ten significant digits."""
    return 4 if name.endswith("_ha") else 6 if _is_share(name) else None


def _is_share(name: str) -> bool:
    return name.startswith("share") or name.endswith(_SHARE_SUFFIXES) or name in _SHARES


def format_probability(value: float) -> str:
    """Format a probability with two significant digits; below a thousandth as `<0.001`."""
    if value < SMALLEST_PROBABILITY:
        return f"<{format_number(SMALLEST_PROBABILITY, decimals=3)}"
    return format_number(value, decimals=max(2, 1 - math.floor(math.log10(value))))


def format_distance(metres: float, accuracy_m: float | None = None) -> str:
    """Format a distance: below a kilometre in tens of metres, above in tenths of kilometres.

    If `accuracy_m` of the boundary exceeds `LEAST_M`, the distance is rounded to the next power of ten above that
    accuracy, in metres, and called approximate.
    """
    if accuracy_m is None or math.isnan(accuracy_m) or accuracy_m <= LEAST_M:
        return _format_metres(metres, step=LEAST_M)
    step = int(10 ** math.ceil(math.log10(accuracy_m)))
    text = _format_metres(metres, step=step)
    return text if metres < step / 2 else _("about {distance}").format(distance=text)


def _format_metres(metres: float, *, step: int) -> str:
    steps = int(metres / step + 0.5) * step
    if steps >= M_PER_KM:
        is_fine = step < M_PER_KM
        return _("{km} km").format(km=format_number((metres if is_fine else steps) / M_PER_KM, decimals=int(is_fine)))
    return _("{m} m").format(m=format_number(steps)) if steps else _("less than {m} m").format(m=format_number(step))


def format_value(name: str, value: float) -> str:
    """Format a number of a column for readers: shares with four decimals, hectares with one.

    A number other than 0 is never shown as 0.
    """
    if name in PROBABILITIES:
        return format_probability(value)
    decimals = 4 if _is_share(name) else 2 if name == "z" else 1
    if NOISE < abs(value) < LEAST_PART * 10**-decimals:  # otherwise it would be written as 0
        return format_number(value, decimals=1 - math.floor(math.log10(abs(value))))
    return format_number(value, decimals=decimals)
