"""
`make bench`: every comparison, one after the other; or one with what it takes.

    python -m bench
    python -m bench overlap S
"""

import importlib
import sys

COMPARISONS = (
    "build",
    "read",
    "overlap_frames",
    "overlap",
    "kernels",
    "stream",
    "near",
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
    """Run the comparison named on the command line with the words after it, or all."""
    chosen, *words = sys.argv[1:] or [None]
    if chosen is None:
        for name in COMPARISONS:
            importlib.import_module(f"bench.{name}").main()
    elif chosen in COMPARISONS:
        importlib.import_module(f"bench.{chosen}").main(*words)
    else:
        sys.exit(f"There is no comparison {chosen}; there are {', '.join(COMPARISONS)}")


if __name__ == "__main__":
    main()
