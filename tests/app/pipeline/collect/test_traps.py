"""What comes from a register is accepted as a whole, or the previous snapshot stays and the operator is told why."""

import copy
import datetime as dt
import json
from email.utils import format_datetime

import pytest

from lindero.app.pipeline.collect.aside import accept_aside, discard_aside, read_aside
from lindero.app.pipeline.collect.collect import collect_sources
from lindero.layers.errors import ClockError, EntryError
from lindero.layers.services import catalogue as catalogue_module
from lindero.layers.services.connection.http import RequestSettings
from lindero.layers.watch.source_checks import read_checks
from lindero.layers.workspace.manifest_file import load_workspace
from tests.app.pipeline.test_fetching import offered
from tests.files import Files, collection, feature, square, text
from tests.web_stub import Answered, Cadastre, said, serving

FIRST = dt.datetime(2026, 2, 2, 6, 0, tzinfo=dt.UTC)
NEXT = FIRST + dt.timedelta(days=7)
HURRIED = RequestSettings(tries=2, first_pause_s=0.001, between_s=0.0, connect_s=5.0, silence_s=5.0)
ROWS = 60


def title(number, **changed):
    """A concession as INGEMMET's server gives it."""
    properties = {
        "OBJECTID": number,
        "CODIGOU": f"0100{number:04}26",
        "CONCESION": f"Peñón Ñandú {number}",
        "TIT_CONCES": "Compañía Minera Sánchez",
        "D_ESTADO": "D.M. Titulado D.L. 708",
        "SUSTANCIA": "M",
        "HECTAGIS": 120.0,
        "FEC_DENU": 1_262_304_000_000 + number * 86_400_000,
        **changed,
    }
    return {"id": number, **feature(properties, square(number % 20, number // 20))}


@pytest.fixture
def rows():
    return [title(number) for number in range(1, ROWS + 1)]


@pytest.fixture
def stub(rows):
    return Cadastre(rows, most=20)


@pytest.fixture
def site(stub):
    """A server whose answers a test may replace; it dates them as the test does."""
    state = {"answer": stub, "date": format_datetime(FIRST, usegmt=True)}
    with serving(lambda *asked: state["answer"](*asked), date=lambda: state["date"]) as (address, asked):
        yield state, address, asked


@pytest.fixture
def space(tmp_path, rows, site):
    files = Files(tmp_path / "space")
    received = text(tmp_path / "first" / "minas.geojson", collection(rows))
    files.add("concessions", received, id="minas", service="arcgis", url=site[1] + Cadastre.PATH, mapping="ingemmet")
    return files.space


def check(space, now=FIRST, **given):
    """Check the source `minas` once."""
    (found,) = collect_sources(load_workspace(space.folder), now=now, allow_private=True, manners=HURRIED, **given)
    return found


def dates(space):
    return [entry.snapshot_on for entry in load_workspace(space.folder).sources if entry.id == "minas"]


def test_a_complete_change_is_a_snapshot_and_the_same_again_is_none(space, stub, rows):
    stub.features = [*rows[1:], title(ROWS + 1)]
    first = check(space)
    again = check(space, NEXT)

    assert dates(space) == ["2026-01-01", "2026-02-02"]
    assert (first.result, first.rows_expected, first.rows_received, first.reason) == ("complete", ROWS, ROWS, "")
    assert first.newest_on == dt.date(2010, 3, 3)
    assert (again.result, again.checked_at, again.complete_at, again.newest_on) == ("complete", NEXT, NEXT, first.newest_on)
    assert read_checks(space.folder) == {"minas": again}
    assert not list(space.folder.glob("files/.coming/*"))
