"""Our code uses the public names of other packages; docs/private-names.csv lists the exceptions with their reason."""

import ast
import csv
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ("bench", "lindero", "packaging")
EXCEPTIONS = list(csv.DictReader((ROOT / "docs" / "private-names.csv").read_text(encoding="utf-8").splitlines()))
DOCUMENTED = {"_asdict", "_exit", "_fields", "_make", "_replace"}  # of named tuples and of os
BY_TEXT = {"attrgetter", "delattr", "getattr", "hasattr", "object", "setattr"}  # `object`: of `patch.object`


def is_private(name: str) -> bool:
    return name.strip("_") != "" and name.startswith("_") and not name.endswith("__") and name not in DOCUMENTED


def defined(tree: ast.AST) -> Iterator[str]:
    """Yield the names that a module defines, and the attributes that its classes set on themselves."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.Name(id=name, ctx=ast.Store()):
                yield name
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name, ctx=ast.Store()):
                yield name


def used(tree: ast.AST) -> Iterator[str]:
    """Yield the private names that a module imports, or takes from anything but its own `self` or `cls`."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (part for name in names for part in name.name.split("."))
            case ast.ImportFrom(module=module, names=names):
                yield from [*(module or "").split("."), *(name.name for name in names)]
            case ast.Attribute(value=ast.Name(id="self" | "cls")):
                pass
            case ast.Attribute(attr=name):
                yield name
            case ast.Call(func=ast.Name(id=function) | ast.Attribute(attr=function), args=args) if function in BY_TEXT:
                yield from (arg.value for arg in args if isinstance(arg, ast.Constant) and isinstance(arg.value, str))


def foreign(sources: dict[str, str]) -> set[tuple[str, str]]:
    """Return the file and name of each private name that none of the sources defines."""
    trees = {file: ast.parse(source) for file, source in sources.items()}
    ours = {name for tree in trees.values() for name in defined(tree)}
    return {
        (file, name) for file, tree in trees.items() for name in used(tree) if is_private(name) and name not in ours
    }


def test_private_names_of_other_packages_are_used_only_where_a_reason_is_given():
    paths = (path for folder in FOLDERS for path in ROOT.joinpath(folder).rglob("*.py"))
    sources = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in paths}

    assert foreign(sources) == {(row["file"], row["name"]) for row in EXCEPTIONS}
    assert all(row["reason"] for row in EXCEPTIONS)


def test_every_way_to_a_private_name_is_seen():
    taken = """
import a._b
from c._d import e
from f import _g
h._i
getattr(j, "_k")
patch.object(l, "_m")
"""
    own = """
class Own:
    def __init__(self, other):
        self._mine = other._mine
        self._parent._replace(a=__name__)
"""

    assert {name for _, name in foreign({"taken.py": taken, "own.py": own})} == {"_b", "_d", "_g", "_i", "_k", "_m"}
