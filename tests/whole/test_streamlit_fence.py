"""Streamlit's insides are touched in one folder alone: elsewhere there is `import streamlit as st` and two types."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

APP = Path(__file__).parents[2] / "lindero" / "app"
HOST = APP / "serving" / "streamlit_host"
TYPES = {"streamlit.delta_generator.DeltaGenerator", "streamlit.navigation.page.StreamlitPage"}
"""What `st.container()` and `st.Page()` return: public, and offered at no other address."""
OF_ITS_PAGE = re.compile(r"data-testid|data-baseweb|_stcore|__streamlit|\.st[A-Z]\w+\b")


def insides(tree: ast.AST) -> Iterator[str]:
    """Yield what a module imports of Streamlit beside `streamlit` itself, and the private names of that."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (name.name for name in names if name.name.startswith("streamlit."))
            case ast.ImportFrom(module=str(module), names=names) if module.split(".")[0] == "streamlit":
                yield from (f"{module}.{name.name}" for name in names)
            case ast.Attribute(value=ast.Name(id="st"), attr=name) if name.startswith("_") or name == "runtime":
                yield f"st.{name}"


def test_no_module_outside_the_folder_imports_streamlit_s_insides():
    modules = [path for path in APP.rglob("*.py") if not path.is_relative_to(HOST)]
    found = {(path.name, name) for path in modules for name in insides(ast.parse(path.read_text(encoding="utf-8")))}

    assert {(file, name) for file, name in found if name not in TYPES} == set()


def test_no_file_outside_the_folder_names_parts_of_streamlit_s_page():
    files = [path for kind in ("py", "js", "css") for path in APP.rglob(f"*.{kind}") if not path.is_relative_to(HOST)]
    named = {path.name: OF_ITS_PAGE.findall(path.read_text(encoding="utf-8")) for path in files}

    assert {file: names for file, names in named.items() if names} == {}


def test_every_way_inside_is_seen():
    source = """
import streamlit as st
import streamlit.runtime
from streamlit import config
from streamlit.web.server import server
from streamlit.delta_generator import DeltaGenerator
st._main
st.runtime.exists()
st.write(streamlit_folium)
"""

    assert {*insides(ast.parse(source))} - TYPES == {
        "streamlit.runtime",
        "streamlit.config",
        "streamlit.web.server.server",
        "st._main",
        "st.runtime",
    }
