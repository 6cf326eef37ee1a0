"""
What is made of modules as they are first imported is made once for all processes of a run.

Python compiles them, and pytest has the assertions of tests say what was compared: it is kept beside the files. In a
fresh clone nothing is kept, and each process would make all of it, ten seconds long, while the others do the same. So
each begins with test files of its own, and finds what the others have made.
"""

from contextlib import suppress
from importlib import import_module

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """Import the share of this process, where several share out the tests of folders."""
    told = getattr(session.config, "workerinput", None)
    if told:
        root = session.config.rootpath
        paths = sorted({path for name in session.config.args for path in (root / "lindero" / name).rglob("test_*.py")})
        turn, turns = int(told["workerid"].removeprefix("gw")), int(told["workercount"])
        for path in paths[len(paths) * turn // turns : len(paths) * (turn + 1) // turns]:
            with suppress(Exception, pytest.skip.Exception):  # pytest, which imports it again, tells of it
                import_module(".".join(path.relative_to(root).with_suffix("").parts))
