"""
What PySAL says of its own example data, as JSON: run in a process of its own.

Without numba esda runs as plain Python: its compilation of these few lines takes a minute and is not kept.
"""

import json
import sys
import warnings

sys.modules["numba"] = None
warnings.simplefilter("ignore")

import geopandas as gpd  # noqa: E402
from esda import fdr  # noqa: E402
from esda.getisord import G_Local  # noqa: E402
from esda.smoothing import Empirical_Bayes  # noqa: E402
from libpysal.examples import get_path  # noqa: E402
from libpysal.weights import KNN, Queen  # noqa: E402
from scipy.stats import false_discovery_control  # noqa: E402


def main() -> None:
    columbus, sids = (gpd.read_file(get_path(name)) for name in ("columbus.shp", "sids2.shp"))
    near = Queen.from_dataframe(columbus, use_index=False, silence_warnings=True)
    crime = columbus["CRIME"].to_numpy()
    local = G_Local(crime, near, transform="B", star=True, permutations=9_999, seed=7, n_jobs=1)
    nearest = KNN.from_array(list(zip(columbus["X"], columbus["Y"], strict=True)), k=4)
    smoothed = Empirical_Bayes(sids["SID74"].to_numpy(), sids["BIR74"].to_numpy())
    p = local.p_sim
    print(  # noqa: T201  what the process is for
        json.dumps(
            {
                "crime": crime.tolist(),
                "shapes": columbus.geometry.to_wkt().tolist(),
                "xy": columbus[["X", "Y"]].to_numpy().tolist(),
                "queen": [sorted(map(int, near[i])) for i in range(len(columbus))],
                "nearest": [sorted(map(int, nearest[i])) for i in range(len(columbus))],
                "z": local.Zs.tolist(),
                "p_folded": p.tolist(),
                "q": false_discovery_control(p).tolist(),
                "fdr": float(fdr(p, 0.05)),
                "sids": sids["SID74"].tolist(),
                "births": sids["BIR74"].tolist(),
                "rates": smoothed.r.ravel().tolist(),
            }
        )
    )


main()
