"""Tables in which positions, dates and letters are written as people write them."""

import pytest
from typer.testing import CliRunner

import lindero.app.commands.index  # noqa: F401  its commands
from lindero.app.builder.add.plan import ReceivedFile, plan_source
from lindero.app.builder.add.proposals import apply_proposals, propose_options
from lindero.app.commands.options import program
from lindero.layers.errors import MappingError
from lindero.layers.read.reader import read
from lindero.layers.sources.field_proposals import likely_layers
from lindero.layers.workspace.source_options import SourceOptions
from tests.files import TODAY, collection, feature, square, text

HEAD = "code,title,occurred_on,visibility"


@pytest.fixture
def plan(files, tmp_path):
    def planned_as(content, *, name="t.csv", layer="incidents", **wishes):
        path = text(tmp_path / name, content)
        wished = SourceOptions(layer=layer, publisher="P", snapshot_on="2026-01-01", **wishes)
        return plan_source(str(path), wished, files.space, today=TODAY)

    return planned_as


def found(taken):
    return set(zip(taken.findings["row_number"], taken.findings["finding"], strict=True))


@pytest.mark.parametrize(
    "cell",
    ["7°09'36\" S 78°30'00\" W", "-7.16, -78.5", "17M QN 76211 08075", "UTM 17 Sur 776211 9208075", "S 7 9.6 O 78 30"],
)
def test_a_position_in_one_cell_is_a_place(plan, cell):
    quoted = cell.replace('"', '""')
    taken = plan(f'{HEAD},coordenadas\nA,A,2020-01-01,public_record,"{quoted}"\n')

    point = taken.tables["incidents"].geometry.iloc[0]
    assert (point.x, point.y) == pytest.approx((-78.5, -7.16), abs=5e-3)
    assert not found(taken)


def test_a_position_without_its_zone_is_no_place_and_said(plan):
    row = '{0},{0},2020-01-01,public_record,"{1}"\n'
    taken = plan(f"{HEAD},utm\n" + row.format("A", "776211 9208075") + row.format("B", "17 776211 9208075"))

    places = taken.tables["incidents"].geometry
    assert places.isna().tolist() == [True, False]  # zone 17 without a half of the Earth: one of both is in Peru
    assert places.iloc[1].y == pytest.approx(-7.16, abs=1e-2)
    assert found(taken) == {(1, "not_readable")}


def test_positions_are_proposed_by_what_cells_hold(files, tmp_path):
    rows = "".join(f'P{i},Pueblo {i},"7°0{i}\'36"" S 78°30\'00"" W"\n' for i in range(4))
    path = text(tmp_path / "t.csv", f"code,name,donde\n{rows}")

    wishes, proposals = propose_options(
        ReceivedFile(path), SourceOptions(layer="communities", publisher="P"), files.space
    )

    assert [(one.column, one.field, one.is_sure) for one in proposals] == [("position", "donde", True)]
    taken = plan_source(str(path), apply_proposals(wishes, proposals), files.space, today=TODAY)
    assert taken.tables["communities"].geometry.notna().all()


DATES = "code,name,granted_on,applied_on,wkt\n" + "".join(
    f'{code},{code},{granted},{applied},"{square(i)}"\n'
    for i, (code, granted, applied) in enumerate([("A", "05/06/2016", "04/05/2015"), ("B", "07/08/2016", "06/07/2015")])
)


def granted(taken):
    return [None if day is None else day.isoformat() for day in taken.tables["concessions"]["granted_on"]]


def test_an_order_of_day_and_month_that_nothing_tells_is_asked_about(plan):
    taken = plan(DATES, layer="concessions")

    assert granted(taken) == [None, None]
    assert (0, "day_or_month_first") in found(taken)


@pytest.mark.parametrize(("order", "first"), [("day", "2016-06-05"), ("month", "2016-05-06")])
def test_the_order_of_day_and_month_can_be_said(plan, order, first):
    assert granted(plan(DATES, layer="concessions", date_order=order))[0] == first


def test_another_column_tells_the_order_of_day_and_month(plan):
    assert granted(plan(DATES.replace("06/07/2015", "25/07/2015"), layer="concessions")) == ["2016-06-05", "2016-08-07"]
    assert granted(plan(DATES.replace("06/07/2015", "07/25/2015"), layer="concessions")) == ["2016-05-06", "2016-07-08"]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("form", ["csv", "geojson"])
def test_utf_16_without_its_mark_is_read(tmp_path, encoding, form):
    content = (
        "code,name\nA,Peñón\n" if form == "csv" else collection([feature({"code": "A", "name": "Peñón"}, square())])
    )
    path = tmp_path / f"a.{form}"
    path.write_bytes(content.encode(encoding))

    assert read(path).rows["name"].tolist() == ["Peñón"]


def test_a_field_of_its_own_name_can_be_unset(plan):
    rows = f'code,name,holder,wkt\nA,A,lote 7,"{square()}"\n'

    assert "holder" in plan(rows, layer="concessions").tables["concessions"]
    assert "holder" not in plan(rows, layer="concessions", fields={"holder": ""}).tables["concessions"]


def test_all_incidents_of_a_file_may_be_of_one_kind(plan):
    rows = f"{HEAD}\nA,A,2020-01-01,public_record\nB,B,2021-01-01,public_record\n"

    assert plan(rows, constants={"acts": "threat"}).tables["acts"]["type"].tolist() == ["threat"] * 2
    both = plan(rows, constants={"acts": "threat; killing"}).tables["acts"]
    assert sorted(both["type"]) == ["killing", "killing", "threat", "threat"]
    assert both["id"].is_unique


def test_kinds_of_act_in_a_field_are_translated(plan):
    rows = f"{HEAD},TIPO\nA,A,2020-01-01,public_record,Amenaza de muerte\n"
    said = {"acts": {"Amenaza de muerte": "threat"}}

    assert plan(rows, fields={"acts": "TIPO"}, codes=said).tables["acts"]["type"].tolist() == ["threat"]
    with pytest.raises(MappingError, match="no column acts"):
        plan(f'name,wkt\nA,"{square()}"\n', layer="communities", fields={"acts": "name"})


@pytest.mark.parametrize(
    ("name", "fields", "layer"),
    [
        ("SIGMINE_processos.geojson", {"PROCESSO": "8", "AREA_HA": 1.5, "FASE": "Lavra", "NOME": "X", "SUBS": "OURO", "UF": "PA"}, "concessions"),
        ("tis_poligonais.geojson", {"terrai_nom": "Kayabi", "etnia_nome": "Kaiabi", "fase_ti": "Regularizada"}, "communities"),
        ("resguardos_legalizados.geojson", {"NOMBRE": "Awa", "PUEBLO": "Awá", "AREA_TOTAL_HA": 3.0}, "communities"),
        ("catastro_ec.geojson", {"codigo": "1", "titular": "X", "fase": "Exploración", "tipo_mineral": "Metálico"}, "concessions"),
        ("tioc.geojson", {"NOM_TIOC": "TIPNIS", "PUEBLO": "Mojeño", "SUPERFICIE": 1.0}, "communities"),
        ("nucleos_agrarios.geojson", {"Clv_Unica": "1", "NOM_NUC": "X", "TIPO": "Ejido"}, "communities"),
        ("concesiones_cl.geojson", {"ROL_NACIONAL": "1", "TITULAR_NOMBRE": "X", "SITUACION_CONCESION": "Constituida"}, "concessions"),
        ("snaspe.geojson", {"Nombre": "X", "Categoria": "Parque Nacional"}, "protected_areas"),
        ("titres_miniers_guyane.geojson", {"nom": "X", "titulaires": "Y", "statut": "valide", "date_debut": "2019-01-02"}, "concessions"),
        ("departamentos_gt.geojson", {"departamento": "Petén", "nivel": "1"}, "regions"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_the_likely_layer_is_told_from_words_in_four_languages(tmp_path, name, fields, layer):
    path = text(tmp_path / name, collection([feature(fields, square())]))

    assert likely_layers(read(path), [path.stem])[0].layer == layer


def test_a_file_without_a_layer_is_looked_at(files, tmp_path):
    path = text(
        tmp_path / "catastro.geojson", collection([feature({"EXPEDIENTE": "1", "TITULAR": "X y Cía"}, square())])
    )

    asked = CliRunner().invoke(program, ["add", str(path), "--workspace", str(files.folder)])

    assert asked.exit_code == 1
    assert "EXPEDIENTE" in asked.stderr
    assert (
        "lindero add catastro.geojson --layer concessions --publisher '…' --field code=EXPEDIENTE --field holder=TITULAR"
        in " ".join(asked.stderr.split())
    )
    assert not files.space.sources
    assert CliRunner().invoke(program, ["add", str(path), "--workspace", str(files.folder), "--dry-run"]).exit_code == 0


def test_hectares_are_not_proposed_of_other_units():
    from lindero.layers.sources.field_proposals import _OTHER_UNIT, split_words

    assert _OTHER_UNIT.search(split_words("superficie_km2"))
    assert _OTHER_UNIT.search(split_words("AREA_M2"))
    assert not _OTHER_UNIT.search(split_words("AREA_HA"))
