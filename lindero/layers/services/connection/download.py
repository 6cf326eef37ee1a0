"""
A layer of a service, read whole or not at all.

Its file is one GeoJSON collection: the features' own texts, one a line, in the order in which they came. It is made of
the kept answers alone, so that it can be made again from them, byte for byte.
"""

import datetime as dt
import hashlib
import json
import shutil
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

from lindero.layers.disk.builds import write_whole
from lindero.layers.errors import N_, NotWholeError, ServiceError
from lindero.layers.services.connection.http import Web
from lindero.layers.services.connection.url_guard import with_params
from lindero.layers.services.protocols.protocol import Page, Request, Service

Progress = Callable[[int, int | None], None]
"""Is told how many rows have come, and how many there are."""
_MOST_PAGES = 99_999
STATE = "state.json"
REQUESTS = "requests.json"
FRESH = dt.timedelta(hours=48)  # what is older is another day's layer
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first date that ZIP knows: equal pages give equal archives
_COMPRESSION = 6


# Answers of a service as they came, kept in the workspace while a layer comes in, so that a break loses nothing.


class Pages:
    """
    A folder of answers, numbered from 0.

    Parameters
    ----------
    folder
        Where they are kept; what another request, or an older one, left there is cleared away.
    identity
        What the service says of the layer. Pages are only gone on with while that is the same.
    """

    def __init__(self, folder: Path, identity: Mapping[str, object]) -> None:
        self._folder = folder
        self._told = json.loads(json.dumps(identity))
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


def unpack(path: Path) -> Iterator[bytes]:
    """Give the answers of an archive that `Pages.pack` wrote, in their order."""
    with zipfile.ZipFile(path) as archive:
        for name in sorted(archive.namelist()):
            if name != REQUESTS:
                yield archive.read(name)


def _write(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    member = zipfile.ZipInfo(name, date_time=_EPOCH)
    member.external_attr = 0o600 << 16
    archive.writestr(member, content, compress_type=zipfile.ZIP_DEFLATED, compresslevel=_COMPRESSION)


def read_whole(service: Service, web: Web, folder: Path, *, progress: Progress = lambda *_: None) -> Pages:
    """
    Read every answer of a layer into `folder`, or go on where an earlier attempt broke off.

    Raises
    ------
    ServiceError
        If rows are missing, come twice, or change meanwhile: what was read is then no layer.
    """
    pages = Pages(folder, service.described.identity())
    try:
        _fill(pages, service, web, progress)
    except NotWholeError:
        pages.clear()
        raise
    return pages


def _fill(pages: Pages, service: Service, web: Web, progress: Progress) -> None:
    seen = _Seen(service, web.host)
    request: Request | None = service.first()
    for raw in pages:  # of an earlier attempt
        request = seen.after(service.page(raw))
        progress(seen.rows, service.described.rows)
    while request is not None:
        if len(pages) >= _MOST_PAGES:
            raise NotWholeError(N_("{host} gives page after page without end"), host=web.host)
        raw = web.get(request.url, request.params, passing=service.passing)
        current, request = request, seen.after(service.page(raw))
        pages.keep(with_params(current.url, current.params), raw)
        progress(seen.rows, service.described.rows)
    seen.hold_whole()


def write_layer(service: Service, answers: Iterable[bytes], path: Path) -> None:
    """
    Make a layer's file of its answers; equal answers give equal bytes.

    Raises
    ------
    ServiceError
        If they state different coordinate reference systems.
    """
    stated: str | None = None
    with ExitStack() as stack:
        file = stack.enter_context(path.open("w", encoding="utf-8", newline="\n"))
        for raw in answers:
            page = service.page(raw)
            if stated is None:
                stated = page.crs
                crs = f'"crs":{stated},' if stated else ""
                file.write(f'{{"type":"FeatureCollection",{crs}"features":[')
                separator = "\n"
            elif page.features and page.crs != stated:
                raise ServiceError(N_("the pages of {url} state several reference systems"), url=service.described.url)
            for feature in page.features:
                file.write(separator + feature.text)
                separator = ",\n"
        file.write("\n]}\n")


class _Seen:
    """What has come of a layer, held against what the service says that there is."""

    def __init__(self, service: Service, host: str) -> None:
        self._service, self._host = service, host
        self._keys: set[object] = set()
        self._last: tuple[str, ...] = ()
        self._pages = 0
        self.rows = 0

    def after(self, page: Page) -> Request | None:
        """Count a page in, and give the request after it."""
        texts = tuple(feature.text for feature in page.features)
        keys = [key for key in page.keys if key is not None]
        twice = self._keys & set(keys)
        if twice or len(set(keys)) < len(keys) or (texts and texts == self._last):
            raise NotWholeError(
                N_("{host} gives rows twice, the first is {row}: its pages cannot be put together"),
                host=self._host,
                row=next(iter(twice), keys[0] if keys else self.rows),
            )
        self._keys.update(keys)
        self._last = texts
        self._pages += 1
        self.rows += len(texts)
        return self._service.after(page, self.rows, self._pages)

    def hold_whole(self) -> None:
        """Hold that all rows came, and that there are as many as there were."""
        before = self._service.described.rows
        now = self._service.rows_now() if before is not None else None
        if before is not None and now != before:
            raise NotWholeError(
                N_("{host} changed the layer meanwhile, from {before} rows to {now}: fetch it again"),
                host=self._host,
                before=before,
                now=now if now is not None else "?",
            )
        if before is not None and self.rows != before:
            raise NotWholeError(
                N_("{host} has {told} rows, but gives {rows}: the layer would not be whole"),
                host=self._host,
                told=before,
                rows=self.rows,
            )
