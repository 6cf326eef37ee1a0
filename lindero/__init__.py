"""A map of territory and environmental conflict that people run themselves."""

from pathlib import Path

_ABOVE = Path(__file__).parents[1]
if (_ABOVE / "pyproject.toml").is_file():  # a clone: the folders app, geo and layers lie beside this one
    __path__.append(str(_ABOVE))
