"""
One table of measurements beside other tools, slowest first.

All tools start from the same data in the same call.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from bench.peers.versions import versions


@dataclass(frozen=True)
class Row:
    """The times of Lindero and of another tool for the same task, in the same unit."""

    question: str  # the task, from its input to its result
    peer: str
    unit: str
    own: float
    other: float

    @property
    def times(self) -> float:
        """The other tool's time divided by Lindero's time. Lindero is faster if it is above 1."""
        return self.other / self.own


_rows: list[Row] = []


def add_measurement(question: str, own: float, others: Mapping[str, float], *, unit: str = "s") -> None:
    """Add a measurement of Lindero and of other tools to the table. All of them started from the same data."""
    _rows.extend(Row(question, peer.rstrip("."), unit, own, other) for peer, other in others.items())


def format_table() -> str:
    """
    Format all measurements as one table, with the compared versions.

    Rows in which another tool is faster come first.
    """
    head = "| from what to what | peer | Lindero | peer | times as long |\n|---|---|---|---|---|"
    return "\n".join([", ".join(versions()), head, *map(_format_row, sorted(_rows, key=lambda row: row.times))])


def _format_row(row: Row) -> str:
    """Format a row. The ratio is bold if the other tool is faster."""
    times = f"{row.times:.2f}" if row.times < 10 else f"{row.times:.0f}"
    cells = row.question, row.peer, *(f"{taken:.3g} {row.unit}" for taken in (row.own, row.other))
    return f"| {' | '.join(cells)} | {times if row.times >= 1 else f'**{times}**'} |"
