import datetime as dt
import re
import uuid
from urllib.parse import urljoin, urlsplit
from xml.etree import ElementTree as ET

import pytest
from starlette.requests import Request

from lindero.app.answers.changes import feed, watchlist
from lindero.app.answers.changes.events import EVENT_KINDS, list_register_events
from lindero.app.answers.changes.register_changes import change_reports, compare_all_snapshots
from lindero.app.media.pages.current import open_map
from lindero.app.serving.routes import feed as feed_route
from lindero.app.text import i18n
from lindero.layers.database import map_database
from lindero.layers.watch.source_checks import SourceCheck, store_check
from tests import small_map
from tests.app.serving.test_server import ask
from tests.built import build
from tests.files import concessions

A = f"{{{feed.ATOM}}}"
COMMUNITY = "community/demo-communities/INV-COM-CUS-008"
PAYLOAD = "<script>x()</script> & ]]> \x0b\ufffe 'q' \"q\" <a href='http://192.0.2.1'>"


def held_to_rfc_4287(written: bytes) -> ET.Element:
    """Parse a feed and hold it to what RFC 4287 says that it must be."""
    root = ET.fromstring(written)
    assert root.tag == f"{A}feed"
    for holder in (root, *root.iter(f"{A}entry")):
        for name in ("id", "title", "updated"):
            assert len(holder.findall(f"{A}{name}")) == 1, name
        assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", holder.findtext(f"{A}id"))
        assert dt.datetime.fromisoformat(holder.findtext(f"{A}updated")).tzinfo is not None
    assert [author.findtext(f"{A}name") for author in root.findall(f"{A}author")] == ["Lindero"]
    ids = [entry.findtext(f"{A}id") for entry in root.iter(f"{A}entry")]
    assert len(set(ids)) == len(ids)
    for entry in root.iter(f"{A}entry"):
        assert entry.find(f"{A}content").get("type") == "text"  # without a link, an entry must have content
        assert entry.find(f"{A}category").get("term")
    known = {"feed", "title", "id", "updated", "author", "name", "link", "entry", "category", "content", "subtitle"}
    assert {element.tag.removeprefix(A) for element in root.iter()} <= known
    return root


@pytest.fixture(scope="module")
def server(demonstration):
    with small_map.serving(demonstration[0] / "build") as address:
        yield address.removeprefix("http://")


@pytest.mark.parametrize("key", [COMMUNITY, "region/PE-CAJ"])
@pytest.mark.parametrize("language", i18n.languages())
def test_a_feed_is_atom_and_has_an_entry_for_every_change_on_the_ground(server, demonstration, key, language):
    answer = ask(server, f"/feed/{key}.atom?lang={language}")
    root = held_to_rfc_4287(answer.body)
    report = change_reports(demonstration[1], since="2025-01-01")[0]
    concerned = report.rows[watchlist.is_watched_change(report, watchlist.find_watched_places(demonstration[1], [key]))]
    records = concerned[concerned["change"] != "holder_respelt"].drop_duplicates(["before_id", "after_id"])

    assert answer.headers["content-type"].startswith("application/atom+xml")
    terms = [entry.find(f"{A}category").get("term") for entry in root.findall(f"{A}entry")]
    assert sum(term in EVENT_KINDS[:6] for term in terms) == len(records) > 0
    assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == language
    assert root.findtext(f"{A}updated") == "2026-06-30T00:00:00Z"


def test_the_language_asked_for_by_the_reader_is_spoken(server):
    answer = ask(server, f"/feed/{COMMUNITY}.atom", **{"Accept-Language": "en-GB;q=0.8, fr"})

    assert b"Latest changes: Maychuyacu" in answer.body


def test_a_feed_stays_on_this_machine_and_tells_no_coordinates(server):
    path = "/feed/region/PE-CAJ.atom"
    answer = ask(server, path)
    links = [link.get("href") for link in ET.fromstring(answer.body).iter(f"{A}link")]

    assert [urlsplit(urljoin(f"http://localhost{path}", href)).path for href in links] == [path]
    assert re.findall(r"https?://[^\"<\s]+", answer.body.decode()) == [feed.ATOM]
    assert not re.search(r"-\d{1,2}\.\d{3,}", answer.body.decode())
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "default-src 'self'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("path", ["region/XX", "community/nothing", "region/PE-CAJ/x", "../health", "community/%00"])
def test_what_is_not_on_the_map_has_no_feed(server, path):
    assert ask(server, f"/feed/{path}.atom").status in {400, 404}


def test_an_address_of_before_leads_to_the_feed_of_now(server):
    answer = ask(server, "/feed/community/demo-communities/2026-06-30/INV-COM-CUS-008.atom?lang=es")

    assert (answer.status, answer.headers["location"]) == (308, f"/feed/{COMMUNITY}.atom?lang=es")


def test_without_a_map_there_is_no_feed_yet(tmp_path):
    with small_map.serving(tmp_path) as address:
        assert ask(address.removeprefix("http://"), "/feed/region/PE-CAJ.atom").status == 503


@pytest.fixture
def changing(files):
    """Give a workspace in which a title came to one community's land between two days, and its map."""
    files.add("communities", concessions(2).drop(columns=["holder", "status"]), id="land")
    files.add("concessions", concessions(1), id="cadastre", snapshot_on="2020-01-01")
    files.add("concessions", concessions(2, name=["A", PAYLOAD]), id="cadastre", snapshot_on="2021-01-01")
    return files, map_database.connect(build(files.space).path)


def write(con, *keys) -> bytes:
    reports = compare_all_snapshots(con)
    told = list_register_events(con, None, dt.date(2026, 11, 30), reports=reports)
    return feed.write_place_feed(con, watchlist.find_watched_places(con, keys), told, reports)


def written(con, *keys) -> ET.Element:
    return held_to_rfc_4287(write(con, *keys))


def test_text_of_strangers_is_text(changing):
    title = written(changing[1], "community/land/C2").findtext(f"{A}entry/{A}title")

    said = PAYLOAD.replace("\x0b", "").replace("\ufffe", "")  # left out when the file is read
    assert title == f"New concession: {said}"


def test_entries_keep_their_ids_when_a_later_snapshot_comes(changing):
    files, con = changing
    before = [entry.findtext(f"{A}id") for entry in written(con, "community/land/C2").iter(f"{A}entry")]

    files.add("concessions", concessions(1), id="cadastre", snapshot_on="2022-01-01")
    after = [
        (entry.findtext(f"{A}id"), entry.find(f"{A}category").get("term"))
        for entry in written(map_database.connect(build(files.space).path), "community/land/C2").iter(f"{A}entry")
    ]

    assert len(before) == 1
    assert [term for _id, term in after] == ["gone", "new"]
    assert after[1][0] == before[0]


def test_entries_have_the_ids_of_the_first_feeds(changing):
    """Feed readers of years ago must not show a change again: the form of these ids is never changed."""
    parts = ["cadastre", "2021-01-01", "new", "cadastre/2021-01-01/C2"]
    entry_id = uuid.uuid5(uuid.uuid5(uuid.NAMESPACE_URL, "tag:lindero,2026:feed"), "/".join(parts))

    assert written(changing[1], "community/land/C2").findtext(f"{A}entry/{A}id") == f"urn:uuid:{entry_id}"


def test_a_feed_says_how_recent_each_register_is(changing):
    assert "cadastre: as of January 1, 2021." in written(changing[1], "community/land/C2").findtext(f"{A}subtitle")


def test_a_served_feed_says_when_each_register_was_last_checked(changing):
    files, _con = changing
    checked_at = dt.datetime.now(dt.UTC)
    store_check(files.folder, SourceCheck("cadastre", checked_at, "complete", complete_at=checked_at))
    open_map.use_folder(files.space.build_folder)

    subtitle = ET.fromstring(asked("community/land/C2").body).findtext(f"{A}subtitle")

    assert "cadastre: as of January 1, 2021; last checked on " in subtitle


def test_a_feed_of_any_events_has_a_title_and_a_link(changing):
    told = list_register_events(changing[1], None, dt.date(2026, 11, 30))

    root = held_to_rfc_4287(
        feed.write_feed("Mine", told, recency=["x: as of today"], updated=dt.date(2026, 1, 1), self_link="x.atom")
    )

    assert (root.findtext(f"{A}title"), root.findtext(f"{A}subtitle")) == ("Mine", "x: as of today.")
    assert len(root.findall(f"{A}entry")) == len(told) > 0


def test_a_community_on_whose_land_nothing_changed_has_a_feed_without_entries(changing):
    root = written(changing[1], "community/land/C1")

    assert root.find(f"{A}entry") is None
    assert root.findtext(f"{A}updated") == "2021-01-01T00:00:00Z"


def asked(key):
    scope = {"type": "http", "path_params": {"key": key}, "query_string": b"lang=en", "headers": []}
    return feed_route.answer_feed(Request(scope))


def test_a_feed_of_what_has_gone_says_so_and_what_took_its_place(files):
    land = concessions(2).drop(columns=["holder", "status"]).assign(name=["Quinua", "Sola"])
    later = land.assign(name=["Otra Quinua", "Sola"], code=["N1", "C2"])
    files.add("communities", land.iloc[:1], id="land", snapshot_on="2025-01-01")
    files.add("communities", later, id="land", snapshot_on="2026-01-01")
    build(files.space)
    open_map.use_folder(files.space.build_folder)
    answer = asked("community/land/C1")

    assert answer.status_code == 410
    assert answer.media_type == "text/plain"
    assert "Quinua has not been on the map since January 1, 2026" in answer.body.decode()
    assert "Now in the same place: Otra Quinua /feed/community/land/N1.atom" in answer.body.decode()


def test_a_feed_of_what_the_map_never_knew_says_so(changing):
    open_map.use_folder(changing[0].space.build_folder)
    answer = asked("community/land/Nobody")

    assert answer.status_code == 404
    assert "Nothing on this map has the identifier community/land/Nobody" in answer.body.decode()
