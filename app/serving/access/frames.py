"""What a browser says to a page: messages of Streamlit's. Anything else ends the connection, and fills no log."""

from google.protobuf.message import DecodeError
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg

LARGEST_BYTES = 2 * 1024**2  # a page's state is some kilobytes
NO_MESSAGE: Message = {"type": "websocket.disconnect", "code": 1002, "reason": ""}


class Frames:
    """Passes on messages of Streamlit's alone."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the connection on, and each message that is one."""

        async def receive_message() -> Message:
            message = await receive()
            if message["type"] != "websocket.receive" or _is_message(message.get("bytes")):
                return message
            await send({"type": "websocket.close", "code": NO_MESSAGE["code"]})
            return NO_MESSAGE

        await self.app(scope, receive_message if scope["type"] == "websocket" else receive, send)


def _is_message(told: bytes | None) -> bool:
    if told is None:
        return False
    try:
        return BackMsg.FromString(told).WhichOneof("type") is not None
    except DecodeError:
        return False
