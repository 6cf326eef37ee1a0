"""
A reader without a browser: speaks Streamlit's own protocol, presses the map and reads what the page answers.

Twenty browsers do not open on two cores in two minutes; twenty of these do in seconds, and the server cannot tell.
"""

import asyncio
import json
import time
from dataclasses import dataclass, field

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

from tests import small_map

SQUARE = 0.02  # degrees
PATIENCE_S = 60


@dataclass
class Reader:
    """One session: the connection, the map that it presses, and what its page says now."""

    number: int
    connection: ClientConnection
    map_id: str = ""
    fragment: str = ""
    said: dict[tuple[int, ...], str] = field(default_factory=dict)

    async def run(self, press: tuple[float, float] | None = None) -> str:
        """Run the page, or its map's fragment after a press at latitude and longitude; gives what it then says."""
        order = BackMsg()
        if press is not None:
            state = order.rerun_script.widget_states.widgets.add(id=self.map_id)
            state.json_value = json.dumps({"last_clicked": dict(zip(("lat", "lng"), press, strict=True))})
            order.rerun_script.fragment_id = self.fragment
            self.said = {}
        else:
            order.rerun_script.SetInParent()
        await self.connection.send(order.SerializeToString())
        while True:
            told = ForwardMsg.FromString(await asyncio.wait_for(self.connection.recv(), PATIENCE_S))
            self._take(told)
            if told.WhichOneof("type") == "script_finished":
                return "\n".join(self.said.values())

    def _take(self, told: ForwardMsg) -> None:
        element = told.delta.new_element
        kind = element.WhichOneof("type")
        if kind == "component_instance" and "lindero.show" in element.component_instance.json_args:
            self.map_id, self.fragment = element.component_instance.id, told.delta.fragment_id
        elif kind == "exception":
            raise AssertionError(f"reader {self.number} met {element.exception.type}: {element.exception.message}")
        elif kind is not None:
            self.said[tuple(told.metadata.delta_path)] = str(getattr(element, kind))


@dataclass
class Answers:
    """Seconds that each answer took, and what was wrong with any."""

    seconds: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def wrong(number: int, place: tuple[float, float], said: str, readers: int) -> str:
    """Tell what is wrong with an answer: another's place or another's square; empty if nothing is."""
    here = f"{place[0]:.6f} {place[1]:.6f}"  # in the command that gives the figures again
    others = [other for other in range(readers) if other != number and f"Square {other} " in said]
    if here in said and f"Square {number} " in said and not others:
        return ""
    return f"reader {number} asked about {here} and was told of {others or 'something else'}: {said[:300]!r}"


async def _read(address: str, number: int, readers: int, seconds: float, all_here: asyncio.Barrier) -> Answers:
    uri = f"{address.replace('http', 'ws', 1)}/_stcore/stream"
    async with connect(uri, subprotocols=["streamlit"], max_size=None) as connection:
        reader = Reader(number, connection)
        await reader.run()
        await all_here.wait()
        lon, lat = small_map.square_middle(number, side=SQUARE)
        answers, end = Answers(), time.monotonic() + seconds
        while time.monotonic() < end or not answers.seconds:
            place = lat + len(answers.seconds) % 7 / 1_000, lon
            began = time.monotonic()
            said = await reader.run(place)
            answers.seconds.append(time.monotonic() - began)
            answers.wrong += filter(None, [wrong(number, place, said, readers)])
        return answers


async def all_at_once(address: str, readers: int, seconds: float) -> Answers:
    """Let readers press the map for a while, each on a square of its own, once all of them are there."""
    all_here = asyncio.Barrier(readers)
    every = await asyncio.gather(*(_read(address, number, readers, seconds, all_here) for number in range(readers)))
    return Answers([one for some in every for one in some.seconds], [one for some in every for one in some.wrong])
