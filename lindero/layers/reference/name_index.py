"""An index of names that tolerates how people type them.

Accents, case, punctuation, abbreviations and small misspellings are ignored, and so are different spellings of one
sound: Qosqo and Cusco, Wankayu and Huancayo. Every result has a score.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property

EXACT, SOUND, PREFIX, WORD = 100.0, 95.0, 90.0, 85.0
"""The whole name; another spelling of it; its beginning; the beginning of a later word of it."""
SIMILAR = 75.0  # minimum similarity of a misspelt name (rapidfuzz's ratio, 0 to 100)
LAST_LETTER = "\uffff"  # sorts after every name with the same beginning

WORDS = re.compile(r"[a-z0-9]+")
_APOSTROPHES = re.compile(r"['’‘ʼʻ´`]")
_NOT_PART_OF_A_NAME = re.compile(
    r"^(comunidad (campesina |nativa )?|departamento |region |provincia |municipio |distrito )"
    r"(del? (l[ao]s? )?)?"
    r"| (department|region|province|state|municipality|district|suyu)$"
)
_KIND_OF_PLACE = re.compile(
    r"^(c ?c|c ?n|cc ?nn|c ?p|comunidad indigena|centro poblado|caserio|anexo|pueblo|ciudad|dist|dpto|depto|prov)"
    r" (del? )?(?=.)"
)
_ABBREVIATIONS = {
    "sta": "santa", "sto": "santo", "sn": "san", "pto": "puerto", "pte": "puente", "nva": "nueva", "nvo": "nuevo",
    "gral": "general", "cnel": "coronel", "crnl": "coronel", "cmdte": "comandante", "mcal": "mariscal",
    "sgto": "sargento", "tte": "teniente", "fco": "francisco", "sr": "senor", "sra": "senora", "st": "saint",
}  # fmt: skip
FULL_WORDS = frozenset(_ABBREVIATIONS.values())
_ARTICLE = re.compile(r"^(?:el|la|los|las) (?=.)")
_SOUNDS = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"ch", "C"), (r"ll", "y"), (r"qu(?=[ei])|q|k", "K"), (r"c(?=[ei])|z|x", "s"), (r"c", "K"), (r"v", "b"),
        (r"(?:hu|gu|w)(?=[aeio])", "W"), (r"h", ""), (r"y\b", "i"), (r"e", "i"), (r"o", "u"), (r"(.)\1", r"\1"),
    )
)  # fmt: skip


def fold(text: str) -> str:
    """Return a text in lower case, without accents and apostrophes."""
    plain = _APOSTROPHES.sub("", text)
    if not plain.isascii():
        plain = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()
    return plain.lower()


def normalise_name(text: str) -> str:
    """Return a name without accents, case, punctuation and words such as Provincia de."""
    words = " ".join(WORDS.findall(fold(text)))
    return _NOT_PART_OF_A_NAME.sub("", words) or words


def name_key(text: str) -> str:
    """Return the key of a name: normalised, abbreviations expanded, and without C. C. or caserío."""
    words = [_ABBREVIATIONS.get(word, word) for word in normalise_name(text).split()]
    return _KIND_OF_PLACE.sub("", " ".join(words)) or text.strip().casefold()


def phonetic_key(name: str) -> str:
    """Return the phonetic key of a name in Andean Spanish and Quechua.

    The pairs e and i, o and u, k and q, and hard c and k count as the same sound.

    `name`: A key of `name_key`.
    """
    sounds = _ARTICLE.sub("", name)
    for pattern, letter in _SOUNDS:
        sounds = pattern.sub(letter, sounds)
    return sounds


class NameIndex:
    """An index of the names of things, each thing identified by its number.

    `names` are the keys of the names of each thing.
    """

    def __init__(self, names: Sequence[Collection[str]]) -> None:
        self.names = names
        self.exact: dict[str, list[int]] = {}
        for number, keys in enumerate(names):
            for name in keys:
                self.exact.setdefault(name, []).append(number)

    def score_by_sound(self, name: str, *, among: Sequence[int] | None = None) -> dict[int, float]:
        """Return a score, by number, for each thing (of `among`) whose name equals a key or sounds like it."""
        if not name:
            return {}
        exact = self.exact.get(name, ())
        if among is None:
            return dict.fromkeys(self._numbers_by_sound.get(phonetic_key(name), ()), SOUND) | dict.fromkeys(
                exact, EXACT
            )
        sound_key = phonetic_key(name)
        numbers_alike = [
            number
            for number in among
            if any(phonetic_key(name_of_thing) == sound_key for name_of_thing in self.names[number])
        ]
        return {number: EXACT if number in exact else SOUND for number in numbers_alike}

    def score_names(self, name: str) -> dict[int, float]:
        """Score each thing that a key may mean: by sound, beginning, a word of the name, or spelling."""
        if not name:
            return {}
        scores = self.score_by_sound(name)
        first, end = bisect_left(self._sorted_starts, (name,)), bisect_left(self._sorted_starts, (name + LAST_LETTER,))
        for start, is_whole_name, number in self._sorted_starts[first:end]:
            score = WORD if not is_whole_name else EXACT if start == name else PREFIX
            scores[number] = max(score, scores.get(number, 0))
        for number, ratio in self.score_by_spelling(name, min_score=SIMILAR).items():
            scores.setdefault(number, min(ratio, WORD))
        return scores

    def score_by_spelling(self, name: str, *, min_score: float) -> dict[int, float]:
        """Score each thing with a name spelt like a key: rapidfuzz's ratio, 0 to 100, of at least `min_score`."""
        from rapidfuzz import fuzz, process

        names, owners = self._names_and_numbers
        scores: dict[int, float] = {}
        for _, ratio, position in process.extract(name, names, scorer=fuzz.ratio, score_cutoff=min_score, limit=None):
            scores.setdefault(owners[position], ratio)  # the most similar names come first
        return scores

    @cached_property
    def _names_and_numbers(self) -> tuple[list[str], list[int]]:
        """All names of all things, and the number of the thing of each."""
        pairs = [(name, number) for number, names in enumerate(self.names) for name in sorted(names)]
        return [name for name, _ in pairs], [number for _, number in pairs]

    @cached_property
    def _sorted_starts(self) -> list[tuple[str, bool, int]]:
        """All names, and all ends of names from a later word on, in alphabetical order."""
        pairs = zip(*self._names_and_numbers, strict=True)
        return sorted(
            (start, is_whole_name, number) for name, number in pairs for start, is_whole_name in _iter_starts(name)
        )

    @cached_property
    def _numbers_by_sound(self) -> dict[str, list[int]]:
        numbers: dict[str, list[int]] = {}
        for name, number in zip(*self._names_and_numbers, strict=True):
            numbers.setdefault(phonetic_key(name), []).append(number)
        return numbers


def _iter_starts(name: str) -> Iterator[tuple[str, bool]]:
    yield name, True
    for space in re.finditer(" ", name):
        yield name[space.end() :], False
