"""What goes between the process that asks for a file and the one that reads it: JSON lines round the Arrow stream."""

import json
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True)
class Request:
    """
    What to read: a file, those of its name beside it, and what the user says of it.

    `scratch` is a folder for what must be written on the way.
    """

    path: str
    scratch: str
    beside: tuple[str, ...] = ()
    encoding: str | None = None
    sublayer: str | None = None


@dataclass
class Head:
    """What is known of a file before its rows: the `fields`, the column of geometry and how that is encoded."""

    format: str
    fields: list[str]
    geometry: str | None = None
    geometry_encoding: str = "WKB"
    crs: str | None = None
    encoding: str | None = None
    tagged: bool = False  # cells are text that begins with its kind (see `tagged`)


@dataclass
class Tail:
    """What is known after them: rejects, repairs, findings by row (0: the whole file), geometry mended as GeoJSON."""

    rejects: list[tuple[int, str, str, str]] = field(default_factory=list)
    repairs: list[tuple[int, str, str]] = field(default_factory=list)
    findings: list[tuple[int, str, str, str]] = field(default_factory=list)
    mended: dict[int, str] = field(default_factory=dict)
    faults: dict[int, tuple[str, str]] = field(default_factory=dict)
    walls: list[str] = field(default_factory=list)

    def notice(self, row: int, finding: str, column: str, detail: str) -> None:
        """Note a finding."""
        self.findings.append((row, finding, column, detail))


def as_json(told: Head | Tail) -> str:
    """Write what is known of a file as a line of JSON."""
    return json.dumps(asdict(told), default=str)


def head_of(told: dict[str, object]) -> Head:
    """Read what `as_json` wrote of a head."""
    return Head(**told)  # type: ignore[arg-type]  # the fields of that very class


def tail_of(told: dict[str, object]) -> Tail:
    """Read what `as_json` wrote of a tail: JSON has no tuples, and names everything by text."""
    tail = Tail(**told)  # type: ignore[arg-type]  # the fields of that very class
    tail.mended = {int(row): shape for row, shape in tail.mended.items()}
    tail.faults = {int(row): (why, what) for row, (why, what) in tail.faults.items()}
    return tail
