"""Text of strangers, made safe to stand in a sentence of ours."""

import re

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")  # ASCII: what Markdown lets one escape


def plain(text: str) -> str:
    """Write text so that Streamlit's Markdown shows it as it is: no link, image, formula, colour or icon."""
    return _PUNCTUATION.sub(r"\\\1", " ".join(text.split()))
