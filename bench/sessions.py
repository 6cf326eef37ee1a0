"""
Twenty sessions that press the map for a minute, each on its own square.

    python -m bench sessions [SECONDS]

The sessions use Streamlit's protocol without a browser (`tests.light_reader`), so only the server is measured: from a
press to the end of the page's response.
"""

import asyncio
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests import light_reader, small_map

READERS, SECONDS = 20, 60.0


def main(seconds: str = str(SECONDS)) -> None:
    """Print the time of the answers. Exit with a message if any answer was wrong."""
    with TemporaryDirectory() as folder:
        build = Path(folder) / "build"
        small_map.publish_squares(build, READERS, side=light_reader.SQUARE)
        with small_map.serving(build, anew=True) as address:
            told = asyncio.run(light_reader.all_at_once(address, READERS, float(seconds)))
    taken = sorted(told.seconds)
    p50, p95 = taken[len(taken) // 2], taken[int(len(taken) * 0.95)]
    print(
        f"{READERS} sessions for {float(seconds):.0f} s; load of the machine {os.getloadavg()[0]:.1f} on"
        f" {os.cpu_count()} cores: {len(taken)} answers, p50 {p50:.2f} s, p95 {p95:.2f} s, {len(told.wrong)} wrong"
    )
    if told.wrong:
        sys.exit(told.wrong[0])


if __name__ == "__main__":
    main(*sys.argv[1:])
