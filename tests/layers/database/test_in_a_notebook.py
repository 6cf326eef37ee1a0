"""A database opens in the kernel of a notebook that cannot draw bars of progress: by a stand-in for IPython's kernel."""

import subprocess
import sys

STAND_IN = """
import sys, types
kernel = types.ModuleType("IPython")
kernel.get_ipython = lambda: types.SimpleNamespace(config={"IPKernelApp": {}})
sys.modules["IPython"], sys.modules["ipywidgets"] = kernel, None
from lindero.layers.database import map_database
print(map_database.open_in_memory().execute("SELECT current_setting('enable_progress_bar')").fetchone()[0])
"""


def test_a_database_opens_in_a_notebook_without_widgets():
    done = subprocess.run([sys.executable, "-c", STAND_IN], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout.strip()) == (0, "False"), done.stderr[-500:]
