"""Country packs: a folder for each country with its registers, its law, its words and invented sample files.

`docs/countries.md` describes the files of a pack. The folder `world` holds the sources and treaties of many countries.
"""

import csv
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "data" / "countries"
WORLD = "world"
LEVELS = ("department", "province", "district")  # the codes of `region_level`, the widest first


@dataclass(frozen=True)
class Country:
    """A country in general, as `country.toml` of its pack describes it.

    `languages`: the languages of its pages, the first one first. `locale`: for numbers and dates. `levels`: by language
    and level, the names of one area and of several. `region_numbers`: the ISO 3166-2 code of a region by the country's
    own number, and the `lengths` of the numbers of all levels. `radius_m`: of a circle as large as the average area of
    a level. `company_words`: words that people leave out when they name a company. `examples`: words of the country to
    show in forms, by use.
    """

    code: str
    languages: tuple[str, ...] = ()
    locale: str = ""
    levels: Mapping[str, Mapping[str, tuple[str, str]]] = field(default_factory=dict)
    region_numbers: Mapping[str, Any] = field(default_factory=dict)
    radius_m: Mapping[str, int] = field(default_factory=dict)
    company_words: tuple[str, ...] = ()
    examples: Mapping[str, str] = field(default_factory=dict)


def list_codes() -> tuple[str, ...]:
    """List the countries that have a pack.

    Returns: ISO 3166-1 alpha-2 codes, in alphabetical order.
    """
    return tuple(sorted(path.name.upper() for path in FOLDER.iterdir() if path.is_dir() and path.name != WORLD))


def find_files(name: str) -> dict[str, Path]:
    """Find the files of one name in all packs.

    `name`: the name of a file of a pack, such as `sources.toml`. Returns: the path of the file by country code, in
    alphabetical order. Those of the folder `world` come last, under an empty code.
    """
    folders = [*((code, FOLDER / code.lower()) for code in list_codes()), ("", FOLDER / WORLD)]
    return {code: folder / name for code, folder in folders if (folder / name).exists()}


def iter_tables(name: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield the tables of a TOML file of all packs.

    `name`: the name of the file, such as `sources.toml`. Yields: the code of the country (empty for `world`), the name
    of the table, and its content.
    """
    for country, path in find_files(name).items():
        with path.open("rb") as file:
            for table, content in tomllib.load(file).items():
                yield country, table, content


@cache
def load_country(code: str) -> Country:
    """Load what the pack of a country says about it in general.

    `code`: ISO 3166-1 alpha-2 code. It may be empty.
    """
    path = FOLDER / code.lower() / "country.toml"
    if not code or not path.exists():
        return Country(code)
    with path.open("rb") as file:
        values: dict[str, Any] = tomllib.load(file)
    levels = {
        language: {level: (one, several) for level, (one, several) in zip(LEVELS, names, strict=False)}
        for language, names in values.pop("levels", {}).items()
    }
    languages, words = tuple(values.pop("languages")), tuple(values.pop("company_words", ()))
    return Country(code, languages, levels=levels, company_words=words, **values)


@cache
def load_demo(code: str) -> Mapping[str, Any]:
    """Load the territories and words of the invented demonstration of a country.

    `code`: ISO 3166-1 alpha-2 code. Returns: what `demo.toml` of the pack states, and otherwise that of the folder
    `world`: the words of the country's first language, or English.
    """
    files = find_files("demo.toml")
    world = tomllib.loads(files[""].read_text(encoding="utf-8"))
    words = world[next((name for name in load_country(code).languages if name in world), "en")]
    own = tomllib.loads(files[code].read_text(encoding="utf-8")) if code in files else {}
    return _merge_tables(_merge_tables(world, words), own)


def _merge_tables(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return `base` with the values of `changes`; tables are merged value by value."""
    merged = {
        name: _merge_tables(base[name], value) if isinstance(value, dict) and name in base else value
        for name, value in changes.items()
    }
    return {**base, **merged}


@cache
def load_texts(language: str) -> Mapping[str, str]:
    """Load the translations of the texts of all packs: notes of the law, and what an institution offers.

    `language`: A code such as `es`.
    """
    translated = {}
    for path in find_files("texts.csv").values():
        with path.open(encoding="utf-8", newline="") as file:
            translated.update({row["en"]: row[language] for row in csv.DictReader(file) if row.get(language)})
    return translated
