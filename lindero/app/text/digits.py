"""The digits that a number needs: one home, for tables of the command line and of pages."""

import math

from lindero.app.text.i18n import _, number
from lindero.geo.geometry.units import M_PER_KM

PROBABILITIES = frozenset({"p", "q"})
LEAST_M = 10  # how exactly a distance is written below a kilometre
LEAST = 0.001  # smaller probabilities are told as smaller than this
NOISE = 1e-6  # of a measure: what rounding leaves
LEAST_PART = 0.5  # of the last decimal: what is smaller would be rounded to 0
_SHARES = frozenset({"stability", "in_top_ten", "score", "covered"})
_OF_SHARES = ("_share", "_covered")


def rounded(name: str, value: float) -> float:
    """
    Round a number of a column for a table that programs read: hectares to 4 decimals, shares to 6, others to 10 digits.

    A number that is not 0 does not become 0.
    """
    if not math.isfinite(value):
        return value
    decimals = 4 if name.endswith("_ha") else 6 if _is_share(name) else None
    figure = float(f"{value:.10g}") if decimals is None else round(value, decimals)
    return figure or float(f"{value:.1g}")


def _is_share(name: str) -> bool:
    return name.startswith("share") or name.endswith(_OF_SHARES) or name in _SHARES


def probability(value: float) -> str:
    """Write a probability with two figures that count, 0.0010 and never 0.0; below a thousandth as `<0.001`."""
    if value < LEAST:
        return f"<{number(LEAST, decimals=3)}"
    return number(value, decimals=max(2, 1 - math.floor(math.log10(value))))


def distance(metres: float, accuracy_m: float | None = None) -> str:
    """
    Write how far something is: below a kilometre in tens of metres, farther in tenths of kilometres.

    If the boundary that it leads to is less accurate than `LEAST_M`, the distance is rounded to the next power of ten
    above that accuracy, in metres, and called approximate.
    """
    if accuracy_m is None or math.isnan(accuracy_m) or accuracy_m <= LEAST_M:
        return _far(metres, step=LEAST_M)
    step = int(10 ** math.ceil(math.log10(accuracy_m)))
    digits = _far(metres, step=step)
    return digits if metres < step / 2 else _("about {distance}").format(distance=digits)


def _far(metres: float, *, step: int) -> str:
    steps = int(metres / step + 0.5) * step
    if steps >= M_PER_KM:
        is_fine = step < M_PER_KM
        return _("{km} km").format(km=number((metres if is_fine else steps) / M_PER_KM, decimals=int(is_fine)))
    return _("{m} m").format(m=number(steps)) if steps else _("less than {m} m").format(m=number(step))


def column_text(name: str, value: float) -> str:
    """Write a number of a column as a reader needs it: shares with four decimals, hectares one, some never as 0."""
    if name in PROBABILITIES:
        return probability(value)
    usual = 4 if _is_share(name) else 2 if name == "z" else 1
    if NOISE < abs(value) < LEAST_PART * 10**-usual:  # it would be written as nothing
        return number(value, decimals=1 - math.floor(math.log10(abs(value))))
    return number(value, decimals=usual)
