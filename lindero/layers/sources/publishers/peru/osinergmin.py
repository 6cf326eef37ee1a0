"""Peru's oil and gas lots (PERUPETRO, served by OSINERGMIN) as concessions."""

from lindero.layers.sources.mapping import ANY, FieldMapping

LOTS = FieldMapping(
    name="osinergmin_lots",
    layer="concessions",
    title="Lotes de hidrocarburos",
    publisher="OSINERGMIN / PERUPETRO",
    recognised_by=frozenset({"NOMB_LOTE", "CIA", "TIPO_CONTR"}),
    fields={
        "name": ("NOMB_LOTE",),
        "holder": ("CIA",),
        "substance": ("TIPO_CONTR",),
        "status": ("CONTRATO",),
        "granted_on": ("F_EFECTIVA", "F_SUSCRIPC"),
    },
    constants={"kind": "hydrocarbons", "status": "granted"},
    codes={"status": {ANY: "granted"}},  # the field contains the contract's name, and a contract comes with the lot
)
"""Fields: the service's own, and F_EFECTIVA and F_SUSCRIPC as in PERUPETRO's layer of January 2019."""
