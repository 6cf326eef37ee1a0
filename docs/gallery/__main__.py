"""Serve the gallery: `python -m docs.gallery [PORT [BUILDS]]`, on the demonstration map by default."""

import sys
from pathlib import Path

import uvicorn

from lindero.app.builder.build import build_map, load_demonstration
from lindero.app.serving import asgi

HOST, PORT = "127.0.0.1", "8599"


def main(port: str = PORT, builds: str = "") -> None:
    """Serve the gallery on this machine only until interrupted, on the map of a folder of builds."""
    asgi.check_port(HOST, int(port))
    shown = asgi.create_application(
        Path(builds) if builds else _demonstration(), script=Path(__file__).parent / "page.py"
    )
    uvicorn.run(shown, host=HOST, port=int(port), access_log=False, log_level="warning")


def _demonstration() -> Path:
    space = load_demonstration()
    build_map(space)
    return space.build_folder


if __name__ == "__main__":
    main(*sys.argv[1:])
