import numpy as np
import pandas as pd
import pytest

from lindero.layers import sources
from lindero.layers.check.validate import convert_types
from lindero.layers.errors import MappingError
from lindero.layers.model.schema import LAYERS
from lindero.layers.model.vocabularies import VOCABULARIES
from lindero.layers.read.formats.detect import Format
from lindero.layers.read.reader import ReceivedLayer
from lindero.layers.sources.mapped_rows import apply_mapping
from lindero.layers.sources.mapping import (
    check_mapping,
    match_columns,
    normalise_text,
    override_mapping,
    used_fields,
)

KNOWN = sorted(sources.MAPPINGS_BY_NAME.values(), key=lambda mapping: mapping.name)
by_name = pytest.mark.parametrize("mapping", KNOWN, ids=lambda mapping: mapping.name)


def received(**fields):
    rows = pd.DataFrame(fields, dtype=object)
    return ReceivedLayer(Format.CSV, rows.set_axis(pd.RangeIndex(1, len(rows) + 1)), None, None)


@by_name
def test_each_known_source_is_recognised_by_its_fields_alone(mapping):
    country = mapping.country
    assert sources.find_mapping([*mapping.recognised_by, "OTRO"], country=country) is mapping
    assert sources.find_mapping(mapping.recognised_by, layer=mapping.layer, country=country) is mapping
    assert sources.find_mapping(list(mapping.recognised_by)[1:], country=country) is not mapping


def test_of_countries_with_the_same_system_the_one_of_the_workspace_is_chosen():
    family = sources.MAPPINGS_BY_NAME["landfolio"]
    names = {
        country: sources.find_mapping(family.recognised_by, country=country).name for country in ("CD", "KE", "PE", "")
    }

    assert names == {"CD": "cami", "KE": "kenya_mining_cadastre", "PE": "landfolio", "": "landfolio"}


@by_name
def test_known_sources_fill_columns_and_codes_that_the_schema_has(mapping):
    for part in (mapping, *mapping.derived):
        layer = LAYERS[part.layer]
        coded = {column.name: column.vocabulary for column in layer.own_columns if column.vocabulary}
        assert part.fields.keys() | part.constants.keys() <= layer.names | {"longitude", "latitude"}
        for column, codes in part.codes.items():
            assert set(codes.values()) <= set(VOCABULARIES[coded[column]])
        for column, value in part.constants.items():
            assert column not in coded or value in VOCABULARIES[coded[column]]


def test_fields_of_another_layer_are_not_taken():
    assert sources.find_mapping(["CODIGOU", "CONCESION", "TIT_CONCES"], layer="communities") is None


def test_what_was_received_is_kept_beside_the_code():
    file = received(
        CODIGOU=["1", "2", "3"], CONCESION="A", TIT_CONCES="B", D_ESTADO=["D.M. TITULADO D.L. 708", "Raro", None]
    )
    rows, account = convert_types(
        LAYERS["concessions"], apply_mapping(sources.MAPPINGS_BY_NAME["ingemmet"], file)["concessions"]
    )

    assert rows["status"].tolist() == ["granted", "unknown", "unknown"]
    assert rows["status_received"].tolist() == ["D.M. TITULADO D.L. 708", "Raro", None]
    assert account.findings[["row", "finding", "detail"]].to_numpy().tolist() == [[2, "not_in_vocabulary", "Raro"]]


def test_plants_and_tailings_of_the_mining_cadastre_are_told_by_the_first_letters_of_their_code():
    file = received(CODIGOU=["P0000205", "DR0000030", "010461925"], CONCESION="A", TIT_CONCES="B")
    mapping = sources.MAPPINGS_BY_NAME["ingemmet"]

    kinds = apply_mapping(mapping, file)["concessions"]["kind"]

    assert kinds.tolist() == ["processing_plant", "tailings", "mining"]


@pytest.mark.parametrize("name", ["sernanp_private", "global_witness"])
def test_names_of_persons_are_never_mapped(name):
    mapping = sources.MAPPINGS_BY_NAME[name]
    persons = {"name", "age", "acp_titu", "acp_obs"}
    used = {field for part in (mapping, *mapping.derived) for fields in part.fields.values() for field in fields}

    assert not used & persons


def test_a_place_described_by_who_died_there_is_left_empty():
    mapping = sources.MAPPINGS_BY_NAME["global_witness"]
    regions = ["Cusco", "Killing of ANA RÍOS Quispe, Cusco"]
    file = received(id=["1", "2"], name=["Ana Ríos", "Ana Ríos Quispe"], local_region=regions, industry_driver="Other")
    rows = apply_mapping(mapping, file)["incidents"]

    assert rows["place_text"].tolist() == rows["region"].tolist() == ["Cusco", None]


def test_columns_are_found_by_their_own_names_in_any_spelling():
    mapping = match_columns(LAYERS["incidents"], ["CÓDIGO", "Code", " Title ", "Longitud", "LAT"])

    assert mapping.fields == {
        "code": ("Code",),
        "title": (" Title ",),
        "longitude": ("Longitud",),
        "latitude": ("LAT",),
    }


def test_the_user_chooses_fields_and_constants():
    layer = LAYERS["concessions"]
    file = received(CODIGO=["1"], status=["granted"])
    mapping = override_mapping(match_columns(layer, file.rows), layer, {"code": "CODIGO"}, {"kind": "forestry"})
    rows = apply_mapping(mapping, file)["concessions"]

    assert used_fields(mapping, file) == {"code": "CODIGO", "status": "status"}
    assert rows.loc[1, ["code", "kind", "status"]].tolist() == ["1", "forestry", "granted"]


@pytest.mark.parametrize("column", ["holdr", "source_id", "area_ha", "status_received"])
def test_a_column_that_is_not_the_users_to_fill_is_refused(column):
    layer = LAYERS["concessions"]

    with pytest.raises(MappingError, match=f"no column {column}"):
        override_mapping(match_columns(layer, []), layer, {column: "X"}, {})


def test_a_chosen_field_that_is_not_there_is_named_with_those_that_are():
    layer = LAYERS["acts"]
    mapping = override_mapping(match_columns(layer, []), layer, {"type": "CLASE"}, {})

    with pytest.raises(MappingError, match="the file does not have the field CLASE; it has TIPO"):
        check_mapping(mapping, received(TIPO=["x"]))


def test_a_file_of_which_nothing_is_known_is_refused():
    with pytest.raises(MappingError, match="the fields of this file are not recognised as concessions"):
        check_mapping(match_columns(LAYERS["concessions"], ["A"]), received(A=["x"]))


def test_a_table_needs_coordinates_to_be_a_layer_of_places():
    file = received(name=["x"])

    with pytest.raises(MappingError, match="a table needs coordinates to be read as places"):
        check_mapping(match_columns(LAYERS["places"], file.rows), file)


@pytest.mark.parametrize("one", ["Ñandú", "  NANDU ", "nandú"])
def test_values_are_compared_without_case_accents_and_blanks(one):
    assert normalise_text(one) == "nandu"


def test_missing_values_are_given_as_nothing():
    rows = apply_mapping(match_columns(LAYERS["acts"], ["type"]), received(type=[None, np.nan, ""]))["acts"]

    assert rows["type"].isna().all()
    assert rows["type_received"].isna().all()


def one_row(name, /, **fields):
    """Give the first row that a known kind of file becomes."""
    mapping = sources.MAPPINGS_BY_NAME[name]
    tables = apply_mapping(mapping, received(**{field: [value] for field, value in fields.items()}))
    given = tables[mapping.layer].assign(id="1", source_id="s", snapshot_on="2026-01-01", row_number=1)
    rows, _ = convert_types(LAYERS[mapping.layer], given)
    return rows, tables


def test_a_lot_of_oil_or_gas_is_a_concession_of_its_company():
    rows, _ = one_row(
        "osinergmin_lots",
        NOMB_LOTE="192",
        CIA="Perupetro",
        TIPO_CONTR="Licencia",
        CONTRATO="C-1",
        F_EFECTIVA="2019-05-01",
    )
    row = rows.loc[1]

    assert row[["name", "holder", "kind", "status"]].tolist() == ["192", "Perupetro", "hydrocarbons", "granted"]
    assert str(row["granted_on"]) == "2019-05-01"


@pytest.mark.parametrize(
    ("received", "day"),
    [(202502, "2025-04-01"), ("202504", "2025-10-01"), (202400, "2024-01-01"), (2018, "2018-01-01")],
)
def test_mining_seen_in_a_quarter_is_of_its_first_day(received, day):
    rows, _ = one_row("amazon_mining_watch", **{"Mined area (ha)": 1.5, "year": received})

    assert str(rows.loc[1, "observed_on"]) == day


def test_a_reserve_of_peoples_in_isolation():
    rows, _ = one_row(
        "piaci_reserves", NOMRET="Yavarí Tapiche", CATEGO="Reserva Indígena", PUEIND="Matsés", ESTADO="CATEGORIZADA"
    )

    assert rows.loc[1, ["name", "people", "type", "recognition"]].tolist() == [
        "Yavarí Tapiche",
        "Matsés",
        "isolated_reserve",
        "recognised",
    ]


def test_illegal_mining_is_a_place_without_an_attack_and_its_description_stays_in_the_file():
    rows, tables = one_row(
        "sernanp_illegal_mining", descrip="Campamento de Juan Pérez", idtipact=1, ubiref="Río Malinowski", estado="1"
    )

    assert set(tables) == {"incidents"}
    assert rows.loc[1, ["place_text", "sector", "visibility"]].tolist() == [
        "Río Malinowski",
        "mining",
        "public_record",
    ]
    assert "Juan" not in rows.to_json()


def test_a_land_of_landmark():
    rows, _ = one_row(
        "landmark",
        name="X",
        ethncty_1="Shipibo",
        identity="Indigenous",
        form_rec="Acknowledged by government",
        doc_status="Documented",
        populatn=120,
        area_ofcl=15.5,
    )
    row = rows.loc[1]

    assert row[["name", "people", "type", "recognition"]].tolist() == ["X", "Shipibo", "indigenous_territory", "titled"]
    assert (row["population"], row["area_official_ha"]) == (120, 15.5)


def test_a_territory_of_raisg():
    rows, _ = one_row(
        "raisg_territories",
        nombre="Y",
        categoria="Terra Indígena",
        etnias="Ashaninka",
        pais="Brasil",
        status="Reconocido",
    )

    assert rows.loc[1, ["name", "people", "type", "recognition"]].tolist() == [
        "Y",
        "Ashaninka",
        "indigenous_territory",
        "recognised",
    ]


@pytest.mark.parametrize(
    ("kind", "act"),
    [
        ("Attack", "physical_violence"),
        ("Sexual violence", "sexual_violence"),
        ("Peaceful protest", None),
        ("Arrests", None),
    ],
)
def test_an_event_of_acled_is_an_attack_only_where_it_is_one(kind, act):
    fields = {
        "event_id_cnty": "PER1",
        "sub_event_type": kind,
        "event_date": "2023-01-31",
        "time_precision": "2",
        "geo_precision": 3,
    }
    rows, tables = one_row(
        "acled", **fields, country="Peru", notes="Ana Ríos …", actor1="Police", latitude="-7", longitude="-78"
    )

    assert rows.loc[1, ["date_precision", "location_precision", "visibility"]].tolist() == [
        "period",
        "region",
        "public_record",
    ]
    assert tables["acts"]["type"].tolist() == ([act] if act else [])
    assert "Ana" not in rows.to_json()
    assert "perpetrator_kind" not in tables["incidents"]
