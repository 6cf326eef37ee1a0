"""Promise 9, on the way in: what reads a file for the vault writes no byte of it anywhere."""

import gzip
import multiprocessing
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from lindero.app.media.pages import upload
from lindero.app.media.pages.upload import ReceivedFile, plan_upload
from lindero.layers.disk.scratch import MEMORY
from lindero.layers.errors import SourceError
from lindero.layers.read.reader import read
from lindero.layers.read.sandbox import client, restrictions
from lindero.layers.workspace.source_options import SourceOptions
from tests.files import Files, collection, feature, text
from tests.promises.test_vault_on_disk import found_in
from tests.secret_files import SECRETS, csv_of, made, put

KINDS = ["csv", "geojson", "gpkg", "kml", "fgb", "parquet", "shp", "xlsx"]
SOME = SECRETS[:3]


@pytest.fixture
def scratch(tmp_path, monkeypatch):
    """The folder that the reader may write in, kept when it is done."""
    folder = tmp_path / "scratch"
    made_so_far = []

    @contextmanager
    def kept(_within):
        made_so_far.append(folder / str(len(made_so_far)))
        made_so_far[-1].mkdir(parents=True)
        yield made_so_far[-1]

    monkeypatch.setattr(client, "temporary_folder", kept)
    return folder


def frame():
    rows = [secret.row() for secret in SOME]
    shapes = [shapely.Point(secret.longitude, secret.latitude) for secret in SOME]
    return gpd.GeoDataFrame(rows, geometry=shapes, crs="OGC:CRS84")


def written(folder, kind):
    folder.mkdir(exist_ok=True)
    path = folder / f"casos.{kind}"
    match kind:
        case "csv":
            text(path, csv_of(secret.row() for secret in SOME))
        case "xlsx":
            frame().drop(columns="geometry").to_excel(path, index=False)
        case "parquet":
            frame().to_parquet(path)
        case "kml":
            frame()[["title", "geometry"]].rename(columns={"title": "Name"}).to_file(path, driver="KML")
        case "shp":
            frame()[["title", "geometry"]].to_file(path, encoding="utf-8")
        case _:
            frame().to_file(path, encoding="utf-8")
    return path


def plain_files(scratch):
    return [path for path in scratch.rglob("*") if path.is_file() and not path.is_symlink()]


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_is_read_whole_and_nothing_of_it_written(tmp_path, scratch, kind):
    path = written(tmp_path / "received", kind)

    received = read(path, nothing_written=True)

    assert len(received.rows) == len(SOME)
    assert plain_files(scratch) == []


def test_nothing_is_written_while_a_file_goes_into_the_vault(tmp_path, scratch, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(scratch))
    files = Files(tmp_path / "watched" / "space")
    put(made(files.folder), files.space, written(tmp_path / "received", "csv"))

    assert list(scratch.iterdir()), "it was read through the walled reader"
    assert plain_files(scratch) == []
    assert found_in(tmp_path / "watched") == []


def features(path):
    rows = [feature(secret.row(), shapely.Point(secret.longitude, secret.latitude)) for secret in SOME]
    return text(path, collection(rows), encoding="utf-16")


def test_the_attack_finds_what_an_ordinary_reading_rewrites(tmp_path, scratch):
    read(features(tmp_path / "casos.geojson"))

    assert found_in(scratch)


def test_what_would_have_to_be_rewritten_or_unpacked_is_refused_in_words(tmp_path, scratch):
    with pytest.raises(SourceError, match="Save it as UTF-8"):
        read(features(tmp_path / "casos.geojson"), nothing_written=True)
    packed = tmp_path / "casos.csv.gz"
    packed.write_bytes(gzip.compress(written(tmp_path / "received", "csv").read_bytes()))
    with pytest.raises(SourceError, match="is an archive"):
        read(packed, nothing_written=True)

    assert plain_files(scratch) == []


def write_behind_walls(folder, answer):
    restrictions.restrict_process(restrictions.Limits(written_bytes=0), readable=[], scratch=folder)
    try:
        with folder.joinpath("it").open("wb", buffering=0) as file:
            file.write(b"casa verde")
    except OSError as error:
        answer.send(error.strerror)
    else:
        answer.send("written")


def test_the_kernel_holds_it(tmp_path):
    receiver, sender = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("spawn").Process(target=write_behind_walls, args=(tmp_path, sender))
    process.start()
    sender.close()

    assert receiver.recv() == "File too large"
    process.join()
    assert [path.stat().st_size for path in tmp_path.glob("it")] == [0]


def test_a_private_file_handed_over_in_the_browser_by_mistake_lies_in_memory_alone(tmp_path, monkeypatch):
    if not MEMORY.is_dir():
        pytest.skip("no files in memory here")
    places = []
    monkeypatch.setattr(upload, "shared_worker", lambda: Refusing(places))
    files = Files(tmp_path / "space")

    what = plan_upload(
        ReceivedFile("casos.csv", b"id\n1\n"), SourceOptions(layer="incidents", publisher="P"), files.space, ()
    )

    assert str(what.refusal) == "not now"
    assert places
    assert all(path.is_relative_to(MEMORY) for path in places)
    assert not any(path.exists() for path in places)


class Refusing:
    """Stands for the process that reads, and refuses."""

    def __init__(self, places):
        self.places = places

    def request(self, question, _):
        self.places.append(Path(question["path"]))
        assert self.places[-1].exists()
        return {"error": "SourceError", "template": "not now", "params": {}}
