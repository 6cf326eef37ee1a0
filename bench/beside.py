"""One table of what was measured beside peers, each from the same starting point in the same call, the slower first."""

from collections.abc import Mapping
from dataclasses import dataclass

from bench.peers.versions import versions


@dataclass(frozen=True)
class Row:
    """What Lindero and a peer took for the same thing, in the same unit; more than 1 times as long is faster here."""

    question: str  # from what to what
    peer: str
    unit: str
    own: float
    other: float

    @property
    def times(self) -> float:
        """How many times as long the peer took."""
        return self.other / self.own


_rows: list[Row] = []


def note(question: str, own: float, others: Mapping[str, float], *, unit: str = "s") -> None:
    """Note for the table what Lindero took and what its peers took, who began with the same."""
    _rows.extend(Row(question, peer.rstrip("."), unit, own, other) for peer, other in others.items())


def table() -> str:
    """Write all that was noted as one table, with the versions that were compared; first what a peer does faster."""
    head = "| from what to what | peer | Lindero | peer | times as long |\n|---|---|---|---|---|"
    return "\n".join([", ".join(versions()), head, *map(_line, sorted(_rows, key=lambda row: row.times))])


def _line(row: Row) -> str:
    """Write a row; the ratio in bold where the peer is faster."""
    times = f"{row.times:.2f}" if row.times < 10 else f"{row.times:.0f}"
    cells = row.question, row.peer, *(f"{taken:.3g} {row.unit}" for taken in (row.own, row.other))
    return f"| {' | '.join(cells)} | {times if row.times >= 1 else f'**{times}**'} |"
