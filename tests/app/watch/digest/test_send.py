"""Messages of the outbox arrive once; what certainly failed is told apart from what may have arrived."""

import datetime as dt
import json
import ssl
import sys
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import trustme
from aiosmtpd.smtp import AuthResult

from lindero.app.watch.digest import send
from lindero.app.watch.digest.send import choose_sender, send_outbox, send_outbox_message
from lindero.layers.errors import KeyNotGivenError, LayerError, NotReachedError, SendError
from lindero.layers.vault import journal, vault_file
from lindero.layers.vault.key_derivation import Key
from lindero.layers.vault.vault_file import Vault
from lindero.layers.watch.outbox import (
    GIVEN_UP,
    MAX_ATTEMPTS,
    MAX_UNREACHED,
    SENT,
    TO_SEND,
    UNSURE,
    OutboxMessage,
    encode_parts,
    list_messages,
    put_message,
)
from lindero.layers.watch.watches_file import MailSettings
from tests.mail_server import mail_server

NOW = dt.datetime(2026, 11, 30, 6, tzinfo=dt.UTC)
FILES = {
    "sms.txt": "El Tingo: 2 cambios",
    "message.txt": "En El Tingo hay dos concesiones nuevas (ñ).\n",
    "message.html": "<p>En El Tingo hay dos concesiones nuevas (ñ).</p>\n",
    "dates.ics": "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
    "places.kml": "<kml/>",
    "feed.atom": "<feed/>",  # for a program, not for a person
    "mapa.zip": b"PK\x00\xff",
}
MESSAGE = OutboxMessage(
    "El Tingo",
    "2026-11-30",
    "email:ana@example.org",
    "es",
    events=("e1",),
    parts=encode_parts(FILES),
    changed_at=NOW,
    title="El Tingo:\n2 cambios – ñ",
)


@pytest.fixture
def box():
    with mail_server() as box:
        yield box


def settings(box, **values):
    return MailSettings(
        **{"server": "127.0.0.1", "sender": "mapa@example.org", "port": box.port, "security": "none"} | values
    )


def sent(folder, box):
    """Put a message into the outbox, send all, and return it as it is stored then."""
    put_message(folder, MESSAGE)
    send_outbox(folder, settings(box), NOW)
    return list_messages(folder)[0]


def test_an_accepted_message_is_sent_with_text_page_and_files(tmp_path, box):
    message = sent(tmp_path, box)
    ((to, mail),) = box.mails

    assert (message.state, message.parts, to) == (SENT, {}, ["ana@example.org"])
    assert (mail["Subject"], mail["From"], mail["To"]) == (
        "El Tingo: 2 cambios – ñ",
        "mapa@example.org",
        "ana@example.org",
    )
    assert mail["Content-Language"] == "es"
    assert mail["Message-ID"] == f"<{message.id}@example.org>"
    assert mail.get_body(("plain",)).get_content().strip() == FILES["message.txt"].strip()
    assert mail.get_body(("html",)).get_content().strip() == FILES["message.html"].strip()
    attached = {part.get_filename(): (part.get_content_type(), part.get_content()) for part in mail.iter_attachments()}
    assert {name: kind for name, (kind, _content) in attached.items()} == {
        "sms.txt": "text/plain",
        "dates.ics": "text/calendar",
        "places.kml": "application/vnd.google-earth.kml+xml",
        "mapa.zip": "application/zip",
    }
    assert attached["mapa.zip"][1] == FILES["mapa.zip"]


def test_without_a_title_the_subject_is_not_the_name_of_the_watch():
    assert send.build_mail(replace(MESSAGE, title="", id="m1"), "mapa@example.org", NOW)["Subject"] == ""


def test_nothing_is_sent_twice_however_often_it_is_asked_for(tmp_path, box):
    sent(tmp_path, box)
    again = sent(tmp_path, box)

    assert len(box.mails) == 1
    assert send_outbox_message(tmp_path, again, settings(box), NOW, again=True) is None
    assert len(box.mails) == 1


@pytest.mark.parametrize("behaviour", ["refuse recipient", "refuse DATA", "554 spam"])
def test_a_refused_message_is_to_send_again_until_it_is_given_up(tmp_path, box, behaviour):
    box.behaviour = behaviour
    states = [sent(tmp_path, box).state for _ in range(MAX_ATTEMPTS + 1)]
    (message,) = list_messages(tmp_path)

    assert states == [TO_SEND] * (MAX_ATTEMPTS - 1) + [GIVEN_UP] * 2
    assert (message.attempts, box.mails) == (MAX_ATTEMPTS, [])
    assert {"refuse recipient": "550", "refuse DATA": "451", "554 spam": "554"}[behaviour] in message.error


@pytest.mark.parametrize(
    ("behaviour", "arrived"), [("drop in the middle", 0), ("hang up before the answer", 1), ("451 later", 0)]
)
def test_a_failure_after_the_first_byte_is_unsure_and_not_repeated_unasked(tmp_path, box, behaviour, arrived):
    box.behaviour = behaviour
    message = sent(tmp_path, box)
    box.behaviour = ""
    later = sent(tmp_path, box)

    assert (message.state, later, len(box.mails)) == (UNSURE, message, arrived)
    assert "did not confirm" in message.error
    assert send_outbox_message(tmp_path, message, settings(box), NOW, again=True).state == SENT
    assert len({mail["Message-ID"] for _to, mail in box.mails}) == 1
    assert len(box.mails) == arrived + 1


def test_without_a_network_a_message_waits_for_weeks_and_is_not_given_up(tmp_path):
    with mail_server() as gone:
        account = settings(gone)
    put_message(tmp_path, MESSAGE)
    for _ in range(21):
        (message,) = send_outbox(tmp_path, account, NOW).messages

    assert (message.state, message.attempts, "127.0.0.1" in message.error) == (TO_SEND, MAX_UNREACHED, True)
    with pytest.raises(NotReachedError):
        choose_sender(message.recipient, account)(message, NOW)


def test_one_recipient_that_fails_does_not_stop_the_others(tmp_path, box):
    for recipient in ("email:ñandú@example.org", "email:luz@example.org", "json://"):
        put_message(tmp_path, replace(MESSAGE, recipient=recipient))
    report = send_outbox(tmp_path, settings(box), NOW)

    assert sorted((message.recipient, message.state) for message in report.messages) == [
        ("email:luz@example.org", SENT),
        ("email:ñandú@example.org", TO_SEND),
    ]
    assert len(report.problems) == 1


@pytest.mark.parametrize(("file", "state"), [("ca.pem", SENT), (None, TO_SEND)])
def test_the_mail_server_may_have_a_certificate_of_a_further_authority(tmp_path, file, state):
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    with mail_server(tls_context=context, require_starttls=True) as box:
        put_message(tmp_path, MESSAGE)
        account = settings(box, server="localhost", security="starttls")
        report = send_outbox(tmp_path, account, NOW, ca_file=file and tmp_path / file)

    assert [message.state for message in report.messages] == [state], report


@pytest.mark.parametrize("values", [{"password_file": "key"}, {}])
def test_the_mail_is_encrypted_and_the_password_comes_from_a_private_file_or_the_environment(
    tmp_path, monkeypatch, values
):
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    key = tmp_path / "key"
    key.write_text("s3cret\n")
    key.chmod(0o600)
    monkeypatch.setenv(send.MAIL_PASSWORD, "" if values else "s3cret")
    send._read_variable.cache_clear()
    logins = []

    def check(_server, _session, _envelope, _mechanism, data):
        logins.append((data.login, data.password))
        return AuthResult(success=True)

    how = {"tls_context": context, "require_starttls": True, "authenticator": check, "auth_required": True}
    with mail_server(**how) as box:
        account = settings(box, server="localhost", security="starttls", user="mapa")
        account = replace(account, **{name: str(tmp_path / value) for name, value in values.items()})
        put_message(tmp_path, MESSAGE)
        put_message(tmp_path, replace(MESSAGE, digest="2026-12-07"))
        report = send_outbox(tmp_path, account, NOW)
        assert [message.state for message in report.messages] == [SENT, SENT], report
        with pytest.raises(SendError, match="CERTIFICATE"):
            choose_sender(MESSAGE.recipient, replace(account, server="127.0.0.1"))(replace(MESSAGE, id="x"), NOW)
        assert set(logins) == {(b"mapa", b"s3cret")}
        with pytest.raises(SendError, match="unencrypted"):
            choose_sender(MESSAGE.recipient, replace(account, security="none"))(MESSAGE, NOW)
    send._read_variable.cache_clear()


@pytest.mark.parametrize(
    ("account", "says"),
    [
        (None, "watches.toml"),
        ({"user": "mapa", "security": "tls"}, "LINDERO_MAIL_PASSWORD"),
        ({"user": "mapa", "security": "tls", "password_file": "open"}, "chmod"),
    ],
)
def test_what_is_not_set_up_is_said_and_costs_no_attempt(tmp_path, monkeypatch, account, says):
    if sys.platform == "win32" and says == "chmod":
        pytest.skip("Windows has no file modes")
    monkeypatch.delenv(send.MAIL_PASSWORD, raising=False)
    send._read_variable.cache_clear()
    key = tmp_path / "open"
    key.write_text("s3cret")
    key.chmod(0o644)
    if account:
        files = {"password_file": str(key)} if "password_file" in account else {}
        account = MailSettings("127.0.0.1", "mapa@example.org", **account | files)
    put_message(tmp_path, MESSAGE)
    report = send_outbox(tmp_path, account, NOW)
    (message,) = list_messages(tmp_path)

    assert (report.messages, message.state, message.attempts) == ((), TO_SEND, 0)
    assert says in report.problems[0]
    with pytest.raises((KeyNotGivenError, SendError)):
        choose_sender(message.recipient, account)(message, NOW)


class Web(BaseHTTPRequestHandler):
    def do_POST(self):
        self.server.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        if self.server.code is None:
            self.connection.close()
            return
        self.send_response(self.server.code)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def web():
    with ThreadingHTTPServer(("127.0.0.1", 0), Web) as server:
        server.code, server.bodies = 200, []
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def by_web(folder, port):
    put_message(folder, replace(MESSAGE, recipient=f"json://ana:s3cret@127.0.0.1:{port}/tingo?retry=3"))
    send_outbox(folder, None, NOW)
    return list_messages(folder)[0]


def test_apprise_sends_the_text_and_the_files(tmp_path, web):
    message = by_web(tmp_path, web.server_port)
    (body,) = web.bodies

    assert message.state == SENT
    assert body["message"].strip() == FILES["message.txt"].strip()
    assert "2 cambios – ñ" in body["title"]
    assert {file["filename"] for file in body["attachments"]} == FILES.keys() - {"message.txt", "feed.atom"}


@pytest.mark.parametrize("code", [500, None])
def test_what_a_channel_does_not_confirm_is_unsure_and_not_repeated_even_if_its_url_says_so(tmp_path, web, code, capfd):
    web.code = code
    message = by_web(tmp_path, web.server_port)
    by_web(tmp_path, web.server_port)

    assert (message.state, len(web.bodies)) == (UNSURE, 1)
    assert "s3cret" not in message.error + "".join(capfd.readouterr())


def test_a_channel_that_cannot_be_reached_is_tried_again(tmp_path):
    with ThreadingHTTPServer(("127.0.0.1", 0), Web) as gone:
        port = gone.server_port

    assert [by_web(tmp_path, port).state for _ in range(MAX_ATTEMPTS + 1)] == [TO_SEND] * (MAX_ATTEMPTS + 1)


def test_without_apprise_the_command_that_installs_it_is_said(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "apprise", None)
    put_message(tmp_path, replace(MESSAGE, recipient="ntfys://ntfy.example.org/secret-topic"))
    report = send_outbox(tmp_path, None, NOW)

    assert "pip install 'lindero[send]'" in report.problems[0]
    assert list_messages(tmp_path)[0].attempts == 0
    assert send.display_recipient("ntfys://ntfy.example.org/secret-topic") == "ntfys://…"


def test_a_short_channel_gets_the_longest_text_that_fits():
    assert send.choose_text(FILES)[0] == "message.txt"
    assert send.choose_text(FILES, 20)[0] == "sms.txt"
    assert send.choose_text(FILES, 5)[0] == "sms.txt"


@pytest.fixture
def vault(tmp_path):
    vault = Vault(vault_file.prepare_folder(tmp_path), Key("0" * 64))
    vault_file.create_vault(vault)
    return vault


def test_the_sealed_journal_says_which_digest_went_to_whom(tmp_path, box, vault):
    message = sent(tmp_path, box)
    box.behaviour = "refuse recipient"
    put_message(tmp_path, replace(MESSAGE, recipient="email:luz@example.org"))
    send_outbox(tmp_path, settings(box), NOW)
    with vault_file.open_vault(vault) as con:
        entries = journal.read_journal(con, vault.folder).entries

    about = {"watch": "El Tingo", "digest": "2026-11-30"}
    assert [(entry.what, dict(entry.about)) for entry in entries] == [
        (journal.TOLD, {**about, "recipient": "ana@example.org"}),
        (journal.TOLD, {**about, "recipient": "luz@example.org"}),
        (journal.FAILED, {"entry": 1}),
    ]
    assert message.state == SENT
    assert not any(b"ana@" in path.read_bytes() for path in vault.folder.rglob("*") if path.is_file())


def test_a_message_that_cannot_be_recorded_is_not_sent(tmp_path, box, vault):
    vault.folder.joinpath(journal.STATE).write_text("{")
    message = sent(tmp_path, box)

    assert (message.state, box.mails) == (TO_SEND, [])
    with pytest.raises(LayerError):
        send_outbox_message(tmp_path, message, settings(box), NOW)
