"""Names of the steps of a build."""

from lindero.app.text.i18n import _
from lindero.layers.errors import N_

_NAMES = {
    "overlaps": N_("overlaps between layers"),
    "footprints": N_("areas covered"),
    "cells": N_("cells of the hotspots"),
    "totals": N_("totals of the overlaps"),
    "exposure": N_("exposure of communities"),
    "tiles": N_("map tiles"),
}


def step_name(step: str) -> str:
    """Translate the name of a step. Another name, such as that of a source, is returned unchanged."""
    return _(_NAMES[step]) if step in _NAMES else step
