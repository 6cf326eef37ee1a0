"""
Public functions of `lindero.geo` and `lindero.layers` are documented by numpydoc, and their examples give what they show.

Public are the functions that other packages call. tests/app/test_library.py runs the examples of `lindero` on a map.
"""

import ast
import doctest
import importlib
from pathlib import Path

import pytest

from tests.whole.example_names import example_names

ROOT = Path(__file__).parents[2]
PACKAGES = ("lindero.geo", "lindero.layers")
SECTIONS = tuple(f"{name}\n{'-' * len(name)}\n" for name in ("Parameters", "Returns", "Yields", "Raises"))
EXAMPLE = ">>> "


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


TREES = {
    module_name(path): ast.parse(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "lindero").rglob("*.py"))
}
FUNCTIONS = {
    (module, node.name): node
    for module, tree in TREES.items()
    for node in tree.body
    if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
}
"""Functions of modules by module and name."""
WITH_EXAMPLES = [
    module
    for module, tree in TREES.items()
    if module.startswith(PACKAGES)
    and any(EXAMPLE in (ast.get_docstring(node) or "") for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
]


def package_of(module: str) -> str:
    return ".".join(module.split(".")[:2])


def used_functions(module: str) -> set[tuple[str, str]]:
    """Return the functions of other modules that a module imports, or reaches through an imported module."""
    tree, imported, used = TREES[module], {}, set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            used |= {(node.module, alias.name) for alias in node.names}
            imported |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            used.add((imported.get(node.value.id, ""), node.attr))
    return used & FUNCTIONS.keys()


PUBLIC = sorted(
    {
        function
        for module in TREES
        for function in used_functions(module)
        if package_of(function[0]) in PACKAGES and package_of(function[0]) != package_of(module)
    }
)


def has_sections(node: ast.FunctionDef) -> bool:
    """Return whether a function has anything to describe: a parameter or a result."""
    return any(ast.iter_child_nodes(node.args)) or ast.unparse(node.returns or ast.Constant(None)) != "None"


def docstring(function: tuple[str, str]) -> str:
    return ast.get_docstring(FUNCTIONS[function]) or ""


@pytest.mark.parametrize("module", WITH_EXAMPLES, ids=lambda module: module.removeprefix("lindero."))
def test_examples_give_what_they_show(demonstration, module):
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)

    for test in doctest.DocTestFinder(exclude_empty=True).find(importlib.import_module(module)):
        with example_names(test, demonstration[0]) as names:
            test.globs.update(names)
            runner.run(test)
    assert runner.tries > 0
    assert runner.failures == 0


def test_public_functions_are_documented_by_numpydoc():
    assert len(PUBLIC) > 400
    assert [
        f"{module}.{name}"
        for module, name in PUBLIC
        if has_sections(FUNCTIONS[module, name])
        and not any(section in docstring((module, name)) for section in SECTIONS)
    ] == []


def test_every_public_function_has_an_example():
    assert [f"{module}.{name}" for module, name in PUBLIC if EXAMPLE not in docstring((module, name))] == []
