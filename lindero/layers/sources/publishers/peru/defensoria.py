"""Peru's social conflicts (Defensoría del Pueblo) as incidents without acts: a conflict is not an attack."""

from lindero.layers.sources.mapping import FieldMapping

CONFLICTS = FieldMapping(
    name="defensoria_conflicts",
    layer="incidents",
    title="Conflictos socioambientales",
    publisher="Defensoría del Pueblo",
    recognised_by=frozenset({"caso", "departamento", "distrito", "vio_if", "dial_if"}),
    fields={
        "title": ("caso",),
        "place_text": ("distrito",),
        "region": ("departamento",),
        "country": ("pais",),
        "sector": ("actividad",),
        "company": ("empresa",),
        "conflict_phase": ("fase",),
        "violent": ("vio_if",),
        "in_dialogue": ("dial_if",),
        "longitude": ("lon",),
        "latitude": ("lat",),
    },
    constants={
        "date_precision": "unknown",
        # Several cases share one point, which represents the district and not a place.
        "location_precision": "district",
        "visibility": "public_record",
        "sources": "Defensoría del Pueblo, reporte mensual de conflictos sociales",
    },
    codes={
        "sector": {"Minería": "mining", "Hidrocarburos": "hydrocarbons"},
        "conflict_phase": {
            "Conflicto no iniciado": "latent",
            "Fase temprana": "early",
            "Escalamiento": "escalating",
            "Crisis": "crisis",
            "Desescalamiento": "de_escalating",
            "Diálogo": "dialogue",
            "Resuelto": "ended",
            "Conflicto concluido": "ended",
            "Retirado": "ended",  # removed from the Ombudsman's register
        },
    },
)
