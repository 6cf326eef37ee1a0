"""A picture of how sure hotspots are: what is on record at each, at least and at most, beside what chance gives."""

from lindero.app.answers.hotspots.events import LAYERS_OF
from lindero.app.answers.hotspots.report import HotspotReport
from lindero.app.pictures import charts
from lindero.app.pictures.charts import Range
from lindero.app.text.i18n import _, number
from lindero.app.ui import picture
from lindero.geo.stats.hotspots import HOT

COLOR = "#D55E00"
MOST = 15
TICKS = 5


def show(report: HotspotReport) -> None:
    """Draw the clearest hotspots; nothing if there is none."""
    rows = report.of(HOT).dropna(subset=["observed_low", "observed_high"]).head(MOST)
    if rows.empty:
        return
    text = _("{observed}; by chance {expected}")
    drawn = [
        Range(
            str(row["name"] or row["id"]),
            float(row["observed"]),
            float(row["observed_low"]),
            float(row["observed_high"]),
            text.format(observed=number(row["observed"]), expected=number(row["expected"], decimals=1)),
            float(row["expected"]),
        )
        for _at, row in rows.iterrows()
    ]
    last = max(each.high for each in drawn)
    step = charts.whole_step(last / TICKS)
    ticks = [(step * by, number(step * by)) for by in range(int(last / step) + 1)]
    picture.chart(
        _("How far the hotspots stand out"),
        _("Dot: on record, here and around. Bar: what it may be, as some places are not exact. Stroke: by chance."),
        lambda width: charts.ranges(drawn, width=width, color=COLOR, first=0, last=last, ticks=ticks, after=150),
        layers=[layer.name for layer in LAYERS_OF[report.question.of]],
        name="hotspots-ranges",
    )
