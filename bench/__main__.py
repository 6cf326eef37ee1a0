"""`make bench`: every comparison, one after the other; or only those named, as in `python -m bench build`."""

import importlib
import sys

COMPARISONS = ("build", "overlap", "near", "read")


def main() -> None:
    """Run the comparisons named on the command line, or all."""
    for name in sys.argv[1:] or COMPARISONS:
        importlib.import_module(f"bench.{name}").main()


if __name__ == "__main__":
    main()
