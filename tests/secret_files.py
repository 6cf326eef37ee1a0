"""Planted secrets: fifty of them, in one file of attacks as a partner organisation would send it."""

import csv
import datetime as dt
import io
import struct
from dataclasses import dataclass

from lindero.app.builder.vault import plan_for_vault, store_in_vault
from lindero.app.media.site.select import select_publication
from lindero.layers.vault import vault_file
from lindero.layers.vault.key_derivation import Key
from lindero.layers.vault.vault_file import Vault
from lindero.layers.workspace.source_options import SourceOptions

KEY, OTHER_KEY = Key("uno-dos-tres-cuatro"), Key("cinco-seis-siete")
TODAY = dt.date(2026, 6, 30)
COLUMNS = (
    *("id", "title", "occurred_on", "date_precision", "place_text", "region", "country", "location_precision"),
    *("sector", "visibility", "sources", "longitude", "latitude", "nombre", "telefono", "nota"),
)


@dataclass(frozen=True)
class Secret:
    """A record that must not be published, as it stands in the file."""

    number: int
    visibility: str

    @property
    def longitude(self):
        return -74.512345 - self.number * 0.013717

    @property
    def latitude(self):
        return -8.312345 - self.number * 0.009371

    def row(self, **other):
        n = self.number
        told = {
            "id": f"caso-secreto-{n:03}",
            "title": f"Amenaza contra la defensora Ñusta Quilla {n:03}",
            "occurred_on": f"2024-{n % 12 + 1:02}-{n % 27 + 1:02}",
            "date_precision": "day",
            "place_text": f"Jirón Escondido {1000 + n}, casa verde",
            "region": "Ucayali",
            "country": "PE",
            "location_precision": "exact",
            "sector": "forestry",
            "visibility": self.visibility,
            "sources": f"testimonio reservado {n:03}",
            "longitude": repr(self.longitude),
            "latitude": repr(self.latitude),
            "nombre": f"Ñusta Quilla Tanchiva {n:03}",
            "telefono": f"+51 961 {n:03} {999 - n:03}",
            "nota": f"duerme en casa de su hermana los martes, testigo {n:03}",
        }
        return told | other

    def texts(self):
        """What of it no artefact may hold, as text."""
        told = self.row()
        names = ("id", "title", "place_text", "sources", "longitude", "latitude", "nombre", "telefono", "nota")
        return [told[name] for name in names]

    def patterns(self):
        """The same as bytes: text in three encodings, coordinates as floats of both sizes and byte orders."""
        found = [text.encode(code) for text in self.texts() for code in ("utf-8", "utf-16-le", "utf-16-be")]
        found += [struct.pack(f"{order}d", value) for order in "<>" for value in (self.longitude, self.latitude)]
        place = self.longitude, self.latitude
        found += [struct.pack(f"{order}2f", *pair) for order in "<>" for pair in (place, place[::-1])]
        return found


SECRETS = tuple(Secret(n, "restricted" if n % 2 else "confidential") for n in range(50))


def csv_of(rows):
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def made(workspace, key=KEY):
    """An empty vault in a workspace."""
    held = Vault(vault_file.prepare_folder(workspace), key)
    vault_file.create_vault(held)
    return held


def put(held, space, file, **wishes):
    """Put a file of incidents into the vault."""
    known = {"layer": "incidents", "publisher": "Una organización", **wishes}
    taken = plan_for_vault(held, str(file), SourceOptions(**known), space, today=TODAY)
    store_in_vault(held, taken, file)
    return taken


def chosen(space, held):
    """What would be published of a workspace and its vault."""
    with vault_file.open_vault(held) as con:
        return select_publication(space, con, today=TODAY)
