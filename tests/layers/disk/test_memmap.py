from pathlib import Path

import numpy as np
import pytest

from lindero.layers.disk import memmap


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system does not tell what is in memory")
def test_what_was_read_of_a_file_is_let_go(tmp_path):
    grown = memmap.GrowingArray(tmp_path)
    grown.append(np.ones(8_000_000))
    held = grown.to_memmap()
    before = _mapped_mb()

    assert held.sum() == 8e6
    assert _mapped_mb() > before + 50
    memmap.release_memory([held])
    assert _mapped_mb() < before + 10
    assert held.sum() == 8e6


def _mapped_mb() -> float:
    """How much of files is in memory."""
    told = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(told["RssFile"].split()[0]) / 1024
