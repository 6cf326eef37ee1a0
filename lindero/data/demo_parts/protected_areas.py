"""Invented parks with their buffer zones, communal reserves, regional and private areas."""

from datetime import date
from random import Random
from typing import NamedTuple

from lindero.data.demo_parts import words
from lindero.data.demo_parts.shapes import draw_blob, draw_buffer_zone
from lindero.data.demo_parts.territories import TERRITORIES

HECTARE_M2 = 10_000


class Area(NamedTuple):
    """A protected area and its terms. `east` and `north` are fractions of its territory's radius."""

    region: str
    designation: str
    place: str
    iucn_category: str
    governance: str
    east: float
    north: float
    radius_m: int
    buffer_m: int = 0  # 0: no buffer zone
    status: str = "established"

    @property
    def name(self) -> str:
        """The name of the area."""
        return f"{self.designation} {self.place}"


AREAS = (
    Area("Cajamarca", "Santuario Nacional", "Wirtumayo", "III", "government", -0.5, 0.5, 7_000, 3_500),
    Area("Cajamarca", "Coto de Caza", "Llimbe", "VI", "government", 0.6, -0.5, 6_000),
    Area("Cajamarca", "Área de Conservación Privada", "Ñawirucocha", "not_reported", "private", 0.2, 0.6, 1_800),
    Area("Cajamarca", "Zona Reservada", "Sipilla", "not_reported", "not_reported", -0.2, -0.6, 5_000, 0, "proposed"),
    Area("Junín", "Parque Nacional", "Rimbayorco", "II", "government", 0.55, 0.45, 9_000, 4_000),
    Area("Junín", "Bosque de Protección", "Pirqui", "VI", "government", -0.5, -0.4, 5_500, 2_000),
    Area("Junín", "Refugio de Vida Silvestre", "Chullmi", "IV", "government", -0.5, 0.55, 4_000),
    Area("Apurímac", "Área de Conservación Regional", "Maychu", "VI", "government", 0.4, -0.5, 7_000, 0, "designated"),
    Area("Apurímac", "Reserva Paisajística", "Lluchkapampa", "V", "shared", -0.55, 0.4, 8_000, 3_000),
    Area("Apurímac", "Área de Conservación Privada", "Tuyllupata", "not_reported", "community", 0.5, 0.5, 2_200),
    Area("Cusco", "Reserva Comunal", "Yakusimi", "VI", "shared", 0.5, 0.4, 9_500, 4_500),
    Area("Cusco", "Santuario Histórico", "Huaymitambo", "III", "government", -0.4, -0.55, 4_500, 2_000),
    Area("Loreto", "Parque Nacional", "Alto Tanquiyacu", "II", "government", -0.45, -0.45, 27_000, 9_000),
    Area("Loreto", "Reserva Nacional", "Kandomari", "VI", "government", 0.5, 0.5, 23_000, 8_000),
    Area("Loreto", "Área de Conservación Regional", "Boca Ushcuma", "VI", "shared", -0.6, 0.5, 12_000),
    Area("Madre de Dios", "Parque Nacional", "Achurimayo", "II", "government", -0.55, 0.5, 19_000, 7_000),
    Area("Madre de Dios", "Reserva Comunal", "Shipaneri", "VI", "shared", 0.1, -0.6, 14_000, 5_000),
    Area("Madre de Dios", "Coto de Caza", "Quellmi", "not_reported", "private", 0.65, 0.5, 4_000, 0, "degazetted"),
)  # fmt: skip


def invent_areas(rng: Random) -> list[dict[str, object]]:
    """Generate the rows of the file: a core for each area, and its buffer zone as a separate row."""
    return [record for number, area in enumerate(AREAS, start=1) for record in _build_records(rng, area, number)]


def _build_records(rng: Random, area: Area, number: int) -> list[dict[str, object]]:
    territory = next(candidate for candidate in TERRITORIES if candidate.region == area.region)
    x, y = territory.centre
    centre = (x + area.east * territory.radius_m, y + area.north * territory.radius_m)
    ground = draw_blob(rng, centre, area.radius_m, levels=7)
    common = {
        "designation": area.designation,
        "governance": area.governance,
        "status": area.status,
        "established_on": None
        if area.status == "proposed"
        else words.draw_date(rng, date(1970, 1, 1), date(2021, 12, 31)),
        "boundary_accuracy_m": rng.choice((25, 50, 100)),
        "invented": True,
    }
    core: dict[str, object] = {
        "code": f"INV-ANP-{number:02}",
        "name": area.name,
        "iucn_category": area.iucn_category,
        "zone": "core",
        "area_official_ha": round(ground.area / HECTARE_M2 * rng.uniform(0.985, 1.02), 2),
        **common,
        "geometry": territory.to_degrees(ground),
    }
    if not area.buffer_m:
        return [core]
    buffer: dict[str, object] = {
        "code": f"INV-ANP-{number:02}-ZA",
        "name": f"Zona de Amortiguamiento: {area.name}",
        "iucn_category": "not_reported",  # the category belongs to the area, not to its buffer zone
        "zone": "buffer",
        **common,
        "geometry": territory.to_degrees(draw_buffer_zone(rng, ground, centre, area.buffer_m)),
    }
    return [core, buffer]
