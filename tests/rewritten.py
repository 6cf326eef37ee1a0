"""
What pytest makes of test files, so that their assertions say what was compared, is made once for all processes of a run.

It is kept beside the files. In a fresh clone nothing is kept, and each process would make all of it, four seconds long,
while the others do the same. So each makes a share first, files in turns, and finds what the others have made.
"""

from pathlib import Path

import pytest
from _pytest.assertion import rewrite


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """Make the share of this process, where several share out the tests of folders."""
    told = getattr(session.config, "workerinput", None)
    if told:
        paths = {path for name in session.config.args for path in Path(name).rglob("test_*.py")}
        turn, turns = int(told["workerid"].removeprefix("gw")), int(told["workercount"])
        for path in sorted(paths)[turn::turns]:
            _make(path, session.config)


def _make(path: Path, config: pytest.Config) -> None:
    """Do what pytest does as it imports a test file, but for running it."""
    folder = rewrite.get_cache_dir(path)
    kept = folder / f"{path.stem}{rewrite.PYC_TAIL}"
    if rewrite.try_makedirs(folder) and rewrite._read_pyc(path, kept) is None:
        digest, code = rewrite._rewrite_test(path, config)
        rewrite._write_pyc(config.stash[rewrite.assertstate_key], code, digest, kept)
