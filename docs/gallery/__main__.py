"""Serve the gallery: `python -m docs.gallery [PORT [BUILDS]]`, on the demonstration map if none is named."""

import sys
from pathlib import Path

import uvicorn

from lindero.app.pipeline.build import build, demonstration
from lindero.app.serving import asgi

HOST, PORT = "127.0.0.1", "8599"


def main(port: str = PORT, builds: str = "") -> None:
    """Serve it until interrupted, to this machine alone, on the map of a folder of builds."""
    asgi.check_free(HOST, int(port))
    shown = asgi.application(Path(builds) if builds else _demonstration(), script=Path(__file__).parent / "page.py")
    uvicorn.run(shown, host=HOST, port=int(port), access_log=False, log_level="warning")


def _demonstration() -> Path:
    space = demonstration()
    build(space)
    return space.build_folder


if __name__ == "__main__":
    main(*sys.argv[1:])
