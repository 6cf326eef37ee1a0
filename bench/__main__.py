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

BESIDE_PEERS = {"commands": "S", "read": "", "build": "", "overlap_frames": "S", "overlap": "S", "near": "S"}
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
    "watch",
)


def main() -> None:
    """Run the comparison named on the command line with its arguments, or those with other tools, or all."""
    chosen, *words = sys.argv[1:] or [None]
    if chosen is None:
        with redirect_stdout(sys.stderr):
            for name, size in BESIDE_PEERS.items():
                _run(name, *size.split())
        print(beside.format_table())
    elif chosen == "all":
        for name in COMPARISONS:
            _run(name)
    elif chosen in COMPARISONS:
        _run(chosen, *words)
    else:
        sys.exit(f"There is no comparison {chosen}; there are {', '.join(COMPARISONS)}, and all")


def _run(name: str, *words: str) -> None:
    importlib.import_module(f"bench.{name}").main(*words)


if __name__ == "__main__":
    main()
