"""Python source without its docstrings, for rules about code."""

import ast

DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def without_docstrings(text: str) -> str:
    """Return the source without the lines of its docstrings."""
    nodes = [node for node in ast.walk(ast.parse(text)) if isinstance(node, DOCUMENTED) and ast.get_docstring(node)]
    hidden = {line for node in nodes for line in range(node.body[0].lineno, node.body[0].end_lineno + 1)}
    return "\n".join(line for number, line in enumerate(text.splitlines(), start=1) if number not in hidden)
