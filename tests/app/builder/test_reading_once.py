"""`add` reads a file once, and the next build takes over what it read."""

import pytest

from lindero.app.builder.build import build_map
from lindero.app.commands.workspace.add_flow import Consent, add_file
from lindero.layers.disk import builds
from lindero.layers.read.sandbox import client
from lindero.layers.workspace import manifest_tables
from lindero.layers.workspace.manifest_file import load_workspace
from lindero.layers.workspace.source_options import SourceOptions
from tests.files import Files, concessions, geojson, incidents, text

CONCESSIONS = SourceOptions(layer="concessions", publisher="P", snapshot_on="2026-01-01")


@pytest.fixture
def asked(monkeypatch):
    """The names of the files that were read in the sandbox."""
    names, ask = [], client._Worker.ask
    monkeypatch.setattr(
        client._Worker,
        "ask",
        lambda keeper, job, most, name, receive: names.append(name) or ask(keeper, job, most, name, receive),
    )
    return names


def add(folder, path, options=CONCESSIONS):
    assert add_file(load_workspace(folder), str(path), options, Consent(yes=True))


def built(folder):
    build_map(load_workspace(folder))
    return builds.current_map(folder / "build").name.partition("-")[2].partition("-")[2]  # by its content


def test_a_file_is_read_once_by_add_and_not_again_by_build(tmp_path, asked):
    path = geojson(tmp_path / "a.geojson", concessions(3))
    folder = Files(tmp_path / "w").folder

    add(folder, path)
    assert len(builds.list_readings(folder / "build")) == 1
    digest = built(folder)
    assert asked == ["a.geojson"]
    assert builds.list_readings(folder / "build") == []

    again = Files(tmp_path / "again").folder
    add(again, path)
    builds.list_readings(again / "build")[0].unlink()
    assert built(again) == digest  # the same map, whether the file was read or what was read taken over
    assert len(asked) == 3


@pytest.mark.parametrize("harm", [lambda content: content[:-9], lambda content: content[:99] + b"?" + content[100:]])
def test_a_damaged_reading_is_not_taken_over(tmp_path, asked, harm):
    folder = Files(tmp_path / "w").folder
    add(folder, geojson(tmp_path / "a.geojson", concessions(3)))
    (reading,) = builds.list_readings(folder / "build")
    reading.write_bytes(harm(reading.read_bytes()))

    built(folder)

    assert len(asked) == 2


def test_what_is_said_of_the_file_later_reads_it_again(tmp_path, asked):
    folder = Files(tmp_path / "w").folder
    add(folder, text(tmp_path / "a.csv", "code,longitude,latitude\n1,-78.5,-7\n"))
    manifest = folder / "lindero.toml"
    manifest.write_text(manifest.read_text() + '\nencoding = "cp1252"\n')

    built(folder)

    assert len(asked) == 2


def test_nothing_is_kept_of_a_file_of_persons(tmp_path):
    folder = Files(tmp_path / "w").folder
    rows = incidents("1,2020-01-01,x,public_record,-78.5,-7")
    add(folder, text(tmp_path / "a.csv", rows), SourceOptions(layer="incidents", publisher="P"))

    assert builds.list_readings(folder / "build") == []


def test_what_was_read_of_a_source_goes_with_it(tmp_path):
    folder = Files(tmp_path / "w").folder
    add(folder, geojson(tmp_path / "a.geojson", concessions(3)))

    manifest_tables.remove_source(load_workspace(folder), "a")

    assert builds.list_readings(folder / "build") == []
