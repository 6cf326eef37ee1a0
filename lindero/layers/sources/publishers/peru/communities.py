"""Peru's native and peasant communities, as the regional governments and IBC publish them."""

from lindero.layers.sources.mapping import ANY, FieldMapping

NATIVE = FieldMapping(
    name="native_communities",
    layer="communities",
    title="Comunidades nativas",
    publisher="IBC / SICNA",
    recognised_by=frozenset({"NOMBRE", "ETNIA1", "POBLACION"}),
    fields={
        "name": ("NOMBRE",),
        "people": ("ETNIA1",),
        "population": ("POBLACION",),
        "recognition": ("TINRORESOL",),
        "area_official_ha": ("AREA_TITUL",),
    },
    constants={"type": "native"},
    codes={"recognition": {ANY: "titled"}},  # the field contains the number of the titling resolution
)
PEASANT = FieldMapping(
    name="peasant_communities",
    layer="communities",
    title="Comunidades campesinas",
    publisher="Gobierno Regional / COFOPRI",
    recognised_by=frozenset({"Nombre", "Area_leg_h", "Condicion"}),
    fields={"name": ("Nombre",), "recognition": ("Condicion",), "area_official_ha": ("Area_leg_h",)},
    constants={"type": "peasant"},
    codes={
        "recognition": {
            "Titulada": "titled",
            "Reg. Publi": "titled",
            "Res. Dir": "recognised",
            "Falta deslinde": "in_process",
            "Litigio": "in_process",
        }
    },
)
RESERVES = FieldMapping(
    name="piaci_reserves",
    layer="communities",
    title="Reservas indígenas y territoriales (PIACI)",
    publisher="Ministerio de Cultura",
    recognised_by=frozenset({"NOMRET", "CATEGO", "PUEIND"}),
    fields={"name": ("NOMRET",), "people": ("PUEIND",), "recognition": ("ESTADO",)},
    constants={"type": "isolated_reserve"},
    # Under Peru's Law No. 28736, reserves are requested, recognised and categorised.
    codes={
        "recognition": {
            "Categorizada": "recognised",
            "Reconocida": "recognised",
            "Creada": "recognised",
            "Establecida": "recognised",
            "Solicitada": "claimed",
            "Solicitud": "claimed",
            "En trámite": "in_process",
            "Propuesta": "claimed",
        }
    },
)
