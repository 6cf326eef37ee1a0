"""Invented names, and random draws in which every code of a vocabulary occurs."""

import unicodedata
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import product
from random import Random

Company = tuple[str, str]  # its name and its legal form

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
    """Return an iterator over place names without repetitions."""
    names = [root + ending for root, ending in product(_ROOTS, _ENDINGS)]
    return iter(rng.sample(names, len(names)))


def native_name(rng: Random, place: str) -> str:
    """Build the name of a native community from a place name, as many are named."""
    return rng.choice(_NATIVE).format(place)


def draw_company(rng: Random, kind: str) -> Company:
    """Draw a company of the kind. The first ones get most concessions."""
    companies = COMPANIES[kind]
    return rng.choices(companies, weights=[1 / (rank + 1) for rank in range(len(companies))])[0]


def draw_spelling(rng: Random, company: Company) -> str:
    """Write a company as registers do: mostly alike, sometimes in capitals, without accents or dots, or misspelt."""
    name, form = company
    swap_position = rng.randrange(2, len(name) - 2)
    spellings = (
        f"{name} {form}",
        f"{name.upper()} {form.upper()}",
        f"{_strip_accents(name).upper()} {form.replace('.', '').upper()}",
        f"{name}, {form}",
        f"{name.replace('Compañía', 'Cía.')} {form.replace('.', '')}",
        f"{name[:swap_position]}{name[swap_position + 1]}{name[swap_position]}{name[swap_position + 2 :]} {form}",
    )
    return rng.choices(spellings, weights=(55, 15, 10, 8, 8, 4))[0]


def _strip_accents(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


def draw_codes(rng: Random, weights: dict[str, int], count: int) -> list[str]:
    """Draw `count` codes by weight, in random order, each code at least once."""
    codes = [*weights, *rng.choices(list(weights), weights=list(weights.values()), k=count - len(weights))]
    rng.shuffle(codes)
    return codes


def happens(rng: Random, share: float) -> bool:
    """Return True with the probability `share` (0 to 1)."""
    return rng.random() < share


def draw_date(rng: Random, first: date, last: date) -> date:
    """Draw a date from `first` to `last`, both included."""
    return first + timedelta(days=rng.randint(0, (last - first).days))
