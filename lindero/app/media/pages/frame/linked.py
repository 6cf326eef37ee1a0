"""Multiple choices that are kept in the page address by code, so that a link opens them in any language."""

from collections.abc import Callable, Sequence

import streamlit as st

NONE = "-"  # in an address: none is selected


def select_several(
    label: str, options: Sequence[str], name: Callable[[str], str], *, param: str, usual: Sequence[str]
) -> list[str]:
    """Show controls to select some of the options.

    The usual selection is not written to the address, and unknown codes in it are ignored.
    """
    linked = st.query_params.get_all(param)
    linked_codes = [code for code in options if code in linked]
    default = linked_codes if linked_codes or NONE in linked else [code for code in options if code in usual]
    selected = st.multiselect(label, options, default=default, format_func=name, key=f"several-{param}")
    if list(selected) == [code for code in options if code in usual]:
        st.query_params.pop(param, None)
    else:
        st.query_params[param] = list(selected) or [NONE]
    return list(selected)
