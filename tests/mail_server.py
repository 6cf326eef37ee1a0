"""A mail server (aiosmtpd) in a thread of the test process. It counts the messages that it accepted."""

import asyncio
import email
import email.policy
import threading
from contextlib import contextmanager

from aiosmtpd.smtp import SMTP

from tests.patience import END_S


class Box:
    """The messages that a server accepted, and how it behaves towards the next ones."""

    def __init__(self):
        self.mails, self.behaviour = [], ""
        self.port = 0

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # noqa: N802  aiosmtpd calls it
        if self.behaviour == "refuse recipient":
            return "550 nobody here by that name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, _session, envelope):  # noqa: N802  aiosmtpd calls it
        if self.behaviour[:3].isdigit():
            return self.behaviour
        self.mails.append((envelope.rcpt_tos, email.message_from_bytes(envelope.content, policy=email.policy.default)))
        if self.behaviour == "hang up before the answer":
            server.transport.abort()
        return "250 accepted"

    def received(self, message_id):
        """Return how often a message was accepted."""
        return sum(mail["Message-ID"].startswith(f"<{message_id}@") for _to, mail in self.mails)


class Connection(SMTP):
    async def smtp_DATA(self, arg):  # noqa: N802  aiosmtpd calls it
        if self.event_handler.behaviour == "refuse DATA":
            await self.push("451 not now")
        elif self.event_handler.behaviour == "drop in the middle":
            await self.push("354 go on")
            await self._reader.readline()
            self.transport.abort()
        else:
            await super().smtp_DATA(arg)


@contextmanager
def mail_server(**options):
    """Serve on a free port of this machine until the end of the block."""
    box, loop = Box(), asyncio.new_event_loop()

    async def start():
        return await loop.create_server(lambda: Connection(box, loop=loop, **options), "127.0.0.1", 0)

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(start(), loop).result(END_S)
    box.port = server.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        asyncio.run_coroutine_threadsafe(_stop(server), loop).result(END_S)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(END_S)
        loop.close()


async def _stop(server):
    server.close()
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
