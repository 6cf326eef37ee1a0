"""Holders of concessions and recorded cases that a text may mean instead of a place."""

from collections.abc import Sequence
from dataclasses import dataclass

from lindero.layers.database.map_database import Connection
from lindero.layers.database.queries import map_names
from lindero.layers.reference.name_index import fold, name_key
from lindero.layers.reference.packs import list_codes, load_country

HOLDER, CASE = "holder", "case"
MAX_TOPICS = 4  # topics offered of each kind
SHORTEST = 3  # letters; shorter texts are not searched in names of companies and titles of cases
# Words that people leave out when they name a company.
FORMS = frozenset(
    word
    for words in (
        "minera mineria minero mina minas compania cia empresa sociedad corporacion corp grupo inversiones",
        "company mining limited ltd inc llc anonima cerrada abierta sucursal de del la el los las y e en",
        "sa sac saa srl scrl smrl eirl s a c r l m i",
    )
    for word in words.split()
).union(*(load_country(code).company_words for code in list_codes()))


@dataclass(frozen=True)
class Topic:
    """A holder (`id` is one spelling of its name) or a case (`id` of the incident).

    `is_namesake` is set if the text is its whole name, and not only a part.
    """

    kind: str
    id: str
    name: str
    count: int = 0  # number of concessions
    is_namesake: bool = False


def find_topics(con: Connection, text: str) -> tuple[Topic, ...]:
    """Find the holders and cases with the text as whole words in their name or title."""
    query = name_key(text)
    longest_word = max(fold(text).split() or [""], key=len)
    if len(query) < SHORTEST or len(longest_word) < SHORTEST:
        return ()
    return (*_find_holders(con, query, longest_word)[:MAX_TOPICS], *_find_cases(con, query, longest_word)[:MAX_TOPICS])


def _find_holders(con: Connection, query: str, word: str) -> list[Topic]:
    core = _distinctive_words(query)
    topics: dict[str, Topic] = {}
    for name, count in map_names.search_holders(con, word):
        core_words = _distinctive_words(name_key(name))
        is_namesake = bool(core) and core_words == core
        if is_namesake or _has_words(name_key(name), query):  # spellings of one company differ in generic words
            topics.setdefault(" ".join(core_words), Topic(HOLDER, name, name, int(count), is_namesake))
    return sorted(topics.values(), key=lambda topic: (not topic.is_namesake, -topic.count))


def _find_cases(con: Connection, query: str, word: str) -> list[Topic]:
    titles = map_names.search_incidents(con, word)
    return [Topic(CASE, id_, title) for id_, title in titles if _has_words(name_key(title), query)]


def _distinctive_words(name: str) -> Sequence[str]:
    return [word for word in name.split() if word not in FORMS]


def _has_words(name: str, phrase: str) -> bool:
    return f" {phrase} " in f" {name} "
