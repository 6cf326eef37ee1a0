"""The process that opens received files, from outside: started once, asked for each file, stopped at a limit."""

import atexit
import json
import os
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import IO

import pyarrow as pa

import lindero
from lindero.layers import errors
from lindero.layers.disk import checksums
from lindero.layers.disk.scratch import MEMORY, scratch
from lindero.layers.errors import N_, LayerError, SourceError
from lindero.layers.read.formats.vector.gdal import ENVIRONMENT
from lindero.layers.read.sandbox.restrictions import Limits
from lindero.layers.read.sandbox.worker_protocol import Head, Meter, Request, Tail, as_json, is_plain, tail_of

_ROOT = Path(lindero.__file__).parents[1]
# Isolated (-I): neither the folder that it is started in nor the user's settings add to what is imported.
_BEGIN = "import sys; sys.path.insert(0, sys.argv[1]); from lindero.layers.read.sandbox.worker import main; main()"
_LEAN = {
    "OPENBLAS_NUM_THREADS": "1",  # a process with threads is no good to fork
    "OMP_NUM_THREADS": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "OPENPYXL_LXML": "False",  # Python's own parser limits what entities may grow to
}
_LINE_BYTES = 256 * 1024**2
_PIPE_BYTES = 1024**2
_SET_PIPE_SIZE = 1031  # fcntl, Linux
_MEGABYTES = "LINDERO_READER_MEMORY_MB"
_SECONDS = "LINDERO_READER_SECONDS"


@dataclass(frozen=True)
class Answer:
    """What came back."""

    head: Head
    rows: pa.Table
    tail: Tail


def limits() -> Limits:
    """Give what reading a file may cost; the environment may say otherwise of memory (MB) and seconds."""
    usual = Limits()
    megabytes, seconds = os.environ.get(_MEGABYTES, ""), os.environ.get(_SECONDS, "")
    return Limits(
        memory_bytes=int(megabytes) * 1024**2 if megabytes.isdecimal() else usual.memory_bytes,
        seconds=int(seconds) if seconds.isdecimal() else usual.seconds,
    )


def ask(
    path: Path, *, encoding: str | None, sublayer: str | None, nothing_written: bool = False, kept: Path | None = None
) -> Answer:
    """
    Have the file at `path` read behind walls; with `nothing_written` the reader cannot write a byte to any disk.

    `kept` is where `keep` may have written the answer of an earlier reading of the same bytes.

    Raises
    ------
    LayerError
        As the reader did; or SourceError if it takes too long, too much, or breaks the reader.
    """
    if kept is not None and kept.is_file() and not checksums.is_damaged(kept):
        with kept.open("rb") as file:
            return _received(file, limits(), path.name)
    in_memory = path.parent if path.is_relative_to(MEMORY) else None  # what was kept off the disk stays off it
    with scratch(in_memory) as folder:
        whole = path.resolve()
        request = Request(str(whole), str(folder.resolve()), _beside(whole), encoding, sublayer)
        most = replace(limits(), written_bytes=0) if nothing_written else limits()
        return _keeper().ask(request, most, path.name)


def keep(answer: Answer, path: Path) -> None:
    """Write an answer to a file, as it came from the reader."""
    with path.open("wb") as file:
        file.write(as_json(answer.head).encode() + b"\n")
        with pa.ipc.new_stream(file, answer.rows.schema) as stream:
            stream.write_table(answer.rows)
        file.write(as_json(answer.tail).encode() + b"\n")
    checksums.append(path)


def _beside(path: Path) -> tuple[str, ...]:
    """Name the files that have the same name but for its suffix: a Shapefile is several."""
    same = [file for file in path.parent.iterdir() if file.stem.lower() == path.stem.lower() and file != path]
    return tuple(str(file) for file in same if file.is_file())


def warm() -> None:
    """Start the process now, so that it is there when the first file comes."""
    _keeper().start()


@cache
def _keeper() -> "_Keeper":
    keeper = _Keeper()
    atexit.register(keeper.stop)
    return keeper


class _Keeper:
    """Keeps one process; one question at a time."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.process: subprocess.Popen[bytes] | None = None
        self.owner = os.getpid()

    def start(self) -> subprocess.Popen[bytes]:
        with self.lock:
            if self.owner != os.getpid():  # this very process was forked: the other's child is not ours
                self.process, self.owner = None, os.getpid()
            if self.process is None or self.process.poll() is not None:
                self.stop()
                self.process = subprocess.Popen(  # noqa: S603  ourselves
                    [sys.executable, "-I", "-X", "utf8", "-c", _BEGIN, str(_ROOT)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    env=_environment(),
                    bufsize=_PIPE_BYTES,
                )
                _widen(self.process.stdout)
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

    def ask(self, request: Request, most: Limits, name: str) -> Answer:
        with self.lock:
            process = self.start()
            if process.stdin is None or process.stdout is None:
                raise AssertionError
            timed_out = threading.Event()
            watch = threading.Timer(most.seconds + 5, _end, (process, timed_out))
            watch.daemon = True
            watch.start()
            try:
                question = json.dumps({"request": asdict(request), "limits": asdict(most)})
                process.stdin.write(question.encode() + b"\n")
                process.stdin.flush()
                return _received(process.stdout, most, name)
            except _FloodError as flood:
                self.process = None
                _closed(process)
                raise flood.refusal from flood
            except (EOFError, OSError, pa.ArrowException, ValueError, KeyError, TypeError) as error:
                self.process = None
                raise _broken(process, name, most, late=timed_out.is_set()) from error
            finally:
                watch.cancel()
                if sys.platform != "linux":
                    self.stop()  # there it answers once


class _FloodError(Exception):
    """More comes than may come: the rest is not waited for."""

    def __init__(self, refusal: SourceError) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal


def _received(pipe: IO[bytes], most: Limits, name: str) -> Answer:
    message = _line(pipe)
    if "error" in message:
        raise _error(message)
    head = Head(**message)  # type: ignore[arg-type]  # the fields of that very class
    rows = _rows(pipe, Meter(most, head.geometry, name))
    tail = _line(pipe)
    if "error" in tail:
        raise _error(tail)
    rows.validate(full=True)  # also that text is UTF-8
    return Answer(head, rows, tail_of(tail))


def _rows(pipe: IO[bytes], meter: Meter) -> pa.Table:
    """Take the rows over, counting them again: it is here that they have to be held, whatever the reader counted."""
    batches = []
    with pa.ipc.open_stream(pipe) as stream:
        if not all(is_plain(field.type) for field in stream.schema):
            raise EOFError(stream.schema)
        for batch in stream:
            try:
                meter.count(batch)
            except SourceError as refusal:
                raise _FloodError(refusal) from refusal
            batches.append(batch)
        return pa.Table.from_batches(batches, stream.schema)


def _line(pipe: IO[bytes]) -> dict[str, object]:
    line = pipe.readline(_LINE_BYTES)
    if not line.endswith(b"\n"):
        raise EOFError
    return dict(json.loads(line))


def _error(message: dict[str, object]) -> LayerError:
    kind = getattr(errors, str(message["error"]), SourceError)
    params = message["params"]
    if not (isinstance(kind, type) and issubclass(kind, LayerError) and isinstance(params, dict)):
        raise EOFError(message)  # noqa: TRY004  no answer of ours
    error = kind(str(message["template"]), **params)
    if "trace" in message:
        error.add_note(str(message["trace"]))
    return error


def _broken(process: subprocess.Popen[bytes], name: str, most: Limits, *, late: bool) -> SourceError:
    code = _closed(process)
    if late or code in {128 + 24, 128 + 9}:  # SIGXCPU, SIGKILL
        return SourceError(N_("{name} takes longer than {seconds} seconds to be read"), name=name, seconds=most.seconds)
    return broke_the_reader(name, code)


def broke_the_reader(name: str, code: object) -> SourceError:
    """Return the refusal of a file that made the reader fail."""
    return SourceError(
        N_("{name} broke the reader, which was walled in, so that nothing else was harmed ({code})"),
        name=name,
        code=code,
    )


def _closed(process: subprocess.Popen[bytes]) -> int:
    """End the process, if it has not ended by itself; gives its code."""
    for pipe in (process.stdin, process.stdout):
        with suppress(OSError):
            if pipe is not None:
                pipe.close()
    try:
        return process.wait(timeout=2)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def _end(process: subprocess.Popen[bytes], timed_out: threading.Event) -> None:
    timed_out.set()
    process.kill()


def _environment() -> dict[str, str]:
    """Give what the process is told of its surroundings: nothing of the user's but where Windows keeps its system."""
    kept = {name: os.environ[name] for name in ("SYSTEMROOT", "TEMP", "TMP", "LD_LIBRARY_PATH") if name in os.environ}
    return {**kept, **ENVIRONMENT, **_LEAN}


def _widen(pipe: IO[bytes] | None) -> None:
    if sys.platform == "linux" and pipe is not None:
        import fcntl  # POSIX only

        with suppress(OSError):
            fcntl.fcntl(pipe.fileno(), _SET_PIPE_SIZE, _PIPE_BYTES)
