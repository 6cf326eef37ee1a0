"""Choices of several that stand in the page's address by their codes, so that a link opens them in any language."""

from collections.abc import Callable, Sequence

import streamlit as st

NONE = "-"  # in an address: none of them


def several(
    label: str, options: Sequence[str], name: Callable[[str], str], *, param: str, usual: Sequence[str]
) -> list[str]:
    """Let the reader choose some of the options; the usual ones stand in no address, and codes unknown are ignored."""
    linked = st.query_params.get_all(param)
    asked = [code for code in options if code in linked]
    default = asked if asked or NONE in linked else [code for code in options if code in usual]
    chosen = st.multiselect(label, options, default=default, format_func=name, key=f"several-{param}")
    if list(chosen) == [code for code in options if code in usual]:
        st.query_params.pop(param, None)
    else:
        st.query_params[param] = list(chosen) or [NONE]
    return list(chosen)
