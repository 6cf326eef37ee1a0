"""
`make bench`: one table of all comparisons with other tools, or a single comparison, or every comparison.

    python -m bench
    python -m bench overlap S
    python -m bench all

The table takes at most 20 minutes on two idle cores, with data of size S. The output of the comparisons while they run
goes to standard error.
"""

import importlib
import sys
from contextlib import redirect_stdout

from bench import beside

BESIDE_PEERS = ("commands", "read", "build", "overlap_frames", "overlap", "near")
COMPARISONS = (
    *BESIDE_PEERS,
    "kernels",
    "profile",
    "stream",
    "map",
    "sessions",
    "readers",
    "cluster",
    "growth",
    "cores",
    "analysis",
    "exposure",
    "null_worlds",
    "front_door",
    "pages",
    "start",
    "published",
    "pocket",
)


def main() -> None:
    """Run the comparison named on the command line with its arguments, or those with other tools, or all."""
    chosen, *words = sys.argv[1:] or [None]
    if chosen is None:
        with redirect_stdout(sys.stderr):
            _run(BESIDE_PEERS)
        print(beside.format_table())
    elif chosen == "all":
        _run(COMPARISONS)
    elif chosen in COMPARISONS:
        importlib.import_module(f"bench.{chosen}").main(*words)
    else:
        sys.exit(f"There is no comparison {chosen}; there are {', '.join(COMPARISONS)}, and all")


def _run(names: tuple[str, ...]) -> None:
    for name in names:
        importlib.import_module(f"bench.{name}").main()


if __name__ == "__main__":
    main()
