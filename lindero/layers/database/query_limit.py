"""An end to the queries of strangers: DuckDB is interrupted when a query has run for too long."""

import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress

import duckdb

from lindero.layers.database.map_database import Connection
from lindero.layers.errors import N_, TooLongError

_AGAIN_S = 0.2  # an interrupt between two queries of one connection stops neither


@contextmanager
def query_limit(con: Connection, seconds: float) -> Generator[None]:
    """
    Interrupt whatever `con` runs in this context once `seconds` have passed.

    Raises
    ------
    TooLongError
        If a query was interrupted.
    """
    is_done = threading.Event()
    watcher = threading.Thread(target=_interrupt, args=(con, seconds, is_done), daemon=True)
    watcher.start()
    try:
        yield
    except duckdb.InterruptException as error:
        raise TooLongError(
            N_("the map took longer than {seconds} seconds to answer this: ask for less at once"),
            seconds=f"{seconds:g}",
        ) from error
    finally:
        is_done.set()
        watcher.join()


def _interrupt(con: Connection, seconds: float, is_done: threading.Event) -> None:
    pause = seconds
    while not is_done.wait(pause):
        with suppress(duckdb.Error):  # the connection is closed
            con.interrupt()
        pause = _AGAIN_S
