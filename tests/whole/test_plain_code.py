"""Docstrings of the code follow CONTRIBUTING.md."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
VERBS = set((Path(__file__).parent / "docstring_verbs.txt").read_text(encoding="utf-8").split())
NOT_A_NOUN = {"What", "How", "Where", "Which", "Who", "When", "That", "Whose", "Give", "Tell", "Say", "Hold"}
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


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


def test_a_vertex_is_never_called_a_corner():
    docstrings = ((file, name, ast.get_docstring(node) or "") for file, name, node in DEFINITIONS)

    assert [f"{file}: {name}" for file, name, text in docstrings if re.search(r"\bcorners?\b", text)] == []
