"""Invented names, each marked as such, and draws that leave no code of a vocabulary out."""

import unicodedata
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import product
from random import Random

Company = tuple[str, str]  # its name and its legal form

INVENTED_F = " (inventada)"  # una comunidad, una concesión, una empresa
INVENTED_M = " (inventado)"  # un parque, un hecho, un pueblo

_ROOTS = (
    "Wirtu", "Sullma", "Tanqui", "Quellmi", "Pachur", "Llimbe", "Charqui", "Yutuma", "Rimbay", "Ushcuma", "Ñawiru",
    "Maychu", "Qantura", "Sipilla", "Tuyllu", "Huaymi", "Lluchka", "Pirqui", "Achuri", "Chullmi",
)  # fmt: skip
_ENDINGS = ("pampa", "marca", "bamba", "cocha", "orco", "pata", "cancha", "huasi", "mayo", "yacu", "cruz", "tambo")
_NATIVE = ("Nuevo {}", "Alto {}", "Boca del {}", "Puerto {}", "San Ejemplo de {}", "Santa Muestra de {}")

PEOPLES = {
    False: ("Quechumi", "Aymuri", "Chancalli"),
    True: ("Yakusimi", "Sachawiru", "Shipaneri", "Kandomari", "Ashenuri"),
}
"""Invented peoples, of the highlands (False) and the Amazon (True)."""

COMPANIES: dict[str, tuple[Company, ...]] = {
    "mining": (
        ("Compañía Minera Imaginaria del Norte", "S.A."),
        ("Minera Ejemplo Verde", "S.A.C."),
        ("Minería Hipotética Andina", "S.A.C."),
        ("Corporación Aurífera Simulada", "S.A.C."),
        ("Exploraciones Ficticias Unidas", "S.R.L."),
        ("Inversiones Mineras de Muestra", "E.I.R.L."),
        ("Minera Cóndor Inexistente", "S.A."),
        ("Metales de Fantasía Perú", "S.A."),
        ("Cooperativa Minera Ejemplo Dorado", "Ltda."),
        ("Canteras Imaginarias", "S.R.L."),
        ("Sociedad Minera Utopía de Ensayo", "S.M.R.L."),
        ("Cobre Hipotético Sur", "S.A.C."),
    ),
    "hydrocarbons": (("Petrolera Muestra Amazónica", "S.A."), ("Gas Hipotético del Oriente", "S.A.C.")),
    "forestry": (
        ("Maderera Ejemplo Cedro", "S.A.C."),
        ("Forestal Imaginaria Ribereña", "E.I.R.L."),
        ("Bosques Simulados", "S.A.C."),
    ),
    "agro_industry": (("Palmas Ficticias de Ensayo", "S.A."), ("Agroindustria Hipotética", "S.A.C.")),
    "hydropower": (("Hidroeléctrica Hipotética", "S.A."), ("Energía Ficticia Andina", "S.A.C.")),
    "infrastructure": (("Vías Imaginarias", "S.A.C."), ("Transmisión Eléctrica de Ejemplo", "S.A.")),
    "other": (("Ecoturismo de Muestra", "S.R.L."), ("Conservación Imaginaria", "S.A.C.")),
}


def place_names(rng: Random) -> Iterator[str]:
    """Give names of places, none twice."""
    names = [root + ending for root, ending in product(_ROOTS, _ENDINGS)]
    return iter(rng.sample(names, len(names)))


def native_name(rng: Random, place: str) -> str:
    """Name a native community after a place, as many are."""
    return rng.choice(_NATIVE).format(place)


def company(rng: Random, kind: str) -> Company:
    """Draw a company of the kind; the first ones hold the most."""
    companies = COMPANIES[kind]
    return rng.choices(companies, weights=[1 / (rank + 1) for rank in range(len(companies))])[0]


def spelling(rng: Random, company: Company) -> str:
    """Write a company as a register does: mostly alike, at times in capitals, without accents or dots, or misspelt."""
    name, form = company
    swap = rng.randrange(2, len(name) - 2)
    ways = (
        f"{name} {form}",
        f"{name.upper()} {form.upper()}",
        f"{_plain(name).upper()} {form.replace('.', '').upper()}",
        f"{name}, {form}",
        f"{name.replace('Compañía', 'Cía.')} {form.replace('.', '')}",
        f"{name[:swap]}{name[swap + 1]}{name[swap]}{name[swap + 2 :]} {form}",
    )
    return rng.choices(ways, weights=(55, 15, 10, 8, 8, 4))[0] + INVENTED_F


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


def deal(rng: Random, weights: dict[str, int], count: int) -> list[str]:
    """Draw `count` codes by weight, in random order, each code at least once."""
    codes = [*weights, *rng.choices(list(weights), weights=list(weights.values()), k=count - len(weights))]
    rng.shuffle(codes)
    return codes


def happens(rng: Random, share: float) -> bool:
    """Say yes in `share` (0 to 1) of the cases."""
    return rng.random() < share


def a_day(rng: Random, first: date, last: date) -> date:
    """Draw a day from `first` to `last`, both included."""
    return first + timedelta(days=rng.randint(0, (last - first).days))
