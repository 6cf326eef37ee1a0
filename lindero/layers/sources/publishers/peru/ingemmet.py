"""Peru's mining cadastre (INGEMMET) as concessions."""

from lindero.layers.sources.mapping import FieldMapping

CADASTRE = FieldMapping(
    name="ingemmet",
    layer="concessions",
    title="Catastro minero nacional",
    publisher="INGEMMET",
    recognised_by=frozenset({"CODIGOU", "CONCESION", "TIT_CONCES"}),
    fields={
        "code": ("CODIGOU",),
        "name": ("CONCESION",),
        "holder": ("TIT_CONCES",),
        "status": ("D_ESTADO",),
        "substance": ("SUSTANCIA", "NATURALEZA"),
        "applied_on": ("FEC_DENU",),
        "area_official_ha": ("HECTAREA", "HECTAGIS"),
    },
    constants={"kind": "mining"},
    codes={
        "status": {
            "D.M. Titulado D.L. 708": "granted",
            "D.M. Titulado D.L. 109": "granted",
            "Acumulación D.M. Titulada": "granted",
            "D.M. en Trámite D.L. 708": "applied",
            "D.M. Exting. Pub. L.D. Reden.": "expired",
            "D.M. Exting. a publicar de L.D.": "expired",
            "D.M. Exting. no Peticionable": "expired",
            # The cadastre also contains plants and tailings deposits, and does not state whether they are in force.
            "Planta de Beneficio": "unknown",
            "Depósito de Relaves": "unknown",
        },
    },
    # By law, vertices are UTM coordinates (Ley del Catastro Minero, No. 26615). The uncertainty is the datum shift from
    # PSAD56 to WGS 84, a few metres (docs/methods.md, Certainty).
    accuracy_m=5.0,
    url="https://geocatmin.ingemmet.gob.pe/",
)
