"""The digits that a number needs: one home, for tables of the command line and of pages."""

import math

from lindero.app.text.i18n import _, number

PROBABILITIES = frozenset({"p", "q"})
M_PER_KM = 1_000
LEAST_M = 10  # how exactly a distance is written below a kilometre
LEAST = 0.001  # smaller probabilities are told as smaller than this
_SHARES = frozenset({"stability", "in_top_ten", "score"})


def probability(value: float) -> str:
    """Write a probability with two figures that count, 0.0010 and never 0.0; below a thousandth as `<0.001`."""
    if value < LEAST:
        return f"<{number(LEAST, decimals=3)}"
    return number(value, decimals=max(2, 1 - math.floor(math.log10(value))))


def distance(metres: float) -> str:
    """Write how far something is: below a kilometre in tens of metres, farther in tenths of kilometres."""
    tens = int(metres / LEAST_M + 0.5) * LEAST_M
    if tens >= M_PER_KM:
        return _("{km} km").format(km=number(metres / M_PER_KM, decimals=1))
    return _("{m} m").format(m=number(tens)) if tens else _("less than {m} m").format(m=number(LEAST_M))


def written(name: str, value: float) -> str:
    """Write a number of a column as a reader needs it: of a share four decimals, of hectares and metres one."""
    if name in PROBABILITIES:
        return probability(value)
    if name.startswith("share") or name in _SHARES:
        return number(value, decimals=4)
    return number(value, decimals=2 if name == "z" else 1)
