"""An operator can read what happened; nobody can read who looked where."""

import logging
import sys

import pytest

from lindero.app.serving.access import log
from lindero.app.text import i18n
from lindero.layers.errors import AnswerError

WHERE = "-12.409, -70.39"


@pytest.fixture
def written():
    """A way to have records written as the server does; gives the lines."""
    lines, line, patience = [], log.LineFormatter(), log.RateFilter(lambda: 0.0)

    class Kept(logging.Handler):
        def emit(self, record):
            lines.append(line.format(record))

    handler = Kept()
    handler.addFilter(patience)
    loggers = [logging.getLogger("lindero"), logging.getLogger("streamlit.anything")]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        logger.propagate = False
    yield lines
    for logger in loggers:
        logger.removeHandler(handler)
        logger.propagate = True


def test_what_happened_is_a_sentence_with_its_time(written):
    log.log_event("Serving the map {map}.", map="map-1")

    assert written[0].endswith("Z Serving the map map-1.")
    assert written[0][:2] == "20"


def test_it_is_in_the_language_of_whoever_began_the_server(written, monkeypatch):
    monkeypatch.setattr(log, "_language", ["es"])
    log.log_event("A login was refused.")

    assert written[0].endswith("Z Se rechazó un inicio de sesión.")
    assert i18n.current_language() == "en"


def test_nothing_that_others_write_tells_a_place(written):
    other = logging.getLogger("streamlit.anything")
    other.warning("no answer for %s", WHERE)
    other.warning(f"no answer for {WHERE}")
    other.error("failed at %s", WHERE, exc_info=AnswerError("nothing at {place}", place=WHERE))

    assert len(written) == 3
    assert not any(WHERE in line or "70.39" in line for line in written)
    assert "WARNING streamlit.anything:" in written[0]
    assert "AnswerError" in written[2]


def test_an_error_is_told_by_the_way_through_our_own_code(written):
    try:
        i18n.format_number("no number")
    except TypeError:
        logging.getLogger("streamlit.anything").exception("failed")

    assert "TypeError app/text/i18n.py:" in written[0]
    assert "no number" not in written[0]


def test_who_repeats_one_thing_does_not_fill_the_log(written):
    for _ in range(1_000):
        log.log_event("A login was refused.")
    log.log_event("Serving the map {map}.", map="map-1")

    assert len(written) == log.MOST_A_MINUTE + 1
    assert written[log.MOST_A_MINUTE - 1].endswith("(this message is written at most 10 times a minute)")


def test_after_a_minute_it_is_heard_again():
    now = [0.0]
    patience = log.RateFilter(lambda: now[0])
    record = logging.LogRecord("x", logging.INFO, "file", 1, "", (), None)

    heard = [patience.filter(record) for _ in range(20)]
    now[0] = 61.0

    assert sum(heard) == log.MOST_A_MINUTE
    assert patience.filter(record)


def test_every_logger_of_streamlit_writes_so(monkeypatch):
    from streamlit import logger as of_streamlit

    monkeypatch.setattr(of_streamlit, "setup_formatter", of_streamlit.setup_formatter)
    before = {one: [*one.handlers] for one in (logging.getLogger(), log._LOGGER, *of_streamlit._loggers.values())}
    try:
        log.start_logging()
        late = of_streamlit.get_logger("streamlit.late")
        assert [type(handler.formatter) for handler in late.handlers] == [log.LineFormatter]
        assert all(handler.stream is sys.stderr for handler in late.handlers)
    finally:
        for one, handlers in before.items():
            one.handlers[:] = handlers
        log._LOGGER.propagate = True
        log._LOGGER.setLevel(logging.NOTSET)
