"""
The invented register as a map server gives it: with noise that is no change, and with the traps of real portals.

The server is `tests.web_stub.Cadastre` on loopback, so that Lindero fetches as it does from INGEMMET.
"""

import datetime as dt
import json
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from lindero.geo.registers import name_matching
from tests.app.watch.country import Title, polygon_in_degrees, to_metres
from tests.web_stub import Answered, Cadastre, said

LOGIN, EMPTY, CUT, ERROR_200, TOKEN, CLOSED, VANISHED = (
    "login page",
    "empty list",
    "page cut off",
    "200 with an error inside",
    "expired token",
    "closed register",
    "vanished portal",
)
CODES, CRS, ENCODING, DOUBLED, GENERATION = (
    "renumbered codes",
    "other CRS",
    "other encoding",
    "doubled layer",
    "change of generation",
)
CLOCK, OFF = "wrong clock", "three weeks off"
TRAPS = (
    *(LOGIN, EMPTY, CUT, ERROR_200, TOKEN, CLOSED, VANISHED, CODES, CRS, ENCODING, DOUBLED, GENERATION),
    *(CLOCK, OFF),
)
ROWS_A_PAGE = 500
RESPELT, JITTERED, HOLES = 0.05, 0.10, 0.02  # shares of the titles
JITTER_M = 1.0  # the accuracy of the register is 5 m
SHIFT = 0.0032  # degrees, some 350 m: between the datums of two generations of the register
_PAGE = "<html><head><title>{title}</title></head><body><h1>{title}</h1><form action='login'></form></body></html>"
_HTML = {"Content-Type": "text/html"}
_INSTEAD = {  # what the server answers to everything
    LOGIN: Answered(_PAGE.format(title="Iniciar sesión").encode(), headers=_HTML),
    TOKEN: said({"error": {"code": 498, "message": "Invalid Token", "details": []}}),
    CLOSED: Answered(_PAGE.format(title="Servicio dado de baja").encode(), 410, _HTML),
    VANISHED: Answered(hangs_up=True),
}


class RegisterServer(Cadastre):
    """The map server of the invented register, on the date `today`; `trap` is what is wrong with it, if anything."""

    def __init__(self, seed: int) -> None:
        super().__init__([], most=ROWS_A_PAGE)
        self._random = random.Random(seed)
        self._register: list[dict] = []
        self.today = dt.date.min
        self.trap = ""

    def show(self, titles: Iterable[Title], *, today: dt.date) -> None:
        """Show titles, in a new order and with new noise. Until the next call, every good answer is the same."""
        rows = [self._feature(title) for title in titles]
        self._random.shuffle(rows)
        self._register = [_with_properties(row, OBJECTID=number) for number, row in enumerate(rows, start=1)]
        self.set_day(today)

    def set_day(self, today: dt.date, trap: str = "") -> None:
        """Set the date, and set a trap or remove it."""
        self.today, self.trap = today, trap
        self.features = self._register
        if trap == DOUBLED:
            count = len(self._register)
            twins = [_with_properties(row, OBJECTID=number + count) for number, row in enumerate(self._register, 1)]
            self.features = [*self._register, *twins]
        elif trap == CODES:
            self.features = [
                _with_properties(row, CODIGOU=f"PE-{int(row['properties']['CODIGOU']) * 7 % 10**9:09}")
                for row in self._register
            ]
        elif trap == CRS:
            self.features = [_moved(row, to_metres) for row in self._register]
        elif trap == GENERATION:
            self.features = [_moved(row, lambda x, y: (x + SHIFT, y + SHIFT)) for row in self._register]

    def date_header(self) -> str:
        """Return the date that the server's answers state."""
        return self.today.strftime("%a, %d %b %Y 12:00:00 GMT")

    def __call__(self, path: str, params: dict, headers: dict) -> Answered:
        if self.trap in _INSTEAD:
            return _INSTEAD[self.trap]
        if self.trap == ERROR_200 and path.endswith("/query"):
            return said({"error": {"code": 400, "message": "Unable to complete operation.", "details": []}})
        answer = super().__call__(path, params, headers)
        if self.trap == ENCODING and path.endswith("/query"):  # UTF-8 that was read as Windows-1252, and written again
            return replace(answer, body=answer.body.decode("latin-1").encode("utf-8"))
        return answer

    def answer(self, params: dict) -> dict:
        """Return the answer to a query."""
        given = super().answer(params)
        if self.trap == EMPTY:
            return {"count": 0} if "count" in given else {"type": "FeatureCollection", "features": []}
        if self.trap == CUT and "features" in given:  # a page ends early, and nothing comes after it
            is_first = params["where"] == "1=1"
            return {"type": "FeatureCollection", "features": given["features"][: ROWS_A_PAGE // 3] if is_first else []}
        return given

    def description(self) -> dict:
        """Return the description of the layer."""
        described = super().description()
        if self.trap == CRS:
            described["extent"] = {"spatialReference": {"wkid": 32718, "latestWkid": 32718}}
        if self.trap == GENERATION:
            described["name"] = "Catastro Minero 2.0"
        return described

    def _feature(self, title: Title) -> dict:
        draw = self._random
        metres = JITTER_M if draw.random() < JITTERED else 0.0
        ring = [(x + draw.uniform(-1, 1) * metres / 2, y + draw.uniform(-1, 1) * metres / 2) for x, y in title.outline]
        degrees = polygon_in_degrees([*ring[:-1], ring[0]]).exterior.coords
        width, height = title.cells[2:]
        return {
            "type": "Feature",
            "properties": {
                "OBJECTID": 0,
                "CODIGOU": title.code,
                "FEC_DENU": _milliseconds(title.applied_on),
                "CONCESION": title.name,
                "TIT_CONCES": respell(draw, title.holder) if draw.random() < RESPELT else title.holder,
                "D_ESTADO": "" if draw.random() < HOLES else title.status,
                "SUSTANCIA": "M",
                "HECTAGIS": 100.0 * width * height,
                "FEC_VENC": title.expires_on and _milliseconds(title.expires_on),
            },
            "geometry": {"type": "Polygon", "coordinates": [[list(point) for point in degrees]]},
        }


class NaiveReader:
    """
    A comparison of codes as a short script makes it, whatever the server answers.

    It reads every page. An answer that cannot be read is skipped, which spares it some of its false alarms.
    """

    def __init__(self) -> None:
        self._codes: set[str] | None = None
        self.new: list[set[str]] = []
        self.gone: list[set[str]] = []

    def read(self, server: RegisterServer) -> None:
        """Ask the server, and compare with its last answer."""
        codes = self._fetch(server)
        if codes is None:
            return
        if self._codes is not None:
            self.new.append(codes - self._codes)
            self.gone.append(self._codes - codes)
        self._codes = codes

    def _fetch(self, server: RegisterServer) -> set[str] | None:
        codes: set[str] = set()
        last = 0
        while True:
            params = {"where": f"OBJECTID > {last}", "f": "geojson", "orderByFields": "OBJECTID ASC"}
            answer = server(f"{server.PATH}/query", params, {})
            if answer.hangs_up or answer.status != 200:
                return None
            try:
                features: Sequence[dict] = json.loads(answer.body).get("features", [])
            except ValueError:
                return None
            codes |= {feature["properties"]["CODIGOU"] for feature in features}
            if len(features) < ROWS_A_PAGE:
                return codes
            last = features[-1]["properties"]["OBJECTID"]


def respell(draw: random.Random, name: str) -> str:
    """Return another spelling of a name, as publishers use it, which Lindero must take for the same name."""
    spellings = [
        name.title(),
        name.replace("S.A.C.", "SAC").replace("S.A.", "SA"),
        name.replace("COMPAÑÍA", "CIA."),
        name.translate(str.maketrans("ÁÉÍÓÚÑ", "AEIOUN")),
        name.removesuffix(" S.A.C.").removesuffix(" S.A."),
        name.replace("RR", "R").replace("LL", "L"),
    ]
    chosen = draw.choice([spelling for spelling in spellings if spelling != name])
    assert name_matching.is_respelling(name_matching.key(name), name_matching.key(chosen)), (name, chosen)
    return chosen


def _with_properties(row: dict, **properties: object) -> dict:
    return {**row, "properties": {**row["properties"], **properties}}


def _moved(row: dict, move: Callable[[float, float], tuple[float, float]]) -> dict:
    (ring,) = row["geometry"]["coordinates"]
    return {**row, "geometry": {"type": "Polygon", "coordinates": [[list(move(*point)) for point in ring]]}}


def _milliseconds(date: dt.date) -> int:
    return int(dt.datetime(date.year, date.month, date.day, tzinfo=dt.UTC).timestamp()) * 1_000
