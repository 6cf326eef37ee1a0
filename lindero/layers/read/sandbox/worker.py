"""The worker process that opens received files. `layers.read.sandbox.client` starts it and sends it requests.

It imports only what reading needs (no pandas, no geopandas) and waits for requests. Where possible it forks for each
file, so that no file is affected by an earlier one; the restrictions are applied in the fork. A response is a line of
JSON, the rows as an Arrow stream, and a second line of JSON. Neither side unpickles anything.
"""

import gc
import json
import mimetypes
import os
import sys
import traceback
from collections.abc import Iterable
from importlib.abc import MetaPathFinder
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import shapely

from lindero.layers.errors import N_, LayerError
from lindero.layers.read.sandbox import shapes
from lindero.layers.read.sandbox.arrow_reader import read_layer
from lindero.layers.read.sandbox.restrictions import Limits, restrict_process
from lindero.layers.read.sandbox.worker_protocol import Head, Request, to_json
from lindero.machine.polygon_repair import RepairedPolygon, polygon_from_rings, repair_polygon

_CAN_FORK = sys.platform == "linux"


class _ImportBlocker(MetaPathFinder):
    """An import hook that blocks optional modules of pyogrio and pyarrow.

    Loading them takes longer than reading most files.
    """

    def find_spec(self, name: str, path: object, target: object = None) -> None:  # noqa: ARG002  as finders are asked
        """Raise ModuleNotFoundError for a blocked module."""
        if name in {"pandas", "geopandas", "pyproj"}:
            raise ModuleNotFoundError(name=name)


def main() -> None:
    """Handle requests, one line of JSON each, until the input ends."""
    sys.meta_path.insert(0, _ImportBlocker())
    mimetypes.init([])  # otherwise openpyxl would make it read files of the system
    _preload_libraries()
    gc.disable()  # a fork reads one file and ends

    out = os.fdopen(os.dup(1), "wb", buffering=1024**2)
    os.dup2(2, 1)  # output of a library must not become part of the response
    for line in sys.stdin.buffer:
        request = json.loads(line)
        if not _CAN_FORK:
            _handle_request(request, out)
            return  # without fork, a process reads only one file
        worker = os.fork()
        if worker == 0:
            code = 1
            try:
                _handle_request(request, out)
                code = 0
            finally:
                os._exit(code)
        _, status = os.waitpid(worker, 0)
        if status:
            sys.exit(128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status))


def _preload_libraries() -> None:
    """Load the libraries that forks need, so that no fork loads them again or is blocked by the restrictions."""
    import sqlite3  # noqa: F401  GeoPackages are examined with it

    import pyarrow.compute as pc
    import pyarrow.ipc  # noqa: F401
    import pyogrio  # noqa: F401  loads GDAL with the environment that `layers.read.sandbox.client` has set

    pc.equal(pa.array(np.zeros(1)), 0)  # Arrow loads more at its first conversion: a fork would take 25 ms for it


def _handle_request(job: dict[str, Any], out: BinaryIO) -> None:
    if "polygons" in job:
        _repair_polygons(job, out)
        return
    request = Request(**job["request"])
    limits = Limits(**job["limits"])
    writer = _ResponseWriter(out)
    try:
        path = Path(request.path)
        siblings = [file for file in map(Path, request.beside) if not file.is_symlink()]  # links may lead anywhere
        active = restrict_process(limits, readable=[path, *siblings], scratch=Path(request.scratch))
        tail = read_layer(writer.write_rows, request, limits)
        tail.walls = [*active]
        message = json.loads(to_json(tail))
    except LayerError as error:
        message = _error_message(type(error).__name__, error.template, error.params)
    except MemoryError:
        message = _error_message(
            "SourceError",
            N_("reading {name} needs more than {megabytes} MB of memory; split it and add one part at a time"),
            {"name": Path(request.path).name, "megabytes": limits.memory_bytes // 1024**2},
        )
    except Exception as error:  # noqa: BLE001  an error of a library in a foreign file is the file's fault
        message = _error_message(
            "SourceError",
            N_("{name} cannot be read: {why}"),
            {"name": Path(request.path).name, "why": f"{type(error).__name__}: {error}"},
        ) | {"trace": traceback.format_exc()}
    writer.close(message)


def _repair_polygons(job: dict[str, Any], out: BinaryIO) -> None:
    """Write repaired polygons one by one, each at once: the client names the first one that is missing."""
    restrict_process(Limits(**job["limits"]), readable=[], scratch=None)
    for wkb in job["polygons"]:
        polygon = shapely.from_wkb(wkb)
        if job["is_nested"]:
            repaired = repair_polygon(polygon)
        else:
            repaired = RepairedPolygon(polygon_from_rings(polygon), np.empty(0), 0)
        (ground,) = shapes.encode(np.array([repaired.ground], dtype=object)).to_pylist()
        answer = {"ground": ground, "areas": repaired.areas.tolist(), "collapsed": repaired.collapsed}
        out.write(json.dumps(answer).encode() + b"\n")
        out.flush()


class _ResponseWriter:
    """A writer of a response: the head and the rows if the file can be read, and always one final line."""

    def __init__(self, out: BinaryIO) -> None:
        self.out = out
        self.begun = False

    def write_rows(self, head: Head, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> None:
        batches = iter(batches)
        first_batch = next(batches, None)  # an unreadable file raises its error before anything is written
        self.out.write(to_json(head).encode() + b"\n")
        self.begun = True
        with pa.ipc.new_stream(self.out, schema.remove_metadata()) as stream:
            if first_batch is not None:
                stream.write_batch(first_batch)
            for batch in batches:
                stream.write_batch(batch)

    def close(self, message: dict[str, object]) -> None:
        if not self.begun and "error" not in message:
            raise AssertionError(message)
        self.out.write(json.dumps(message, default=str).encode() + b"\n")
        self.out.flush()


def _error_message(kind: str, template: str, params: dict[str, object]) -> dict[str, object]:
    return {
        "error": kind,
        "template": template,
        "params": {k: v if isinstance(v, int) else str(v) for k, v in params.items()},
    }
