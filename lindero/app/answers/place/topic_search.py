"""What a text may name beside a place: a holder of concessions, or cases of the record."""

from collections.abc import Sequence
from dataclasses import dataclass

from lindero.layers.database.map_database import Connection
from lindero.layers.database.queries import map_names
from lindero.layers.reference.name_index import fold, key

HOLDER, CASE = "holder", "case"
MOST = 4  # of each kind that are offered
SHORTEST = 3  # letters of a text that names of companies and titles are searched for
# Words of a company's name that nobody calls it by.
FORMS = frozenset(
    word
    for words in (
        "minera mineria minero mina minas compania cia empresa sociedad corporacion corp grupo inversiones peru",
        "peruana company mining limited ltd inc llc anonima cerrada abierta sucursal de del la el los las y e en",
        "sa sac saa srl scrl smrl eirl s a c r l m i",
    )
    for word in words.split()
)


@dataclass(frozen=True)
class Topic:
    """
    A holder (`id` is one spelling of its name) or a case (`id` of the incident).

    `is_namesake`: the text is what it is called, and does not only stand in its name.
    """

    kind: str
    id: str
    name: str
    count: int = 0  # of concessions
    is_namesake: bool = False


def find_topics(con: Connection, text: str) -> tuple[Topic, ...]:
    """Find the holders whose name, and the cases whose title, has the text in it as whole words."""
    wanted = key(text)
    word = max(fold(text).split() or [""], key=len)
    if len(wanted) < SHORTEST or len(word) < SHORTEST:
        return ()
    return (*_holders(con, wanted, word)[:MOST], *_cases(con, wanted, word)[:MOST])


def _holders(con: Connection, wanted: str, word: str) -> list[Topic]:
    core = _core(wanted)
    found: dict[str, Topic] = {}
    for name, count in map_names.holders_with(con, word):
        own = _core(key(name))
        is_namesake = bool(core) and own == core
        if is_namesake or _has_words(key(name), wanted):  # spellings of one company differ in the words left out
            found.setdefault(" ".join(own), Topic(HOLDER, name, name, int(count), is_namesake))
    return sorted(found.values(), key=lambda topic: (not topic.is_namesake, -topic.count))


def _cases(con: Connection, wanted: str, word: str) -> list[Topic]:
    titles = map_names.incidents_with(con, word)
    return [Topic(CASE, id_, title) for id_, title in titles if _has_words(key(title), wanted)]


def _core(name: str) -> Sequence[str]:
    return [word for word in name.split() if word not in FORMS]


def _has_words(name: str, wanted: str) -> bool:
    return f" {wanted} " in f" {name} "
