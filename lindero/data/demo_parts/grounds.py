"""Invented polygons of concessions: on a grid, in clusters, without overlaps between concessions of one kind."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from lindero.data.demo_parts import words
from lindero.data.demo_parts.shapes import Blocks, Cell, draw_corridor, draw_staircase
from lindero.data.demo_parts.territories import Territory
from lindero.data.demo_parts.words import Company


@dataclass(frozen=True, kw_only=True)
class Kind:
    """The size, clustering and terms of concessions of one kind."""

    code: str
    step_m: int  # side of a grid square
    width: tuple[int, int]  # squares from west to east, least and most
    height: tuple[int, int]  # squares from south to north
    most: int  # squares in total, at most
    bites: int  # steps removed from its rectangle, at most
    cluster: int  # concessions around one centre
    spread_m: int
    accuracy_m: tuple[int, ...]
    years: int | None = None  # length of the term, if it has one
    is_corridor: bool = False


KINDS = {
    # 100 to 1,000 ha, in squares of 1 km on the UTM grid, as some mining laws ask.
    "mining": Kind(
        code="MIN", step_m=1_000, width=(1, 5), height=(1, 5), most=10, bites=1, cluster=14, spread_m=5_000,
        accuracy_m=(1, 1, 5, 10),
    ),
    "hydrocarbons": Kind(
        code="HID", step_m=5_000, width=(5, 9), height=(4, 8), most=72, bites=5, cluster=4, spread_m=32_000,
        accuracy_m=(100, 250), years=30,
    ),
    "forestry": Kind(
        code="FOR", step_m=2_500, width=(3, 6), height=(3, 6), most=36, bites=4, cluster=9, spread_m=17_000,
        accuracy_m=(30, 50), years=40,
    ),
    "agro_industry": Kind(
        code="AGR", step_m=1_000, width=(2, 6), height=(2, 5), most=30, bites=2, cluster=3, spread_m=8_000,
        accuracy_m=(10, 30),
    ),
    "hydropower": Kind(
        code="ELE", step_m=250, width=(16, 32), height=(4, 6), most=192, bites=0, cluster=1, spread_m=15_000,
        accuracy_m=(20,), years=30, is_corridor=True,
    ),
    "infrastructure": Kind(
        code="VIA", step_m=250, width=(80, 140), height=(2, 2), most=280, bites=0, cluster=1, spread_m=18_000,
        accuracy_m=(20, 50), years=25, is_corridor=True,
    ),
    "other": Kind(
        code="OTR", step_m=500, width=(4, 9), height=(4, 9), most=81, bites=3, cluster=2, spread_m=10_000,
        accuracy_m=(30,), years=40,
    ),
}  # fmt: skip


def iter_claims(
    rng: Random, territory: Territory, kind: str, companies: Sequence[Company]
) -> Iterator[tuple[Blocks, Company]]:
    """Yield free polygons and their holders. Most of a cluster goes to one company.

    The iterator ends when the territory is full.
    """
    taken: set[Cell] = set()
    for _ in range(1_000):
        middle = [rng.uniform(-0.65, 0.65) * territory.radius_m + centre for centre in territory.centre]
        company = words.draw_company(rng, companies)
        for _ in range(KINDS[kind].cluster):
            ground = _find_free_ground(rng, territory, KINDS[kind], middle, taken=taken)
            if ground:
                taken |= ground.squares()
                yield ground, company if words.happens(rng, 0.6) else words.draw_company(rng, companies)


def _find_free_ground(
    rng: Random, territory: Territory, kind: Kind, middle: list[float], *, taken: set[Cell]
) -> Blocks | None:
    for _ in range(40):
        x, y = (round(rng.gauss(coordinate, kind.spread_m) / kind.step_m) * kind.step_m for coordinate in middle)
        ground = Blocks(x, y, kind.step_m, _draw_columns(rng, kind))
        squares = ground.squares()
        inside = all(_is_inside(square, kind.step_m, territory) for square in squares)
        if len(squares) <= kind.most and inside and not squares & taken:
            return ground
    return None


def _draw_columns(rng: Random, kind: Kind) -> tuple[tuple[int, int], ...]:
    width, height = rng.randint(*kind.width), rng.randint(*kind.height)
    if kind.is_corridor:
        return draw_corridor(rng, width, width=height)
    return draw_staircase(rng, width, height, bites=rng.randint(0, kind.bites))


def _is_inside(square: Cell, step_m: int, territory: Territory) -> bool:
    distances = [
        abs(cell_number * step_m - centre) for cell_number, centre in zip(square, territory.centre, strict=True)
    ]
    return max(distances) < territory.radius_m
