"""
How much of what buys statistical power is run: kills, worlds, files, the matrix of pages.

`make test` runs a share of each, `make test-all` the whole, by `LINDERO_TESTS=all`.
"""

import os
from typing import TypeVar

Amount = TypeVar("Amount")

WHOLE = os.environ.get("LINDERO_TESTS") == "all"


def amount(share: Amount, whole: Amount) -> Amount:
    """Give the share of every run, or the whole of `make test-all`: a number, or a list of cases."""
    return whole if WHOLE else share
