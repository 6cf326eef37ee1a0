"""
Fuzzing of reading, mapping and validation that follows the code's own branches (atheris): run as a program of its own.

`python -m tests.coverage_fuzz SECONDS SEED` begins with small good files of each kind, changes them, and keeps what reaches new
code. It ends with code 0 and the number of inputs, or with a traceback and the input that did it. The formats are those
that Python reads in-process; GDAL's are behind walls and not instrumented.
"""

import io
import os
import sys
import tempfile
import traceback
import zipfile
from pathlib import Path

import atheris

from lindero.layers.read.formats.vector.gdal import ENVIRONMENT

os.environ.update(ENVIRONMENT)  # before pyogrio: the drivers that are left

with atheris.instrument_imports(
    include=[
        "layers",
        "lindero.app.builder.rows.ingest",
        "lindero.app.builder.rows.row_report",
        "lindero.app.builder.rows.table_points",
        "lindero.geo.geometry.repair",
    ]
):
    from lindero.app.builder.rows.ingest import ingest, read_source
    from lindero.app.builder.rows.row_location import Land
    from lindero.app.builder.rows.row_report import IngestedSource
    from lindero.geo import GeoError
    from lindero.layers.errors import LayerError, SourceError
    from lindero.layers.read.formats.vector import shapefile
    from lindero.layers.read.sandbox import client
    from lindero.layers.read.sandbox.arrow_reader import read_layer
    from lindero.layers.read.sandbox.restrictions import Limits
    from lindero.layers.read.sandbox.worker_protocol import Request
    from lindero.layers.reference import base_data
    from lindero.layers.workspace.manifest_file import SourceEntry

import openpyxl
import pyarrow as pa

from tests.files import concessions, feature, incidents, square

SUFFIXES = (".csv", ".xlsx", ".zip", ".geojson", ".dbf")
ROOT = Path(__file__).parents[1]
LIMITS = Limits(rows=10_000)


def seeds():
    """Give a small good file of each kind, each after a byte that tells the kind."""
    rows = incidents("I1,2024-01-31,Lugar,public_record,-78.5,-7", "I2,31/01/2024,Ñ,restricted,1,x").encode()
    cells = f'code,name,wkt\nC1,Uno,"{square().wkt}"\nC2,Dos,{square(1).wkb_hex}\n'.encode()
    book = openpyxl.Workbook()
    for line in (["code", "name", "longitude", "latitude"], ["C1", "Uno", -78.5, -7.0], ["C2", "=1+1", None, "x"]):
        book.active.append(line)
    sheet = io.BytesIO()
    book.save(sheet)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("capa.csv", rows)
    one = str(feature({"code": "C1"}, square())).replace("'", '"').encode()
    with tempfile.TemporaryDirectory() as folder:
        concessions(2).to_file(Path(folder) / "a.shp")
        shapefile = (Path(folder) / "a.dbf").read_bytes()
    return [
        b"\0" + rows,
        b"\0" + cells,
        b"\1" + sheet.getvalue(),
        b"\2" + packed.getvalue(),
        b"\3" + one,
        b"\4" + shapefile,
    ]


def read_here(path, scratch):
    """Read in this very process, as the child does behind its walls."""
    got = {}

    def sink(head, schema, batches):
        got["head"], got["rows"] = head, pa.Table.from_batches(batches, schema)

    try:
        tail = read_layer(sink, Request(str(path), str(scratch)), LIMITS)
    except LayerError:
        raise
    except Exception as error:
        if Path(traceback.extract_tb(error.__traceback__)[-1].filename).is_relative_to(ROOT / "lindero" / "layers"):
            raise
        # what a library stumbles over in a foreign file is the file's fault: `layers.read.sandbox.worker` says so, too
        raise SourceError("{name}: {why}", name=path.name, why=error) from error
    return client.WorkerResponse(got["head"], got["rows"], tail)


class Fuzzed:
    """What is done with each input, and how many of them were read or refused."""

    def __init__(self, folder):
        self.folder, self.read, self.refused = folder, 0, 0
        self.land = Land(base_data.load_countries(), "PE")

    def one(self, content):
        if not content:
            return
        suffix = SUFFIXES[content[0] % len(SUFFIXES)]
        path = self.folder / f"capa{suffix}"
        path.write_bytes(content[1:])
        try:
            if suffix == ".dbf":
                shapefile.read_attributes(path, path.name, cpg=None)
            else:
                self.account(path)
            self.read += 1
        except (LayerError, GeoError):
            self.refused += 1

    def account(self, path):
        client.read_response = lambda asked, **_: read_here(asked, self.scratch())
        for layer in ("incidents", "concessions"):
            entry = SourceEntry(
                id="f",
                layer=layer,
                file=path.name,
                sha256="0",
                publisher="P",
                snapshot_on="2026-01-01",
                retrieved_on="2026-01-01",
            )
            try:
                taken = ingest(entry, read_source(entry, path), self.land)
            except (LayerError, GeoError):
                if layer == "concessions":
                    raise
                continue
            assert isinstance(taken, IngestedSource)
            counts = taken.source.iloc[0]
            assert counts["rows_read"] == counts["rows_kept"] + counts["rows_rejected"], counts

    def scratch(self):
        for left in self.folder.glob("layer*"):
            left.unlink()
        return self.folder


def main():
    seconds, seed = int(sys.argv[1]), int(sys.argv[2])
    with tempfile.TemporaryDirectory() as name:
        folder, corpus = Path(name) / "work", Path(name) / "corpus"
        folder.mkdir()
        corpus.mkdir()
        fuzzed = Fuzzed(folder)
        for number, content in enumerate(seeds()):
            (corpus / f"{number}").write_bytes(content)
            fuzzed.one(content)
        print("seeds:", fuzzed.read, "read,", fuzzed.refused, "refused", flush=True)  # noqa: T201
        options = [f"-max_total_time={seconds}", f"-seed={seed}", "-timeout=60", "-rss_limit_mb=3072", "-max_len=20000"]
        atheris.Setup(
            [sys.argv[0], *options, f"-artifact_prefix={tempfile.gettempdir()}/lindero-", str(corpus)], fuzzed.one
        )
        atheris.Fuzz()


if __name__ == "__main__":
    main()
