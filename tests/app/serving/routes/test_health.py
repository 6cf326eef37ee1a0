"""A map that is gone or damaged is noticed by monitors, said to readers in their language, and written into the log."""

import datetime as dt
import json
import re
from functools import partial

import pytest
from starlette.requests import Request
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import connect

from lindero.app.media.pages.current import open_map
from lindero.app.serving.routes import health
from lindero.layers.database import integrity
from lindero.layers.disk import builds
from lindero.layers.errors import DamagedMapError, NotBuiltError
from lindero.layers.watch.source_checks import SourceCheck, store_check
from tests import http_answer, loop, small_map
from tests.built import build, digest
from tests.files import concessions


@pytest.fixture
def build_folder(tmp_path):
    small_map.publish(tmp_path / "build")
    open_map.use_folder(tmp_path / "build")
    return tmp_path / "build"


@pytest.fixture
def without_checksum(build_folder):
    """The same map, its pointer as early versions wrote it."""
    pointer = build_folder / builds.POINTER
    told = json.loads(pointer.read_text())
    pointer.write_text(json.dumps({name: told[name] for name in told.keys() - {"crc32", "check"}}))
    open_map.use_folder(build_folder)


HEADERS = 12_288  # bytes


def damage(path, begin=HEADERS):
    """Overwrite what lies behind the headers, or but a part of it, as a failing disk does."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(begin)
        file.write(b"\x5a" * ((size if begin == HEADERS else size * 2 // 3) - begin))


def test_a_whole_map_is_whole(build_folder):
    integrity.check_map(builds.current_map(build_folder))


@pytest.mark.parametrize("at", range(20))
def test_a_changed_byte_behind_the_headers_is_found_or_changes_nothing(build_folder, at):
    path = builds.current_map(build_folder)
    before = digest(path)
    content = bytearray(path.read_bytes())
    content[HEADERS + at * (len(content) - HEADERS) // 20] ^= 0xFF
    path.write_bytes(content)

    try:
        integrity.check_map(path)
    except DamagedMapError:
        return
    assert digest(path) == before


def test_a_damaged_file_beside_the_map_is_told_to_monitors(build_folder):
    beside = builds.current_map(build_folder).with_suffix(builds.TILES)
    assert health._verify_map() == open_map.current_map().version
    beside.write_bytes(b"not as a build has written it" * 100)

    with pytest.raises(DamagedMapError, match=builds.TILES):
        health._verify_map()


def test_a_changed_byte_anywhere_in_the_map_is_told_to_monitors(build_folder):
    path = builds.current_map(build_folder)
    content = bytearray(path.read_bytes())
    content[-1] ^= 1  # of no block that a query reads
    path.write_bytes(content)

    with pytest.raises(DamagedMapError, match="damaged"):
        health._verify_map()


@pytest.mark.usefixtures("without_checksum")
def test_a_map_of_a_version_without_checksums_is_to_be_built_again():
    with pytest.raises(NotBuiltError, match="earlier version"):
        health._verify_map()


def test_health_tells_a_map_that_has_gone_from_one_that_is_damaged(build_folder):
    path = builds.current_map(build_folder)
    damage(path)
    with pytest.raises(DamagedMapError, match="is damaged on the disk"):
        integrity.check_map(path)
    path.unlink()
    with pytest.raises(DamagedMapError, match="no longer exists"):
        integrity.check_map(path)


def test_a_map_that_goes_while_it_is_served_is_noticed(build_folder):
    now = [0.0]
    looking = health.HealthCheck(health._verify_map, lambda: now[0])
    assert looking.check() == open_map.current_map().version

    open_map.current_map().path.unlink()
    now[0] = 1.0

    with pytest.raises(DamagedMapError):
        looking.check()
    small_map.publish(build_folder, text="new")
    assert looking.check() == open_map.current_map().version


@pytest.mark.usefixtures("build_folder")
def test_a_large_map_is_not_read_anew_for_each_that_asks():
    now, read = [0.0], []

    def check():
        read.append(now[0])
        now[0] += 5.0
        return open_map.current_map().version

    looking = health.HealthCheck(check, lambda: now[0])
    for _ in range(100):
        looking.check()
        now[0] += 1.0

    assert len(read) in {2, 3}


@pytest.mark.usefixtures("build_folder")
def test_what_is_found_is_written_once(monkeypatch):
    written = []
    monkeypatch.setattr(health.log, "log_event", lambda template, **params: written.append(template.format(**params)))
    monkeypatch.setattr(health, "_health", health.HealthCheck(health._verify_map, lambda: 0.0))
    version = open_map.current_map().version

    seen = health._log_changes(health._log_changes(""))
    damage(open_map.current_map().path)
    health._log_changes(health._log_changes(seen))

    assert written == [f"Serving the map {version}.", f"the map file {version}.duckdb is damaged on the disk"]


@pytest.fixture(scope="module", params=["whole", "part"])
def broken(request, tmp_path_factory):
    """A server of a damaged map, and its log."""
    folder = tmp_path_factory.mktemp("broken")
    path = small_map.publish(folder / "build")
    damage(path, HEADERS if request.param == "whole" else path.stat().st_size // 3)
    with small_map.serving(folder / "build", log=folder / "log") as address:
        yield address.removeprefix("http://"), folder / "log"


ask = partial(http_answer.ask, **{"Accept-Language": "es"})


def test_a_monitor_is_told_that_the_map_is_damaged(broken):
    answer = ask(broken[0], "/health")

    assert answer.status == 503
    assert "está dañado en el disco" in json.loads(answer.body)["why"]


def test_tiles_and_feeds_of_a_damaged_map_are_not_there_for_now(broken):
    assert ask(broken[0], "/tiles/map/9/149/270").status == 503
    assert ask(broken[0], "/feed/community/communities/1.atom").status == 503


def test_a_page_says_that_its_map_is_damaged_in_the_reader_s_language(broken):
    said = loop.run(page(broken[0]))

    assert "lindero build" in said
    assert "está dañado en el disco" in said or "no se puede leer" in said
    assert "app has encountered an error" not in said


def test_the_log_says_so_without_a_traceback(broken):
    log = broken[1].read_text()

    assert re.search(r"el archivo del mapa, \S+, está dañado en el disco", log)
    assert "Traceback" not in log
    assert "149" not in log


async def page(server):
    """What the first page says, as text."""
    async with connect(f"ws://{server}/_stcore/stream", subprotocols=["streamlit"], max_size=None) as connection:
        order = BackMsg()
        order.rerun_script.context_info.locale = "es-PE"
        await connection.send(order.SerializeToString())
        said = []
        while True:
            told = ForwardMsg.FromString(await connection.recv())
            said.append(str(told.delta.new_element.alert.body or told.delta.new_element.exception.message))
            if told.WhichOneof("type") == "script_finished":
                return "\n".join(said)


def test_without_a_map_there_is_none(tmp_path):
    open_map.use_folder(tmp_path)
    with pytest.raises(NotBuiltError, match="has no map yet"):
        health.HealthCheck(health._verify_map).check()


def test_a_monitor_is_told_how_many_sources_are_up_to_date_and_no_name(files):
    files.add("concessions", concessions(), id="minas", title="Catastro")
    build(files.space)
    open_map.use_folder(files.space.build_folder)
    request = Request({"type": "http", "headers": []})
    before = json.loads(loop.run(health.answer_health(request)).body)
    store_check(files.folder, SourceCheck("minas", dt.datetime.now(dt.UTC), "closed", reason="gone", failures=1))
    after = loop.run(health.answer_health(request)).body

    assert before.keys() == {"status", "map"}
    assert json.loads(after) == before | {"sources": {"current": 0, "late": 0, "failing": 1, "aside": 0}}
    assert not [word for word in ("minas", "Catastro", "gone") if word in after.decode()]
