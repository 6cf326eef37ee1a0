"""Docstrings and names of the code follow CONTRIBUTING.md; docs/odd-names.csv lists the names that do not, with a reason."""

import ast
import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ODD_NAMES = list(csv.DictReader((ROOT / "docs" / "odd-names.csv").read_text(encoding="utf-8").splitlines()))
MOST_ODD_NAMES = 40
VERBS = set((Path(__file__).parent / "docstring_verbs.txt").read_text(encoding="utf-8").split())
NOT_A_NOUN = {"What", "How", "Where", "Which", "Who", "When", "That", "Whose", "Give", "Tell", "Say", "Hold"}
PREPOSITIONS = {
    "about",
    "above",
    "after",
    "along",
    "around",
    "as",
    "at",
    "before",
    "below",
    "beside",
    "besides",
    "between",
    "beyond",
    "by",
    "for",
    "if",
    "in",
    "into",
    "near",
    "of",
    "on",
    "over",
    "so",
    "that",
    "through",
    "to",
    "towards",
    "under",
    "what",
    "when",
    "where",
    "whether",
    "which",
    "who",
    "whose",
    "with",
    "within",
    "without",
}
MAY_BEGIN = {"near", "to"}  # the field's own words, as in `near` and `to_crs`
PARTICIPLES = {
    "alone",
    "apart",
    "asked",
    "begun",
    "bought",
    "bound",
    "broken",
    "brought",
    "built",
    "caught",
    "chosen",
    "done",
    "drawn",
    "fed",
    "felt",
    "found",
    "given",
    "gone",
    "grown",
    "held",
    "here",
    "hidden",
    "kept",
    "known",
    "laid",
    "led",
    "left",
    "lost",
    "made",
    "met",
    "paid",
    "said",
    "seen",
    "sent",
    "shown",
    "sought",
    "spoken",
    "stood",
    "taken",
    "there",
    "thought",
    "thrown",
    "together",
    "told",
    "understood",
    "united",
    "worn",
    "written",
}
NOUNS_IN_ED = {"bed", "feed", "need", "red", "seed", "shed", "speed", "exceed", "proceed", "embed"}
PREDICATES = {"is", "has", "are", "was", "can", "may", "must", "needs", "does", "should"}
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def is_participle(word: str) -> bool:
    return word in PARTICIPLES or (word.endswith("ed") and len(word) > 3 and word not in NOUNS_IN_ED)


def is_odd(name: str) -> bool:
    """Return whether a name is a preposition or a participle, or begins or ends with one that makes it a riddle."""
    words = [word for word in name.split("_") if word]
    if name.startswith("__") or not words or PREDICATES & set(words) or (words[0] == "from" and len(words) > 1):
        return False
    begins = words[0] in PREPOSITIONS - (MAY_BEGIN if len(words) > 1 or words[0] == "near" else set())
    return begins or is_participle(words[-1]) or (len(words) > 1 and words[-1] in PREPOSITIONS)


def definitions() -> Iterator[tuple[str, str, Definition]]:
    """Yield each function and class of the package: its file, its qualified name and its node."""
    for path in sorted((ROOT / "lindero").rglob("*.py")):
        file = path.relative_to(ROOT).as_posix()
        stack: list[tuple[str, ast.AST]] = [("", ast.parse(path.read_text(encoding="utf-8")))]
        while stack:
            prefix, node = stack.pop()
            for child in ast.iter_child_nodes(node):
                if isinstance(child, Definition):
                    yield file, prefix + child.name, child
                    stack.append((f"{prefix}{child.name}.", child))
                elif not isinstance(child, ast.expr):
                    stack.append((prefix, child))


DEFINITIONS = list(definitions())


def is_property(node: Definition) -> bool:
    return any("property" in ast.unparse(decorator) for decorator in node.decorator_list)


def first_word(node: Definition) -> str:
    return re.split(r"[\s,.:;]", (ast.get_docstring(node) or "").strip(), maxsplit=1)[0]


def test_the_docstring_of_a_function_starts_with_a_verb_of_the_list():
    wrong = [
        f"{file}: {name}: {word}"
        for file, name, node in DEFINITIONS
        if not isinstance(node, ast.ClassDef) and not is_property(node)
        for word in [first_word(node)]
        if word and word not in VERBS
    ]

    assert wrong == []


def test_the_docstring_of_a_class_or_property_says_what_it_is():
    wrong = [
        f"{file}: {name}"
        for file, name, node in DEFINITIONS
        if (isinstance(node, ast.ClassDef) or is_property(node)) and first_word(node) in NOT_A_NOUN
    ]

    assert wrong == []


def test_functions_are_named_by_what_they_do_or_compute():
    odd = {(file, name) for file, name, node in DEFINITIONS if not isinstance(node, ast.ClassDef) and is_odd(node.name)}

    assert odd == {(row["file"], row["name"]) for row in ODD_NAMES}
    assert len(ODD_NAMES) <= MOST_ODD_NAMES
    assert all(row["reason"] for row in ODD_NAMES)


@pytest.mark.parametrize("name", ["of", "by_region", "rings_of", "drawn", "_kept", "rows_told", "_alone", "with_names"])
def test_a_riddle_is_odd(name: str):
    assert is_odd(name)


@pytest.mark.parametrize("name", ["read_layer", "from_rows", "to_plane", "is_drawn", "shared_area", "feed", "near"])
def test_a_plain_name_is_not_odd(name: str):
    assert not is_odd(name)


def test_a_vertex_is_never_called_a_corner():
    docstrings = ((file, name, ast.get_docstring(node) or "") for file, name, node in DEFINITIONS)

    assert [f"{file}: {name}" for file, name, text in docstrings if re.search(r"\bcorners?\b", text)] == []
