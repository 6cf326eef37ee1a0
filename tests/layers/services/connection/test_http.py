"""Requests go where they were meant to, with patience and within limits."""

import socket
import ssl
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import replace

import pytest
import trustme

from lindero.layers.errors import AddressError, ServiceError, UnreachableError
from lindero.layers.services.connection import connections, url_guard
from lindero.layers.services.connection.http import HostClient, RequestSettings
from lindero.layers.services.connection.url_guard import add_params, is_public, parse_endpoint, resolve_host
from tests.web_stub import QUICK, Answered, serving

ELSEWHERE = "192.0.2.7"


def web(address, **changed):
    return HostClient(address, allow_private=True, manners=replace(QUICK, **changed))


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.9.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::", "::127.0.0.1",
        "240.0.0.1", "no address",
    ],
)  # fmt: skip
def test_addresses_of_this_machine_and_of_private_networks_are_told(address):
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "190.12.80.1", "2001:4860:4860::8888", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_public_addresses_are_told(address):
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/",
        "http://localhost:{port}/",
        "http://2130706433:{port}/",
        "http://0x7f.1:{port}/",
        "http://[::ffff:127.0.0.1]:{port}/",
    ],
)
def test_nothing_on_this_machine_is_asked_however_it_is_written(url):
    with serving(lambda *_: Answered(b"secret")) as (address, asked):
        url = url.format(port=address.rpartition(":")[2])
        with pytest.raises(ServiceError):
            HostClient(url, manners=QUICK).get(url)

    assert asked == []


def test_one_private_address_among_several_is_enough_to_refuse(monkeypatch):
    both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 80)) for one in ("8.8.8.8", "10.0.0.1")]
    monkeypatch.setattr(url_guard.socket, "getaddrinfo", lambda *_, **__: both)

    with pytest.raises(AddressError, match=r"example\.org is at 10\.0\.0\.1"):
        resolve_host("example.org", 80, allow_private=False)


def test_a_name_that_moves_after_it_was_checked_leads_nowhere_else(monkeypatch):
    """DNS rebinding: the name is resolved once, and every connection is made to what was checked."""
    with serving(lambda *_: Answered(b"here")) as (address, asked):
        port = int(address.rpartition(":")[2])
        resolved = []

        def resolve(host, port, **_):
            resolved.append(host)
            return [
                (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1" if len(resolved) == 1 else ELSEWHERE, port))
            ]

        monkeypatch.setattr(
            url_guard,
            "socket",
            type("S", (), {"getaddrinfo": staticmethod(resolve), "SOCK_STREAM": socket.SOCK_STREAM}),
        )
        reader = web(f"http://mapas.example:{port}/")
        for _ in range(3):
            assert reader.get(f"http://mapas.example:{port}/x") == b"here"

    assert resolved == ["mapas.example"]
    assert {headers["Host"] for _, _, headers in asked} == {f"mapas.example:{port}"}


@pytest.mark.parametrize(
    "target",
    [
        "http://192.0.2.7/x",
        "https://example.org/",
        "//example.org/x",
        "http://127.0.0.1:9/x",
        "file:///etc/passwd",
        "http://localhost:{port}/x",
    ],
)
def test_a_redirect_elsewhere_is_not_followed(target):
    with (
        serving(lambda *_: Answered(status=302, headers={"Location": target})) as (address, asked),
        pytest.raises(AddressError),
    ):
        web(address).get(f"{address}/start")

    assert len(asked) == 1


def test_a_redirect_at_the_host_is_followed_but_not_for_ever():
    def answer(path, *_):
        return (
            Answered(b"arrived")
            if path == "/end"
            else Answered(status=301, headers={"Location": "end" if path == "/start" else path})
        )

    with serving(answer) as (address, asked):
        assert web(address).get(f"{address}/start") == b"arrived"
        with pytest.raises(ServiceError, match="without end"):
            web(address).get(f"{address}/loop")
    assert len(asked) < 10


def test_a_refusal_that_may_pass_is_borne_with_patience():
    tried = []

    def answer(*_):
        tried.append(1)
        return Answered(b"ok") if len(tried) == 3 else Answered(status=503, headers={"Retry-After": "0"})

    with serving(answer) as (address, _):
        assert web(address).get(address) == b"ok"


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (404, "refused the request: 404"),
        (400, "refused the request: 400"),
        (401, "requires an account"),
        (403, "requires an account"),
    ],
)
def test_a_refusal_that_will_not_pass_is_said_at_once(status, message):
    with serving(lambda *_: Answered(status=status)) as (address, asked), pytest.raises(ServiceError, match=message):
        web(address).get(address)
    assert len(asked) == 1


def test_a_host_that_is_not_there_is_said():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(ServiceError, match="did not send a complete answer in 4 tries"):
        web(f"http://127.0.0.1:{port}/").get(f"http://127.0.0.1:{port}/")
    with pytest.raises(ServiceError, match="was not found; check its name and your network"):
        HostClient("http://no-such-host.invalid/", manners=QUICK).get("http://no-such-host.invalid/")


def test_too_much_is_not_taken_also_when_it_is_packed():
    import gzip

    body = gzip.compress(b"0" * 5_000_000)
    with (
        serving(lambda *_: Answered(body, headers={"Content-Encoding": "gzip"})) as (address, _),
        pytest.raises(ServiceError, match="sent more than 1 MB in one answer"),
    ):
        web(address, largest_answer_bytes=1024**2).get(address)


def test_a_silent_host_is_not_waited_for_without_end():
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        with pytest.raises(ServiceError, match="2 tries"):
            web(url, silence_s=0.1, tries=2).get(url)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/a",
        "example.org/a",
        "file:///etc/passwd",
        "http:///x",
        "http://user:secret@example.org/",
        "javascript:alert(1)",
    ],
)
def test_what_is_no_address_of_the_web_is_refused(url):
    with pytest.raises(AddressError) as refused:
        parse_endpoint(url)
    assert "secret" not in str(refused.value)


def test_a_service_is_told_who_asks_and_no_more():
    with serving(lambda *_: Answered(b"x")) as (address, asked):
        HostClient(address, allow_private=True, referer="https://visor.example/", manners=QUICK).get(address)
    headers = asked[0][2]

    assert headers["User-Agent"].startswith("Lindero/")
    assert headers["Referer"] == "https://visor.example/"
    assert set(headers) == {"Host", "User-Agent", "Accept", "Accept-Encoding", "Referer"}


def test_no_proxy_of_the_environment_is_used(monkeypatch):
    monkeypatch.setenv("http_proxy", f"http://{ELSEWHERE}:3128")
    with serving(lambda *_: Answered(b"direct")) as (address, _):
        assert web(address).get(address) == b"direct"


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


def tls(authority, name):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


def test_a_server_that_cannot_prove_its_name_is_not_believed(authority):
    with (
        serving(lambda *_: Answered(b"x"), tls=tls(authority, "127.0.0.1")) as (address, asked),
        pytest.raises(ServiceError, match=r"127\.0\.0\.1 could not prove its identity"),
    ):
        web(address).get(address)
    assert asked == []


@pytest.mark.parametrize("name", ["mapas.example", "otro.example"])
def test_the_certificate_is_held_to_the_name_and_not_to_the_address(authority, name, monkeypatch):
    trusted = ssl.create_default_context()
    authority.configure_trust(trusted)
    monkeypatch.setattr(connections, "_trust", lambda: trusted)
    monkeypatch.setattr(connections, "resolve_host", lambda *_, **__: ["127.0.0.1"])
    with serving(lambda *_: Answered(b"x"), tls=tls(authority, "mapas.example")) as (address, _):
        url = f"https://{name}:{address.rpartition(':')[2]}/"
        if name == "mapas.example":
            assert web(url).get(url) == b"x"
        else:
            with pytest.raises(ServiceError, match=r"otro\.example could not prove its identity"):
                web(url).get(url)


@pytest.fixture(scope="module")
def chain(tmp_path_factory):
    """A server that sends its own certificate and leaves out who vouches for it; a file of those that are missing."""
    root = trustme.CA()
    between = root.create_child_ca()
    own = between.issue_cert("127.0.0.1")
    folder = tmp_path_factory.mktemp("chain")
    for name, blobs in {"own": own.cert_chain_pems[:1], "missing": [between.cert_pem, root.cert_pem]}.items():
        folder.joinpath(f"{name}.pem").write_bytes(b"".join(blob.bytes() for blob in blobs))
    own.private_key_pem.write_to_path(folder / "key.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "own.pem", folder / "key.pem")
    return context, folder / "missing.pem"


def test_a_broken_chain_is_refused_with_what_to_do(chain):
    with (
        serving(lambda *_: Answered(b"x"), tls=chain[0]) as (address, asked),
        pytest.raises(ServiceError, match=r"give the file with --ca-file FILE\.pem"),
    ):
        web(address).get(address)
    assert asked == []


def test_what_a_chain_lacks_can_be_given_and_the_name_is_still_held(chain, monkeypatch):
    monkeypatch.setattr(connections, "resolve_host", lambda *_, **__: ["127.0.0.1"])
    with serving(lambda *_: Answered(b"x"), tls=chain[0]) as (address, _):
        assert HostClient(address, allow_private=True, manners=QUICK, ca_file=chain[1]).get(address) == b"x"
        other = f"https://otro.example:{address.rpartition(':')[2]}/"
        with pytest.raises(ServiceError, match=r"otro\.example could not prove its identity"):
            HostClient(other, allow_private=True, manners=QUICK, ca_file=chain[1]).get(other)


@pytest.mark.parametrize("content", [None, b"no certificate"])
def test_a_file_that_holds_no_certificates_is_refused(content, tmp_path):
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ServiceError, match=r"no certificates \(PEM\) could be read from"):
        HostClient("https://mapas.example/", ca_file=file)


def test_what_was_asked_in_safety_is_not_asked_without(authority, monkeypatch):
    """A server behind a proxy names itself with http://: it is asked with https even so."""
    trusted = ssl.create_default_context()
    authority.configure_trust(trusted)
    monkeypatch.setattr(connections, "_trust", lambda: trusted)

    def answer(path, *_):
        return (
            Answered(b"safe")
            if path == "/end"
            else Answered(status=302, headers={"Location": f"http://127.0.0.1:{port}/end"})
        )

    with serving(answer, tls=tls(authority, "127.0.0.1")) as (address, _):
        port = address.rpartition(":")[2]
        assert web(address).get(address) == b"safe"


def test_a_download_goes_on_where_it_broke_off(tmp_path):
    content = bytes(range(256)) * 2_000
    ranges = []

    def answer(_, __, headers):
        begun = int(headers.get("Range", "bytes=0-").removeprefix("bytes=").rstrip("-"))
        ranges.append(begun)
        rest = content[begun:]
        stated = {"ETag": '"v1"', "Content-Range": f"bytes {begun}-{len(content) - 1}/{len(content)}"}
        return Answered(rest, 206 if begun else 200, stated, cut=len(ranges) < 3)

    with serving(answer) as (address, _):
        web(address).save(address, tmp_path / "a.bin")

    assert (tmp_path / "a.bin").read_bytes() == content
    assert ranges[0] == 0 < ranges[1] < ranges[2]
    assert [path.name for path in tmp_path.iterdir()] == ["a.bin"]


def test_a_download_that_changed_meanwhile_is_begun_anew(tmp_path):
    versions = [b"1" * 300_000, b"2" * 300_000]
    asked = []

    def answer(_, __, headers):
        asked.append(headers.get("If-Range"))
        version = versions[len(asked) > 1]
        return Answered(version, headers={"ETag": f'"{version[:1].decode()}"'}, cut=len(asked) == 1)

    with serving(answer) as (address, _):
        web(address).save(address, tmp_path / "a.bin")

    assert (tmp_path / "a.bin").read_bytes() == versions[1]
    assert asked == [None, '"1"']


def test_a_file_that_is_too_large_is_not_taken(tmp_path):
    with (
        serving(lambda *_: Answered(b"0" * 3_000_000)) as (address, _),
        pytest.raises(ServiceError, match="more than 1 MB"),
    ):
        web(address, largest_file_bytes=1024**2).save(address, tmp_path / "a")


@pytest.mark.parametrize(
    ("url", "params", "expected"),
    [
        (
            "http://a/b?map=x&SERVICE=WFS",
            {"service": "WFS", "version": "2.0.0"},
            "http://a/b?map=x&service=WFS&version=2.0.0",
        ),
        ("http://a/b", {}, "http://a/b"),
        ("http://a/b#part", {"q": "Ñ > 1"}, "http://a/b?q=%C3%91+%3E+1"),
    ],
)
def test_parameters_are_added_to_those_that_an_address_has(url, params, expected):
    assert add_params(url, params) == expected


def test_a_polite_asker_waits_between_requests(monkeypatch):
    from lindero.layers.services.connection import http as module

    waited = []
    monkeypatch.setattr(module.time, "sleep", waited.append)
    with serving(lambda *_: Answered(b"x")) as (address, _):
        reader = HostClient(address, allow_private=True, manners=RequestSettings(between_s=30.0))
        reader.get(address)
        reader.get(address)

    assert max(waited) > 20


@contextmanager
def dripping(head):
    """Serve `head` at once, then a byte every few milliseconds for as long as the client listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip():
            with suppress(OSError):
                while True:
                    opened, _ = server.accept()
                    with opened, suppress(OSError):
                        opened.sendall(head)
                        while True:
                            opened.sendall(b"x")
                            time.sleep(0.02)

        threading.Thread(target=drip, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX-Endless: ",
    ],
    ids=["body", "body without length", "header"],
)
def test_a_server_that_sends_a_byte_now_and_then_ends_at_the_deadline(head, tmp_path):
    with dripping(head) as address:
        for fetch in (lambda client: client.get(address), lambda client: client.save(address, tmp_path / "file")):
            with pytest.raises(UnreachableError, match="did not send everything within 0 minutes"):
                fetch(web(address, longest_s=0.3))
        with pytest.raises(ServiceError):
            web(address, longest_s=0.3).post(address, b"{}", kind="application/json")
