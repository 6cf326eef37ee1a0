"""The known traps of Brazil's registers, on the invented samples of its pack."""

import datetime as dt

import pytest

from lindero.app.builder.add.plan import plan_source
from lindero.layers.reference import packs
from lindero.layers.workspace import manifest_file
from lindero.layers.workspace.source_options import SourceOptions


@pytest.fixture
def plan(tmp_path):
    def plan(name):
        space = manifest_file.create_workspace(tmp_path / "space", title="x", country="BR")
        options = SourceOptions(snapshot_on="2026-11-01")
        file = packs.FOLDER / "br" / "samples" / name
        return plan_source(str(file), options, space, today=dt.date(2026, 11, 30))

    return plan


def test_licenciamento_is_a_mining_regime_and_its_application_is_not_a_grant(plan):
    rows = plan("sigmine.zip").tables["concessions"]
    regime = rows[rows["status_received"].str.contains("LICENCIAMENTO")]

    assert set(regime["kind"]) == {"mining"}
    assert regime.groupby("status_received")["status"].unique().map(list).to_dict() == {
        "LICENCIAMENTO": ["granted"],
        "REQUERIMENTO DE LICENCIAMENTO": ["applied"],
    }


def test_a_last_event_is_not_a_date_and_a_placeholder_is_not_a_holder(plan):
    rows = plan("sigmine.zip").tables["concessions"]

    assert "granted_on" not in rows or rows["granted_on"].isna().all()
    assert rows["holder"].isna().sum() > 0
    assert not rows["holder"].str.contains("CADASTRADO", na=False).any()


def test_a_land_under_review_is_there_with_both_boundaries(plan):
    rows = plan("terras_indigenas.geojson").tables["communities"]
    twice = rows[rows["name"].duplicated(keep=False)]

    assert twice["code"].nunique() == 2
    assert twice["recognition_received"].tolist() == ["Regularizada", "Delimitada"]


def test_texts_in_two_encodings_are_all_read(plan):
    taken = plan("unidades_conservacao.zip")
    rows = taken.tables["protected_areas"]

    assert sorted(set(rows["designation"])) == [
        "Estação Ecológica",
        "Floresta",
        "Parque",
        "Reserva Extrativista",
        "Reserva Particular do Patrimônio Natural",
        "Área de Proteção Ambiental",
    ]
    assert "encoding_not_as_claimed" in set(taken.findings["finding"])
