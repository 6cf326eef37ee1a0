"""Names of substances in the reader's language. Registers use names in their own language, or codes."""

import re

from lindero.app.text.i18n import _
from lindero.layers.errors import N_

SUBSTANCES = {  # as registers write them, in lower case and without accents
    "m": N_("metallic minerals"),
    "n": N_("non-metallic minerals"),
    "oro": N_("gold"),
    "plata": N_("silver"),
    "cobre": N_("copper"),
    "zinc": N_("zinc"),
    "plomo": N_("lead"),
    "molibdeno": N_("molybdenum"),
    "hierro": N_("iron"),
    "estano": N_("tin"),
    "litio": N_("lithium"),
    "caliza": N_("limestone"),
    "carbon": N_("coal"),
    "arena": N_("sand"),
    "grava": N_("gravel"),
    "yeso": N_("gypsum"),
    "sal": N_("salt"),
    "petroleo": N_("oil"),
    "gas": N_("gas"),
    "madera": N_("timber"),
    "castana": N_("Brazil nuts"),
    "palma aceitera": N_("oil palm"),
    "cafe": N_("coffee"),
    "cacao": N_("cocoa"),
    "agua": N_("water"),
    "carretera": N_("road"),
    "linea de transmision": N_("power line"),
    "ecoturismo": N_("ecotourism"),
    "conservacion": N_("conservation"),
}
_ACCENTS = str.maketrans("áéíóúñ", "aeioun")


def substance_text(received: str) -> str:
    """Translate substances separated by commas. An unknown word is returned unchanged."""
    parts = re.split(r"\s*,\s*", received)
    named = (SUBSTANCES.get(part.strip().lower().translate(_ACCENTS)) for part in parts)
    return ", ".join(_(name) if name else part for name, part in zip(named, parts, strict=True))
