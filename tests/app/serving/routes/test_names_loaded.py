"""The names are there before anybody asks: read once for each map, beside what else the server does."""

import threading
import time

import pytest

from lindero.app.answers.place.position_search import UnknownPlace
from lindero.app.media.pages.current import cache, cached_answers, map_layers, open_map
from lindero.app.serving import asgi
from lindero.layers.database.queries import map_names
from lindero.layers.errors import AnswerError
from lindero.layers.reference import base_data, gazetteer
from tests import loop, small_map

TELLS = """
from lindero.app.media.pages.current import map_layers as cached
from pathlib import Path
cached.load_names = lambda: Path({file!r}).write_text("read")
"""


@pytest.fixture
def small(tmp_path):
    """A small map, of which nothing is read yet."""
    small_map.publish(tmp_path)
    open_map.use_folder(tmp_path)
    cache._cached_answer.cache_clear()


def test_the_server_reads_the_names_without_being_asked(tmp_path):
    small_map.publish(tmp_path / "build")
    file = tmp_path / "told"

    with small_map.serving(tmp_path / "build", before=TELLS.format(file=str(file)), anew=False):
        end = time.monotonic() + 60
        while not file.exists() and time.monotonic() < end:
            time.sleep(0.05)

    assert file.read_text() == "read"


@pytest.mark.usefixtures("small")
def test_what_was_read_is_not_read_again_for_a_question(monkeypatch):
    asgi._load_names("")
    read = gazetteer.country_gazetteer.cache_info().misses

    monkeypatch.setattr(map_names, "_read_named_rows", None)
    monkeypatch.setattr(gazetteer, "_iter_places", None)

    assert isinstance(map_layers.find_place("xqzwvk"), UnknownPlace)
    assert gazetteer.country_gazetteer.cache_info().misses == read


def test_each_map_is_read_once(tmp_path, monkeypatch):
    read = []
    monkeypatch.setattr(map_layers, "load_names", lambda: read.append(map_layers.version_or_none()))
    open_map.use_folder(tmp_path)

    assert asgi._load_names("") == ""
    small_map.publish(tmp_path, names={"communities": "one"})
    first = asgi._load_names("")
    assert asgi._load_names(first) == first
    small_map.publish(tmp_path, names={"communities": "two"})
    second = asgi._load_names(first)

    assert read == [first, second]


@pytest.mark.usefixtures("small")
def test_who_asks_meanwhile_waits_and_reads_nothing(monkeypatch):
    begun, go_on, read = threading.Event(), threading.Event(), []
    real = map_names.build_gazetteer

    def slowly(con):
        read.append(threading.current_thread())
        begun.set()
        go_on.wait(20)
        return real(con)

    monkeypatch.setattr(map_names, "build_gazetteer", slowly)
    loader = threading.Thread(target=map_layers.load_names)
    asker = threading.Thread(target=lambda: map_layers.find_place("xqzwvk"))
    loader.start()
    begun.wait(20)
    asker.start()
    go_on.set()
    loader.join(30)
    asker.join(30)

    assert read == [loader]


@pytest.mark.usefixtures("small")
def test_of_a_large_map_only_the_first_page_is_asked_beforehand(monkeypatch):
    monkeypatch.setattr(cached_answers, "FEWEST_FEATURES", 1)

    assert [*cached_answers.iter_opening_questions()] == [cached_answers.first_sight]


@pytest.mark.usefixtures("small")
def test_what_cannot_be_answered_beforehand_keeps_nothing_else_from_it(monkeypatch):
    asked = []

    def refused():
        raise AnswerError("nothing to compare")

    monkeypatch.setattr(cached_answers, "iter_opening_questions", lambda: iter([refused, lambda: asked.append("next")]))
    loop.run(asgi._precompute_answers())

    assert asked == ["next"]


def test_a_name_of_the_map_is_found_after_the_names_were_read(demonstration, monkeypatch):
    monkeypatch.setattr(base_data, "_trees", {})
    open_map.use_folder(demonstration[0] / "build")
    map_layers.load_names()

    assert map_layers.find_place("San Ejemplo de Llimbepata")
