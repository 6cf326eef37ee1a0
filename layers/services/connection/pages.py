"""Answers of a service as they came, kept in the workspace while a layer comes in, so that a break loses nothing."""

import datetime as dt
import hashlib
import json
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from lindero.layers.disk.builds import write_whole

STATE = "state.json"
REQUESTS = "requests.json"
FRESH = dt.timedelta(hours=48)  # what is older is another day's layer
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first date that ZIP knows: equal pages give equal archives
_COMPRESSION = 6


class Pages:
    """
    A folder of answers, numbered from 0.

    Parameters
    ----------
    folder
        Where they are kept; what another request, or an older one, left there is cleared away.
    told
        What the service says of the layer. Pages are only gone on with while that is the same.
    """

    def __init__(self, folder: Path, told: Mapping[str, object]) -> None:
        self._folder = folder
        self._told = json.loads(json.dumps(told))
        self._kept: list[dict[str, str]] = self._left()
        if not self._kept:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[bytes]:
        return (self._path(number).read_bytes() for number in range(len(self._kept)))

    def keep(self, request: str, answer: bytes) -> None:
        """Keep the answer to a request, on the disk before its name is."""
        path = self._path(len(self._kept))
        path.write_bytes(answer)
        self._kept.append({"request": request, "sha256": hashlib.sha256(answer).hexdigest()})
        self._write_state()

    def clear(self) -> None:
        """Forget all answers."""
        self._kept.clear()
        shutil.rmtree(self._folder, ignore_errors=True)

    def pack(self, path: Path) -> None:
        """Write the answers, and what was asked for each, to one archive; equal answers give equal bytes."""
        with zipfile.ZipFile(path, "w") as archive:
            _write(archive, REQUESTS, json.dumps(self._kept, indent=1).encode())
            for number, answer in enumerate(self):
                _write(archive, self._path(number).name, answer)

    def _write_state(self) -> None:
        state = {"told": self._told, "begun": dt.datetime.now(dt.UTC).isoformat(), "pages": self._kept}
        write_whole(self._folder / STATE, json.dumps(state))

    def _left(self) -> list[dict[str, str]]:
        """Give what an earlier attempt left, as far as it is as it was written."""
        try:
            state = json.loads(self._folder.joinpath(STATE).read_text(encoding="utf-8"))
            age = dt.datetime.now(dt.UTC) - dt.datetime.fromisoformat(state["begun"])
            pages = [{"request": str(page["request"]), "sha256": str(page["sha256"])} for page in state["pages"]]
            if state["told"] != self._told or age > FRESH:
                return []
        except (OSError, ValueError, KeyError, TypeError):
            return []
        whole = []
        for number, page in enumerate(pages):
            path = self._path(number)
            if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != page["sha256"]:
                break
            whole.append(page)
        return whole

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:05}.json"


def unpacked(path: Path) -> Iterator[bytes]:
    """Give the answers of an archive that `Pages.pack` wrote, in their order."""
    with zipfile.ZipFile(path) as archive:
        for name in sorted(archive.namelist()):
            if name != REQUESTS:
                yield archive.read(name)


def _write(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    member = zipfile.ZipInfo(name, date_time=_EPOCH)
    member.external_attr = 0o600 << 16
    archive.writestr(member, content, compress_type=zipfile.ZIP_DEFLATED, compresslevel=_COMPRESSION)
