from pathlib import Path

import numpy as np
import pytest

from lindero.layers.disk import memmap


def test_arrays_come_back_as_they_were_written(tmp_path):
    held = {"a": np.arange(7.0), "b": np.array([], np.int64), "c": np.ones((3, 4)), "d": np.array([True, False])}
    memmap.write(tmp_path / "x", held, about={"of": "this"})

    back = memmap.read(tmp_path / "x", about={"of": "this"})
    assert all(np.array_equal(back[name], array) and back[name].dtype == array.dtype for name, array in held.items())
    assert memmap.read(tmp_path / "x", about={"of": "that"}) is None
    assert memmap.read(Path(tmp_path / "y"), about={}) is None


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system does not tell what is in memory")
def test_what_was_read_of_a_file_is_let_go(tmp_path):
    memmap.write(tmp_path / "x", {"a": np.ones(8_000_000)}, about={})
    grown = memmap.Growing(tmp_path)
    grown.add(np.ones(8_000_000))
    held = memmap.read(tmp_path / "x", about={})["a"], grown.mapped()
    before = _mapped_mb()

    assert [array.sum() for array in held] == [8e6, 8e6]
    assert _mapped_mb() > before + 100
    memmap.let_go(held)
    assert _mapped_mb() < before + 10
    assert [array.sum() for array in held] == [8e6, 8e6]


def _mapped_mb() -> float:
    """How much of files is in memory."""
    told = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(told["RssFile"].split()[0]) / 1024
