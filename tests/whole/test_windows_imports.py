"""Nothing of POSIX alone is needed to import the program: as on Windows, by a stand-in that hides it."""

from tests import forked

# All is imported once, so that libraries of others are there; then the program alone, anew, where the system is Windows.
STAND_IN = """
import importlib, os, pkgutil, sys, types
import lindero

def every():
    for part in ("app", "geo", "layers", "machine"):
        package = importlib.import_module(f"lindero.{part}")
        for found in pkgutil.walk_packages(package.__path__, f"lindero.{part}."):
            if not found.name.startswith(("lindero.app.media.pages.views.", "lindero.app.main")):  # pages are scripts
                importlib.import_module(found.name)

every()
before = {name for name in sys.modules if name.startswith("lindero")}
for name in before: del sys.modules[name]
HIDDEN = ("fcntl", "resource", "pwd", "grp", "termios", "tty", "pty", "syslog")
for name in HIDDEN: sys.modules[name] = None
for name in ("fork", "getuid", "geteuid", "getgid", "sched_getaffinity", "setsid", "pread", "mkfifo", "getloadavg", "chown"):
    delattr(os, name)
sys.modules["msvcrt"] = types.ModuleType("msvcrt")
sys.platform = "win32"
import lindero
every()
after = {name for name in sys.modules if name.startswith("lindero")}
print(len(after), sorted(before - after))
"""


def test_every_module_is_imported_where_posix_is_not(tmp_path):
    said = tmp_path / "said.txt"
    said.touch()
    process = forked.program(STAND_IN, [], said)  # which has most libraries there already
    process.join(forked.PATIENCE_S)

    told = said.read_text(encoding="utf-8")
    assert process.exitcode == 0, told[-2000:]
    count, missing = told.splitlines()[-1].split(maxsplit=1)
    assert int(count) > 200
    assert missing.strip() == "[]"
