"""Messages of the outbox, sent by e-mail, to a CoMapeo archive server, or by Apprise.

Nothing here runs unless a person asked for it (`--send`).

A failure is certain if the server refused the message, or if none of it had left. Every other failure leaves the
message unsure, because it may have arrived.
"""

import datetime as dt
import json
import logging
import mimetypes
import re
import smtplib
import ssl
import warnings
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache, partial
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from lindero.app.text.error_advice import error_text
from lindero.app.text.i18n import _
from lindero.layers.errors import (
    N_,
    JournalError,
    KeyNotGivenError,
    LayerError,
    NotReachedError,
    SendError,
    ServiceError,
    UnreachableError,
    UnsureError,
)
from lindero.layers.vault import journal
from lindero.layers.vault.key_derivation import read_secret
from lindero.layers.watch.outbox import TO_SEND, OutboxMessage, claim_message, list_messages, mark_failed, mark_sent
from lindero.layers.watch.watch_values import EMAIL, FOLDER
from lindero.layers.watch.watches_file import MailSettings

if TYPE_CHECKING:
    import apprise

    from lindero.layers.services.connection.http import HostClient

COMAPEO, COMAPEO_TOKEN, ALERTS = "comapeo", "LINDERO_COMAPEO_TOKEN", "alerts.json"
MAIL_PASSWORD = "LINDERO_MAIL_PASSWORD"  # noqa: S105  the name of the variable
_WAIT_S = 60  # for the server's answer to a command
_WAIT_FOR_RECEIPT_S = 300  # for its answer to the content: ending the wait too soon leaves the message unsure
_NAME = "[127.0.0.1]"  # instead of this computer's name, which mail would show to its readers
_MAIL = SMTP.clone(cte_type="7bit")
_TYPES = {".ics": "text/calendar", ".kml": "application/vnd.google-earth.kml+xml"}
_FEED = ".atom"
_NOT_CONNECTED = re.compile("NewConnectionError|NameResolutionError|ConnectTimeoutError")
_REFUSED, _DONE = 500, 2  # SMTP: the first code of a refusal for good; the first digit of success

Sender: TypeAlias = Callable[[OutboxMessage, dt.datetime], None]


@dataclass(frozen=True)
class SendReport:
    """The messages that were tried, as they are stored now, and why others could not be tried."""

    messages: tuple[OutboxMessage, ...]
    problems: tuple[str, ...]


def send_outbox(
    folder: Path, settings: MailSettings | None, now: dt.datetime, *, ca_file: Path | None = None
) -> SendReport:
    """Send every message that is *to send*. Messages for the channel `folder` are not sent."""
    messages, problems = [], dict[str, None]()
    for message in list_messages(folder):
        if message.state != TO_SEND or message.recipient == FOLDER:
            continue
        try:
            tried = send_outbox_message(folder, message, settings, now, ca_file=ca_file)
        except LayerError as error:
            problems[error_text(error)] = None
        else:
            messages += [tried] if tried else []
    return SendReport(tuple(messages), tuple(problems))


def send_outbox_message(
    folder: Path,
    message: OutboxMessage,
    settings: MailSettings | None,
    now: dt.datetime,
    *,
    again: bool = False,
    ca_file: Path | None = None,
) -> OutboxMessage | None:
    """Send a message of the outbox, and record in the vault's journal to whom."""
    send = choose_sender(message.recipient, settings, ca_file)
    states = {TO_SEND, message.state} if again else {TO_SEND}
    claimed = claim_message(folder, message, now, states=states)
    if claimed is None:
        return None
    recipient = display_recipient(message.recipient)
    try:
        entry = journal.record_entry(
            folder, journal.TOLD, watch=message.watch, digest=message.digest, recipient=recipient
        )
    except JournalError as error:
        mark_failed(folder, claimed, _sentence(error), now)
        raise
    try:
        send(claimed, now)
    except SendError as error:
        is_certain, is_reached = not isinstance(error, UnsureError), not isinstance(error, NotReachedError)
        failed = mark_failed(folder, claimed, _sentence(error), now, is_certain=is_certain, is_reached=is_reached)
        journal.record_entry(folder, journal.FAILED, entry=None if entry < 0 else entry)
        return failed
    return mark_sent(folder, claimed, now)


def choose_sender(recipient: str, settings: MailSettings | None, ca_file: Path | None = None) -> Sender:
    """Return the function that sends to a recipient. Raise LayerError if its channel is not set up."""
    if recipient == FOLDER:
        raise SendError(N_("messages for a folder are not sent; `lindero watch --to FOLDER` writes them"))
    if recipient.startswith(COMAPEO):
        return _open_archive(recipient, ca_file)
    if not recipient.startswith(EMAIL):
        return partial(_send_by_apprise, _open_service(recipient))
    if settings is None:
        raise SendError(N_("no mail account is set up; add the table [mail] to watches.toml"))
    from lindero.layers.services.connection.connections import create_context

    return partial(_send_by_mail, settings, _read_password(settings), create_context(ca_file))


def display_recipient(recipient: str) -> str:
    """Return a recipient as the operator and the journal see it: without the secrets of a URL."""
    scheme, is_url, _rest = recipient.partition("://")
    if not is_url:
        return recipient.removeprefix(EMAIL)
    if recipient.startswith(COMAPEO):
        return recipient.partition("?")[0]
    with suppress(SendError):
        return str(_open_service(recipient).url(privacy=True)).partition("?")[0]
    return f"{scheme}://…"


def build_mail(message: OutboxMessage, sender: str, now: dt.datetime) -> EmailMessage:
    """Build an e-mail: the longest text, its page of the same name as the HTML version, and the other files attached.

    Its Message-ID is that of the outbox, so that many mail servers drop a second copy. The subject is never the name of
    the watch, which is the operator's own.
    """
    mail = EmailMessage(policy=_MAIL)
    mail["From"], mail["To"] = sender, message.recipient.removeprefix(EMAIL)
    mail["Subject"] = " ".join(message.title.split())
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{message.id}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    name, text = choose_text(message.files)
    page = str(PurePath(name).with_suffix(".html"))
    mail.set_content(text)
    if page in message.files:
        mail.add_alternative(str(message.files[page]), subtype="html")
    for file, content in _list_attachments(message.files, {name, page}):
        kind, _slash, subtype = _mime_type(file).partition("/")
        if kind == "text" and isinstance(content, str):
            mail.add_attachment(content, subtype=subtype, filename=file)
        else:
            data = content.encode() if isinstance(content, str) else content
            mail.add_attachment(data, maintype=kind, subtype=subtype, filename=file)
    mail["Content-Language"] = message.language  # here, as the content resets such headers
    return mail


def choose_text(files: dict[str, str | bytes], limit: int | None = None) -> tuple[str, str]:
    """Return the name and content of the longest text of a message, at most `limit` characters if one is so short."""
    texts = sorted(
        ((name, text) for name, text in files.items() if name.endswith(".txt") and isinstance(text, str)),
        key=lambda file: -len(file[1]),
    )
    if not texts:
        raise SendError(N_("the message contains no text"))
    return next((file for file in texts if limit is None or len(file[1]) <= limit), texts[-1])


def _list_attachments(files: dict[str, str | bytes], shown: set[str]) -> list[tuple[str, str | bytes]]:
    """Return the files to attach: not those that the message shows, and no feed, which only a program reads."""
    return [(name, content) for name, content in files.items() if name not in shown and not name.endswith(_FEED)]


def _sentence(error: LayerError) -> str:
    return _(error.template).format(**error.params)


def _mime_type(name: str) -> str:
    return _TYPES.get(PurePath(name).suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"


def _send_by_mail(
    settings: MailSettings, password: str | None, context: ssl.SSLContext, message: OutboxMessage, now: dt.datetime
) -> None:
    has_started = False
    try:
        content = build_mail(message, settings.sender, now).as_bytes()
        with _connect(settings, password, context) as server:
            _check_reply(*server.mail(settings.sender))
            _check_reply(*server.rcpt(message.recipient.removeprefix(EMAIL)))
            if server.sock:
                server.sock.settimeout(_WAIT_FOR_RECEIPT_S)
            has_started = True
            _check_reply(*server.data(content))
            with suppress(smtplib.SMTPException, OSError):
                server.quit()
    except (smtplib.SMTPException, OSError, ValueError) as error:
        kind = _classify_failure(error, has_started=has_started)
        text = N_("the mail server {server} did not accept the message: {why}")
        if kind is UnsureError:
            text = N_("the mail server {server} did not confirm the message: {why}")
        raise kind(text, server=settings.server, why=_reason(error)) from error


def _classify_failure(error: Exception, *, has_started: bool) -> type[SendError]:
    """Return the kind of a failure; `has_started` if the content may have left."""
    if isinstance(error, smtplib.SMTPResponseException):
        is_refused = isinstance(error, smtplib.SMTPDataError) or error.smtp_code >= _REFUSED
        return UnsureError if has_started and not is_refused else SendError
    if has_started:
        return UnsureError
    is_answer = isinstance(error, smtplib.SMTPException | ssl.SSLError) or not isinstance(error, OSError)
    return SendError if is_answer else NotReachedError


@contextmanager
def _connect(settings: MailSettings, password: str | None, context: ssl.SSLContext) -> Generator[smtplib.SMTP]:
    """Yield a connection that is encrypted and logged in as the settings say, and close it."""
    place: dict[str, Any] = {"host": settings.server, "port": settings.port, "local_hostname": _NAME}
    if settings.security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(**place, timeout=_WAIT_S, context=context)
    else:
        server = smtplib.SMTP(**place, timeout=_WAIT_S)
    with closing(server):
        if settings.security == "starttls":
            server.starttls(context=context)
        server.ehlo_or_helo_if_needed()
        if password:
            server.login(settings.user, password)
        yield server


def _check_reply(code: int, reply: bytes) -> None:
    if code // 100 != _DONE:
        raise smtplib.SMTPResponseException(code, reply)


def _reason(error: Exception) -> str:
    if not isinstance(error, smtplib.SMTPResponseException):
        return str(error) or type(error).__name__
    reply = error.smtp_error
    return f"{error.smtp_code} {reply.decode(errors='replace') if isinstance(reply, bytes) else reply}"


def _read_password(settings: MailSettings) -> str | None:
    """Return the password of the mail account; None without an account. It is never in `watches.toml`."""
    if not settings.user:
        return None
    if settings.security == "none":
        raise SendError(
            N_('the password is not sent unencrypted; write security = "starttls" or "tls" in watches.toml')
        )
    file = settings.password_file
    password = read_secret(Path(file).expanduser()) if file else _read_variable(MAIL_PASSWORD)
    if not password:
        raise KeyNotGivenError(
            N_("the mail account has no password; name its file as password_file in watches.toml, or set {variable}"),
            variable=MAIL_PASSWORD,
        )
    return password


@cache
def _read_variable(name: str) -> str | None:
    """Read an environment variable once: it is then removed, and `--every` needs the secret again."""
    return read_secret(None, name)


def _open_archive(recipient: str, ca_file: Path | None) -> Sender:
    """Return the sender to a CoMapeo archive server. A token leaves unencrypted only if the channel says so."""
    from lindero.layers.services.connection.http import HostClient

    parts, options = urlsplit(recipient), read_options(recipient)
    is_local = parts.scheme == f"{COMAPEO}+http"
    url = urlunsplit(("http" if is_local else "https", parts.netloc, parts.path, "", ""))
    file = options.get("token_file")
    token = read_secret(Path(file).expanduser()) if file else _read_variable(COMAPEO_TOKEN)
    if not token:
        raise KeyNotGivenError(
            N_("the CoMapeo server has no token; name its file as ?token_file=FILE in the channel, or set {variable}"),
            variable=COMAPEO_TOKEN,
        )
    ca_file = Path(options["ca_file"]) if "ca_file" in options else ca_file
    web = HostClient(url, allow_private=is_local, token=token, ca_file=ca_file)
    return partial(_send_alerts, web, url, options.get("project", ""))


def _send_alerts(web: "HostClient", url: str, project: str, message: OutboxMessage, _now: dt.datetime) -> None:
    """Send the alerts that the server does not have yet. A repetition after a failure therefore sends only the rest."""
    from lindero.layers.services.comapeo import Archive

    try:
        archive = Archive(web, url, project)
        known = archive.fetch_alert_ids()
        for alert in json.loads(message.files[ALERTS]):
            if alert["sourceId"] not in known:
                archive.add(alert)
    except ServiceError as error:
        kind = NotReachedError if isinstance(error, UnreachableError) else SendError
        raise kind("{why}", why=_sentence(error)) from error


def read_options(recipient: str) -> dict[str, str]:
    """Return the options in the query of a channel, such as `comapeo://archive.example.org?shape=point`."""
    return dict(parse_qsl(urlsplit(recipient).query))


def _open_service(url: str) -> "apprise.NotifyBase":
    try:
        import apprise
    except ImportError as error:
        raise SendError(
            N_("this channel needs the package apprise; install it with: pip install 'lindero[send]'")
        ) from error
    logging.getLogger(apprise.LOGGER_NAME).propagate = False  # its messages contain secrets of the URL
    with apprise.LogCapture(), warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of its plugins, which are loaded now
        service = apprise.Apprise.instantiate(url, asset=apprise.AppriseAsset(app_id="Lindero"))
    if service is None:
        raise SendError(N_("a channel in watches.toml is not a complete URL of Apprise; its documentation lists them"))
    service.retry = 0  # whatever the URL says: a message whose answer was lost would arrive twice
    return service


def _send_by_apprise(service: "apprise.NotifyBase", message: OutboxMessage, _now: dt.datetime) -> None:
    import apprise
    from apprise.attachment.memory import AttachMemory

    files = message.files
    name, text = choose_text(files, service.body_maxlen)
    attached = [
        AttachMemory(content, name=file, mimetype=_mime_type(file))
        for file, content in _list_attachments(files, {name})
    ]
    caller = apprise.Apprise()
    caller.add(service)
    with apprise.LogCapture(level=logging.DEBUG, fmt="%(levelname)s %(message)s") as log:
        is_sent = caller.notify(
            text,
            title=message.title,
            body_format=apprise.NotifyFormat.TEXT,
            attach=attached if service.attachment_support and attached else None,
        )
        lines = log.getvalue().splitlines()
    if is_sent:
        return
    broken = [line for line in lines if line.startswith("DEBUG Socket Exception")]
    is_certain = len(service) == 1 and bool(broken) and all(map(_NOT_CONNECTED.search, broken))
    reasons = [line.partition(" ")[2] for line in lines if line.startswith(("WARNING", "ERROR"))]
    kind = NotReachedError if is_certain else UnsureError
    raise kind(N_("the channel did not confirm the message: {why}"), why=" ".join(reasons))
