"""No byte of a digest, in any form and for any watch, is a value that `lindero publish` does not publish."""

import base64
import re
from dataclasses import replace

import pytest
import shapely

from lindero.app.answers.changes.event_places import EventPlace
from lindero.app.media.site.findings import find_leaks
from lindero.app.media.site.release import publish_release
from lindero.app.watch.digest import digest as digests
from lindero.app.watch.digest.render import render_digest
from lindero.layers.disk import builds
from lindero.layers.publish import leak_scan, rules
from lindero.layers.vault import vault_file
from lindero.layers.watch.watches_file import FORMS
from tests.digest_world import (
    AREAS,
    CANARY,
    OWN_AREA,
    TODAY,
    choose_events,
    compose,
    list_events,
    list_watches,
    make_world,
    open_published,
)

_EMBEDDED = re.compile(rb"base64,([A-Za-z0-9+/=]+)")
_WORD = re.compile(r"\w{3}")
PROGRAM = frozenset({"Ucayali"})  # a word of the program: the pocket map names the regions


@pytest.fixture(scope="module")
def watched(tmp_path_factory):
    root = tmp_path_factory.mktemp("digest")
    space, held = make_world(root)
    with open_published(space) as published:
        yield space, held, published


def contents(folder):
    """The bytes of all files of a folder, and of everything packed in them."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        for _name, data in leak_scan.iter_contents(path):
            yield data
            yield from (base64.b64decode(part) for part in _EMBEDDED.findall(data))


def write_all(folder, digest):
    """Write a digest in every form."""
    for form in FORMS:
        for name, content in render_digest(digest, form).items():
            path = folder / f"{digest.id}-{form}" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def private_texts(space, held):
    """Every text of the map, of the vault and of the files of the watch."""
    texts = set()
    with vault_file.open_vault(held) as con:
        received = [
            str(value) for _row, fields in leak_scan.iter_received_rows(con, private=True) for value in fields.values()
        ]
    for _name, table in leak_scan.iter_tables(*read(builds.current_map(space.build_folder))):
        for column in table.column_names:
            texts |= {value for value in table[column].to_pylist() if isinstance(value, str)}
    for path in (space.folder / "watches.toml", space.folder / "watch" / "checks.json"):
        texts |= set(re.findall(r'"([^"]+)"', path.read_text(encoding="utf-8")))
    return {value for value in (*texts, *received) if len(value) >= leak_scan.SHORTEST and _WORD.search(value)}


def read(path):
    return path, path.read_bytes()


@pytest.fixture(scope="module")
def written(watched, tmp_path_factory):
    """All digests of all watches, and for each one that has nothing to tell."""
    space, _held, published = watched
    folder = tmp_path_factory.mktemp("written")
    states, pocket_maps = dict.fromkeys(published[0].new_sources, "failing"), {}
    events = list_events(space, published)
    for watch in list_watches():
        mine = choose_events(space, watch, events)
        told = compose(space, watch, published, mine, states=states, needs_confirmation=True, pocket_maps=pocket_maps)
        assert told.events
        write_all(folder / "told", told)
        write_all(folder / "nothing", compose(space, watch, published, [], states=states))
    return folder


def test_every_form_was_written(written):
    names = {path.suffix for path in written.rglob("*") if path.is_file()}
    assert names == {".txt", ".html", ".ics", ".kml", ".atom"}
    assert len(list(written.rglob("lindero-*.html"))) == 4
    assert len(list(written.iterdir())) * len(AREAS) * 2 * len(FORMS) == len(list(written.glob("*/*")))


def test_no_canary_is_in_any_byte(written):
    spellings = [CANARY.encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be")]
    assert [word for data in contents(written) for word in spellings if word in data.lower()] == []


def test_no_private_value_is_in_any_byte(watched, written, tmp_path):
    space, held, _published = watched
    publish_release(space, None, tmp_path / "published", today=TODAY, prove=lambda _new: None)
    public, told = (b"\0".join(contents(place)) for place in (tmp_path / "published", written))
    private = {value for value in private_texts(space, held) if value.encode() not in public}

    assert len(private) > 40
    assert sum(CANARY in value for value in private) > 15
    assert [value for value in private if value.encode() in told and value not in PROGRAM] == []


def test_no_place_of_the_vault_or_of_an_own_area_is_in_any_byte(watched, written):
    files = [path for path in written.rglob("*") if path.is_file()]
    corners = {repr(round(value, 6)).encode() for value in shapely.get_coordinates(shapely.from_wkt(OWN_AREA)).flat}

    assert find_leaks(files, watched[1])[0] == []
    assert len(corners) == 4
    assert not any(corner in data for data in contents(written) for corner in corners)


@pytest.fixture(scope="module")
def tampered(watched):
    """Events with a canary in each text, as they would be if another module let one through."""
    space, _held, published = watched
    place = EventPlace("communities", f"{CANARY}-id", f"{CANARY}-lugar", 1.0, 1.0)
    told = {name: f"{CANARY}-{name}" for name in ("id", "name", "holder", "source_title", "publisher")}
    return [
        replace(event, **told, places=(place, *event.places))
        for event in list_events(space, published)
        if event.kind not in {"gone", "case"}
    ]


def test_a_text_that_another_module_lets_through_is_replaced(watched, tampered, tmp_path):
    space, _held, published = watched
    for watch in list_watches()[::2]:
        write_all(tmp_path, compose(space, watch, published, tampered))
    assert not any(CANARY.encode() in data for data in contents(tmp_path))


def test_the_search_finds_such_a_text(watched, tampered, monkeypatch):
    space, _held, published = watched
    monkeypatch.setattr(
        digests, "publish_events", lambda _pub, events, _new_id: [(event.id, event) for event in events]
    )
    for form in FORMS:
        told = compose(space, list_watches()[0], published, tampered)
        files = render_digest(told, form)
        assert all(CANARY in str(content) for name, content in files.items() if not name.startswith("lindero-"))


def test_a_column_that_is_not_published_is_not_told(watched, monkeypatch, tmp_path):
    space = watched[0]
    columns = tuple(name for name in rules.PUBLISHED["concessions"] if name != "holder")
    monkeypatch.setitem(rules.PUBLISHED, "concessions", columns)
    with open_published(space) as published:
        for watch in list_watches():
            write_all(tmp_path, compose(space, replace(watch, form="text"), published, list_events(space, published)))
    told = b"\0".join(contents(tmp_path))
    assert b"El Tingo" in told
    assert not any(name.encode() in told for name in ("Compañía Minera", "Nueva Esperanza", "Ñahui"))


def test_events_of_layers_and_sources_that_are_not_published_are_left_out(watched):
    space, _held, published = watched
    (event, *_rest) = list_events(space, published)
    watch = list_watches()[0]
    for other in (replace(event, source_id="unknown"), replace(event, layer="victims"), replace(event, kind="case")):
        assert compose(space, watch, published, [other]).event_ids == ()
    assert compose(space, watch, published, [event]).event_ids == (event.id,)


def test_ids_are_hashed_with_the_salt_of_the_workspace(watched):
    space, _held, published = watched
    watch = replace(list_watches()[0], form="text")
    events = list_events(space, published)
    once, again = (compose(space, watch, published, events) for _time in range(2))
    ids = {once.id, *(event.id for event in once.events)}

    assert ids == {again.id, *(event.id for event in again.events)}
    assert ids.isdisjoint({event.id for event in events})
    (space.folder / "watch" / "salt").unlink()
    assert ids.isdisjoint({event.id for event in compose(space, watch, published, events).events})
