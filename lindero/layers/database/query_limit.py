"""A time limit for queries of the public: DuckDB is interrupted when a query runs too long."""

import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress

import duckdb

from lindero.layers.database.map_database import Connection
from lindero.layers.errors import N_, TooLongError

_AGAIN_S = 0.2  # repeated, because an interrupt between two queries of a connection stops neither


@contextmanager
def query_limit(con: Connection, seconds: float) -> Generator[None]:
    """Stop any query of `con` in this context after some seconds."""
    is_done = threading.Event()
    watcher = threading.Thread(target=_interrupt, args=(con, seconds, is_done), daemon=True)
    watcher.start()
    try:
        yield
    except duckdb.InterruptException as error:
        raise TooLongError(
            N_("the query took longer than {seconds} seconds; ask for less at once"),
            seconds=f"{seconds:g}",
        ) from error
    finally:
        is_done.set()
        watcher.join()


def _interrupt(con: Connection, seconds: float, is_done: threading.Event) -> None:
    pause = seconds
    while not is_done.wait(pause):
        with suppress(duckdb.Error):  # if the connection is closed
            con.interrupt()
        pause = _AGAIN_S
