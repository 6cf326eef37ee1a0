"""The errors of `geo`. A message is an English template with parameters, so that it can be translated."""


def N_(text: str) -> str:  # noqa: N802  gettext's customary name for "translate this later"
    """Mark `text` for extraction to the translation catalogue, and return it unchanged."""
    return text


class GeoError(ValueError):
    """The base class of all errors that `geo` raises on purpose."""

    def __init__(self, template: str, **params: object) -> None:
        self.template = template
        self.params = params
        super().__init__(template.format(**params))


class FrameError(GeoError):
    """An error in a frame: a missing CRS or column, repeated ids, or two frames that do not match."""


class InvalidGeometryError(GeoError):
    """An error in geometry that must be repaired (`geo.geometry.repair`) before it can be measured."""
