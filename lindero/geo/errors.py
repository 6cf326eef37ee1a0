"""What can be wrong with geometry, said so that it can be translated: an English template and its parameters."""


def N_(text: str) -> str:  # noqa: N802  gettext's customary name for "translate this later"
    """Mark `text` for extraction to the translation catalogue; returns it unchanged."""
    return text


class GeoError(ValueError):
    """Base of every error that `geo` raises on purpose."""

    def __init__(self, template: str, **params: object) -> None:
        self.template = template
        self.params = params
        super().__init__(template.format(**params))


class FrameError(GeoError):
    """A frame lacks a CRS, a column or unique ids, or two frames do not fit each other."""


class InvalidGeometryError(GeoError):
    """A frame holds geometry that must be repaired (`geo.geometry.repair`) before it can be measured."""
