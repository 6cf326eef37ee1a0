"""Client of the worker process that opens received files.

The worker is started once, reads one file per request, and is stopped at a limit.
"""

import atexit
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import IO, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely
from shapely.errors import ShapelyError

import lindero
from lindero.layers import errors
from lindero.layers.disk import checksums
from lindero.layers.disk.scratch import MEMORY, temporary_folder
from lindero.layers.errors import N_, LayerError, SourceError
from lindero.layers.read.formats.vector.gdal import ENVIRONMENT
from lindero.layers.read.sandbox import shapes
from lindero.layers.read.sandbox.restrictions import Limits
from lindero.layers.read.sandbox.worker_protocol import Head, Meter, Request, Tail, is_plain, parse_tail, to_json
from lindero.machine.polygon_repair import RepairedPolygon

Answer = TypeVar("Answer")

_ROOT = Path(lindero.__file__).parents[1]
# Isolated (-I): neither the working directory nor the user's settings affect what is imported.
_WORKER_CODE = (
    "import sys; sys.path.insert(0, sys.argv[1]); from lindero.layers.read.sandbox.worker import main; main()"
)
_WORKER_ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1",  # a process with threads cannot be forked safely
    "OMP_NUM_THREADS": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "OPENPYXL_LXML": "False",  # Python's own parser limits the expansion of entities
}
_LINE_BYTES = 256 * 1024**2
_PIPE_BYTES = 1024**2
_SET_PIPE_SIZE = 1031  # fcntl, Linux
_MEGABYTES = "LINDERO_READER_MEMORY_MB"
_SECONDS = "LINDERO_READER_SECONDS"
_REPAIR_SECONDS = 60  # for the polygons of one file; those of a whole country take less than one


@dataclass(frozen=True)
class WorkerResponse:
    """A response of the sandbox worker."""

    head: Head
    rows: pa.Table
    tail: Tail


def configured_limits() -> Limits:
    """Return the limits on reading a file."""
    usual = Limits()
    megabytes, seconds = os.environ.get(_MEGABYTES, ""), os.environ.get(_SECONDS, "")
    return Limits(
        memory_bytes=int(megabytes) * 1024**2 if megabytes.isdecimal() else usual.memory_bytes,
        seconds=int(seconds) if seconds.isdecimal() else usual.seconds,
    )


def read_response(
    path: Path,
    *,
    encoding: str | None,
    sublayer: str | None,
    nothing_written: bool = False,
    cache_file: Path | None = None,
) -> WorkerResponse:
    """Read the file at `path` in the sandbox.

    `cache_file`: the path where `save_response` may have saved the response of an earlier reading of the same bytes.
    """
    if cache_file is not None and cache_file.is_file() and not checksums.is_damaged(cache_file):
        with cache_file.open("rb") as file:
            return _receive_response(file, configured_limits(), path.name)
    in_memory = path.parent if path.is_relative_to(MEMORY) else None  # a file kept off the disk stays off the disk
    with temporary_folder(in_memory) as folder:
        full_path = path.resolve()
        request = Request(str(full_path), str(folder.resolve()), _sibling_files(full_path), encoding, sublayer)
        limits = replace(configured_limits(), written_bytes=0) if nothing_written else configured_limits()
        job = {"request": asdict(request)}
        return _get_worker().ask(job, limits, path.name, lambda pipe: _receive_response(pipe, limits, path.name))


def repair_polygons(
    polygons: npt.NDArray[np.object_], rows: Iterable[object], name: str, *, is_nested: bool = True
) -> list[RepairedPolygon]:
    """Convert polygons to valid ones in the sandbox, because the cost of a crossing boundary is quadratic.

    If not `is_nested`, each ring is a part until its position shows that it is a hole (`polygon_from_rings`).
    """
    limits = configured_limits()
    limits = replace(limits, seconds=min(limits.seconds, _REPAIR_SECONDS), written_bytes=0)
    repaired: list[RepairedPolygon] = []

    def receive(pipe: IO[bytes]) -> None:
        for _ in polygons:
            answer = _receive_line(pipe)
            (ground,) = shapes.decode(pa.array([answer["ground"]], type=shapes.SHAPE))
            areas = np.array(answer["areas"], dtype=float)
            repaired.append(RepairedPolygon(ground, areas, int(str(answer["collapsed"]))))

    if not len(polygons):
        return repaired
    job = {"polygons": shapely.to_wkb(polygons, hex=True).tolist(), "is_nested": is_nested}
    try:
        _get_worker().ask(job, limits, name, receive)
    except SourceError as error:
        raise SourceError(
            N_(
                "the boundary in row {row} of {name} crosses itself so often that it cannot be repaired within "
                "{seconds} seconds and {megabytes} MB; correct it in a GIS program, or leave the row out"
            ),
            row=[*rows][len(repaired)],
            name=name,
            seconds=limits.seconds,
            megabytes=limits.memory_bytes // 1024**2,
        ) from error
    return repaired


def save_response(answer: WorkerResponse, path: Path) -> None:
    """Write a response to a file in the form in which the worker sent it."""
    with path.open("wb") as file:
        file.write(to_json(answer.head).encode() + b"\n")
        with pa.ipc.new_stream(file, answer.rows.schema) as stream:
            stream.write_table(answer.rows)
        file.write(to_json(answer.tail).encode() + b"\n")
    checksums.append_checksums(path)


def _sibling_files(path: Path) -> tuple[str, ...]:
    """List the files that have the same name with another suffix, such as the parts of a Shapefile."""
    same_stem = [file for file in path.parent.iterdir() if file.stem.lower() == path.stem.lower() and file != path]
    return tuple(str(file) for file in same_stem if file.is_file())


def start_worker() -> None:
    """Start the worker process now, so that it is ready for the first file.

    A worker that is already running is kept. It is stopped when the program ends.
    """
    _get_worker().start()


@cache
def _get_worker() -> "_Worker":
    worker = _Worker()
    atexit.register(worker.stop)
    return worker


class _Worker:
    """A handle of one worker process, which handles one request at a time."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.process: subprocess.Popen[bytes] | None = None
        self.owner = os.getpid()

    def start(self) -> subprocess.Popen[bytes]:
        with self.lock:
            if self.owner != os.getpid():  # this process was forked, and the worker belongs to its parent
                self.process, self.owner = None, os.getpid()
            if self.process is None or self.process.poll() is not None:
                self.stop()
                self.process = subprocess.Popen(  # noqa: S603  runs Lindero itself
                    [sys.executable, "-I", "-X", "utf8", "-c", _WORKER_CODE, str(_ROOT)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    env=_environment(),
                    bufsize=_PIPE_BYTES,
                )
                _widen_pipe(self.process.stdout)
            return self.process

    def stop(self) -> None:
        with self.lock:
            process, self.process = self.process, None
            if process is None or self.owner != os.getpid():
                return
            for pipe in (process.stdin, process.stdout):
                with suppress(OSError):
                    if pipe is not None:
                        pipe.close()
            try:
                process.wait(timeout=1)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def ask(
        self, job: Mapping[str, object], reading_limits: Limits, name: str, receive: Callable[[IO[bytes]], Answer]
    ) -> Answer:
        with self.lock:
            process = self.start()
            if process.stdin is None or process.stdout is None:
                raise AssertionError
            timed_out = threading.Event()
            timer = threading.Timer(reading_limits.seconds + 5, _kill_late_process, (process, timed_out))
            timer.daemon = True
            timer.start()
            try:
                message = json.dumps({**job, "limits": asdict(reading_limits)})
                process.stdin.write(message.encode() + b"\n")
                process.stdin.flush()
                return receive(process.stdout)
            except _TooMuchDataError as flood:
                self.process = None
                _end_process(process)
                raise flood.refusal from flood
            except (EOFError, OSError, pa.ArrowException, ShapelyError, ValueError, LookupError, TypeError) as error:
                self.process = None
                raise _failure_error(process, name, reading_limits, late=timed_out.is_set()) from error
            finally:
                timer.cancel()
                if sys.platform != "linux":
                    self.stop()  # without fork, a worker answers only one request


class _TooMuchDataError(Exception):
    """More data than the limits allow; the rest is not read."""

    def __init__(self, refusal: SourceError) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal


def _receive_response(pipe: IO[bytes], reading_limits: Limits, name: str) -> WorkerResponse:
    message = _receive_line(pipe)
    if "error" in message:
        raise _parse_error(message)
    head = Head(**message)  # type: ignore[arg-type]  # the fields of a Head
    rows = _receive_rows(pipe, Meter(reading_limits, head.geometry, name))
    tail = _receive_line(pipe)
    if "error" in tail:
        raise _parse_error(tail)
    rows.validate(full=True)  # also checks that text is UTF-8
    return WorkerResponse(head, rows, parse_tail(tail))


def _receive_rows(pipe: IO[bytes], meter: Meter) -> pa.Table:
    """Receive the rows and count them again.

    The limits are enforced here too, in the process that stores the rows, whatever the worker counted.
    """
    batches = []
    with pa.ipc.open_stream(pipe) as stream:
        if not all(is_plain(field.type) for field in stream.schema):
            raise EOFError(stream.schema)
        for batch in stream:
            try:
                meter.count(batch)
            except SourceError as refusal:
                raise _TooMuchDataError(refusal) from refusal
            batches.append(batch)
        return pa.Table.from_batches(batches, stream.schema)


def _receive_line(pipe: IO[bytes]) -> dict[str, object]:
    line = pipe.readline(_LINE_BYTES)
    if not line.endswith(b"\n"):
        raise EOFError
    return dict(json.loads(line))


def _parse_error(message: dict[str, object]) -> LayerError:
    kind = getattr(errors, str(message["error"]), SourceError)
    params = message["params"]
    if not (isinstance(kind, type) and issubclass(kind, LayerError) and isinstance(params, dict)):
        raise EOFError(message)  # noqa: TRY004  not a response of the worker
    error = kind(str(message["template"]), **params)
    if "trace" in message:
        error.add_note(str(message["trace"]))
    return error


def _failure_error(process: subprocess.Popen[bytes], name: str, reading_limits: Limits, *, late: bool) -> SourceError:
    code = _end_process(process)
    if late or code in {128 + 24, 128 + 9}:  # killed by SIGXCPU or SIGKILL
        return SourceError(
            N_("reading {name} takes longer than {seconds} seconds; split it and add one part at a time"),
            name=name,
            seconds=reading_limits.seconds,
        )
    return reader_failure(name, code)


def reader_failure(name: str, code: object) -> SourceError:
    """Return the error for a file that made the worker fail."""
    return SourceError(
        N_(
            "the reader failed on {name} ({code}). It runs in a sandbox, so nothing else was harmed. Save "
            "the file in another format and add it again"
        ),
        name=name,
        code=code,
    )


def _end_process(process: subprocess.Popen[bytes]) -> int:
    """End the process if it is still running, and return its exit code."""
    for pipe in (process.stdin, process.stdout):
        with suppress(OSError):
            if pipe is not None:
                pipe.close()
    try:
        return process.wait(timeout=2)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def _kill_late_process(process: subprocess.Popen[bytes], timed_out: threading.Event) -> None:
    timed_out.set()
    process.kill()


def _environment() -> dict[str, str]:
    """Return the environment of the worker process.

    Of the user's variables it contains only the system and temporary folders and the library path.
    """
    inherited = {
        name: os.environ[name] for name in ("SYSTEMROOT", "TEMP", "TMP", "LD_LIBRARY_PATH") if name in os.environ
    }
    return {**inherited, **ENVIRONMENT, **_WORKER_ENVIRONMENT}


def _widen_pipe(pipe: IO[bytes] | None) -> None:
    if sys.platform == "linux" and pipe is not None:
        import fcntl  # POSIX only

        with suppress(OSError):
            fcntl.fcntl(pipe.fileno(), _SET_PIPE_SIZE, _PIPE_BYTES)
