"""Invented names, and random draws in which every code of a vocabulary occurs."""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import product
from random import Random
from typing import Any

Company = Sequence[str]  # its name and its legal form


def place_names(rng: Random, names: Mapping[str, Any]) -> Iterator[str]:
    """Return an iterator over place names of the given roots and endings, without repetitions."""
    combined = [root + ending for root, ending in product(names["roots"], names["endings"])]
    return iter(rng.sample(combined, len(combined)))


def draw_company(rng: Random, companies: Sequence[Company]) -> Company:
    """Draw a company. The first ones get most concessions."""
    return rng.choices(companies, weights=[1 / (rank + 1) for rank in range(len(companies))])[0]


def draw_spelling(rng: Random, company: Company, abbreviations: Mapping[str, str]) -> str:
    """Write a company as registers do: mostly alike, sometimes in capitals, without accents or dots, or misspelt."""
    name, form = company
    (word, short), *_ = abbreviations.items()
    swap_position = rng.randrange(2, len(name) - 2)
    spellings = (
        f"{name} {form}",
        f"{name.upper()} {form.upper()}",
        f"{_strip_accents(name).upper()} {form.replace('.', '').upper()}",
        f"{name}, {form}",
        f"{name.replace(word, short)} {form.replace('.', '')}",
        f"{name[:swap_position]}{name[swap_position + 1]}{name[swap_position]}{name[swap_position + 2 :]} {form}",
    )
    return rng.choices(spellings, weights=(55, 15, 10, 8, 8, 4))[0]


def _strip_accents(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


def draw_codes(rng: Random, weights: dict[str, int], count: int) -> list[str]:
    """Draw `count` codes by weight, in random order, each code at least once."""
    codes = [*weights, *rng.choices(list(weights), weights=list(weights.values()), k=count - len(weights))]
    rng.shuffle(codes)
    return codes


def happens(rng: Random, share: float) -> bool:
    """Return True with the probability `share` (0 to 1)."""
    return rng.random() < share


def draw_date(rng: Random, first: date, last: date) -> date:
    """Draw a date from `first` to `last`, both included."""
    return first + timedelta(days=rng.randint(0, (last - first).days))
