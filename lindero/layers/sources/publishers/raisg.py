"""
Indigenous territories of the Amazon (RAISG), in nine countries. The publisher asks users to identify themselves.

The fields are those of `Tis_TerritoriosIndigenas`, releases of 2020 to June 2025, as named in public code that reads
them.
"""

from lindero.layers.sources.mapping import FieldMapping

TERRITORIES = FieldMapping(
    name="raisg_territories",
    layer="communities",
    title="Territorios indígenas de la Amazonía",
    publisher="RAISG",
    recognised_by=frozenset({"nombre", "categoria", "etnias", "pais"}),
    fields={
        "name": ("nombre",),
        "people": ("etnias",),
        "type": ("categoria",),
        "recognition": ("status", "situacion", "leyenda"),
        "area_official_ha": ("area_of_ha", "area_ofici"),
    },
    codes={
        "type": {
            "Comunidad Nativa": "native",
            "Comunidad Campesina": "peasant",
            "Reserva Indígena": "isolated_reserve",
            "Reserva Territorial": "isolated_reserve",
            "Terra Indígena": "indigenous_territory",
            "Resguardo Indígena": "indigenous_territory",
            "Nacionalidad": "indigenous_territory",
            "Territorio Indígena Originario Campesino": "indigenous_territory",
            "Tierra Comunitaria de Origen": "indigenous_territory",
        },
        "recognition": {
            "Reconocido": "recognised",
            "Reconocida": "recognised",
            "Titulado": "titled",
            "Titulada": "titled",
            "En trámite": "in_process",
            "Sin reconocimiento": "claimed",
            "No reconocido": "claimed",
        },
    },
    url="https://www.raisg.org/es/mapas/",
)
