"""
A layer of a service, read whole or not at all.

Its file is one GeoJSON collection: the features' own texts, one a line, in the order in which they came. It is made of
the kept answers alone, so that it can be made again from them, byte for byte.
"""

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path

from lindero.layers.errors import N_
from lindero.layers.services.connection.errors import NotWholeError, ServiceError
from lindero.layers.services.connection.http import Web
from lindero.layers.services.connection.pages import Pages
from lindero.layers.services.connection.url_guard import with_params
from lindero.layers.services.protocols.protocol import Page, Request, Service

Progress = Callable[[int, int | None], None]
"""Is told how many rows have come, and how many there are."""
_MOST_PAGES = 99_999


def read_whole(service: Service, web: Web, folder: Path, *, progress: Progress = lambda *_: None) -> Pages:
    """
    Read every answer of a layer into `folder`, or go on where an earlier attempt broke off.

    Raises
    ------
    ServiceError
        If rows are missing, come twice, or change meanwhile: what was read is then no layer.
    """
    pages = Pages(folder, service.described.told())
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
        asked, request = request, seen.after(service.page(raw))
        pages.keep(with_params(asked.url, asked.params), raw)
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
