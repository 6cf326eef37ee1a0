"""The parts of the page of hotspots beside its answer: the form, the picture of ranges, the picture of density."""

import datetime as dt
from collections.abc import Mapping
from math import ceil

import streamlit as st

from lindero.app.answers.hotspots.choices import Of, Over, Per
from lindero.app.answers.hotspots.events import LAYERS_OF, OF_THE_RECORD
from lindero.app.answers.hotspots.hotspots_answer import ALL, OF, OVER, PER
from lindero.app.answers.hotspots.kde import Offer
from lindero.app.answers.hotspots.question import Question
from lindero.app.answers.hotspots.report import HotspotReport
from lindero.app.current import cached_answers, map_layers, spoken
from lindero.app.current.selection import Choice
from lindero.app.drawing import chart
from lindero.app.drawing.chart import Range
from lindero.app.record.commitments_text import country_names
from lindero.app.record.tallies import country_text
from lindero.app.renderers import columns
from lindero.app.text.i18n import _, number
from lindero.app.ui.downloads import picture
from lindero.app.ui.error_message import explained
from lindero.app.ui.forms import country_choice
from lindero.app.ui.maps import areas, legends, map_view
from lindero.geo.stats.hotspots import HOT

COLOR = "#D55E00"
MOST = 15
TICKS = 5


# A picture of how sure hotspots are: what is on record at each, at least and at most, beside what chance gives.


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
    step = chart.whole_step(last / TICKS)
    ticks = [(step * by, number(step * by)) for by in range(int(last / step) + 1)]
    picture.chart(
        _("How far the hotspots stand out"),
        _("Dot: on record, here and around. Bar: what it may be, as some places are not exact. Stroke: by chance."),
        lambda width: chart.ranges(drawn, width=width, color=COLOR, first=0, last=last, ticks=ticks, after=150),
        layers=[layer.name for layer in LAYERS_OF[report.question.of]],
        name="hotspots-ranges",
    )


# The picture of density on the page of hotspots, with what it does not say.


@st.fragment
def below(question: Question, country: str) -> None:
    """Offer the picture of density in a country, and draw it if the reader asks for it."""
    spoken.speak()
    st.header(_("Picture of density"), anchor=False)
    if not st.toggle(_("Draw where it lies thick"), key="density"):
        return
    with explained(), st.spinner(_("Drawing …")):
        offer = cached_answers.density_offer(question, country)
        width = _bandwidth(offer)
        picture = cached_answers.density_picture(question, country, width)
    picture_only = _("This is a picture: it tests nothing.")
    st.markdown(" ".join([f"**{picture_only}**", *_bandwidth_notes(offer, width)]))
    if question.of in OF_THE_RECORD:
        st.warning(
            _(
                "Its peaks give places away, even where no attack is marked. Do not pass on a picture of what is not "
                "public."
            )
        )
    map_view.show(
        areas.territory(legends.thick(picture), legends.thickness(), title=_("Density")), Choice(), key="density-map"
    )
    if picture.regions.empty:
        st.write(_("It is highest outside of every region that the base data draw: there is none to list."))
    else:
        columns.table(
            picture.regions.assign(country=picture.regions["country"].map(country_names(picture.regions["country"]))),
            alt=_("Regions by the highest density in them"),
            fold=columns.of_picture(),
            name=columns.text(_("Region")),
            country=columns.text(_("Country")),
            highest=columns.share(_("Highest in it")),
        )


def _bandwidth(offer: Offer) -> int:
    """Let the reader choose how far each is spread; at first as the rule says."""
    least, usual = ceil(offer.least_km), ceil(offer.rule_km)
    return int(st.slider(_("Bandwidth (km)"), least, max(4 * least, 2 * usual), usual))


def _bandwidth_notes(offer: Offer, width: int) -> list[str]:
    told = [
        _("Each is spread round its place like a bell, nearly all of it within {km} km, and added up.").format(
            km=number(3 * width)
        ),
        _("With another bandwidth it looks otherwise: move it, and trust only what stays."),
        _("Silverman's rule gives {km} km, which is too wide where there are several clusters.").format(
            km=number(ceil(offer.rule_km))
        ),
        _("Whether there is more than by chance is said further up, not here."),
    ]
    if offer.imprecise:
        text = _("Of {events}, {imprecise} are only known to lie in an area, and are spread evenly over it.")
        told.append(text.format(events=number(offer.events), imprecise=number(offer.imprecise)))
    if offer.nowhere:
        told.append(_("{nowhere} have no place at all, and are not in it.").format(nowhere=number(offer.nowhere)))
    told.append(
        _("Described in {file}, section “{section}”.").format(file="`docs/methods-analysis.md`", section="Density")
    )
    return told


# The question about hotspots, asked in words: of what, over which places, against what, in which years.


def usual() -> Of | None:
    """Give what is counted until the reader has asked: the first that the map holds; None if it holds none of them."""
    counts = map_layers.counts()
    return next((Of(code) for code in OF if all(counts.get(layer.name) for layer in LAYERS_OF[Of(code)])), None)


def ask(unless_asked: Of) -> Question:
    """Ask, and count `unless_asked` until then; the page's address keeps what was asked, and the country."""
    with st.form("question", border=False):
        left, middle, right = st.columns(3)
        with left:
            of = _chosen(_("What is counted"), "of", {code: _(text) for code, text in OF.items()}, unless_asked)
        with middle:
            over = _chosen(_("Which places are compared"), "over", {code: _(text) for code, text in OVER.items()})
        with right:
            per = _chosen(_("Counted against"), "per", {code: _(text) for code, text in PER.items()})
        within, since, until = _where_and_when()
        pressed = st.form_submit_button(_("Ask"), type="primary")
    if pressed:
        said = {"of": of, "over": over, "per": per, "within": within, "since": since, "until": until}
        said |= {country_choice.PARAM: st.query_params.get(country_choice.PARAM)}
        st.query_params.from_dict({name: str(value) for name, value in said.items() if value})
    return Question(Of(of), Over(over), Per(per) if per else None, None, within, since, until)


def where_text(question: Question, country: str) -> str:
    """Return the name of the region that was asked about; where none was chosen, that of the country."""
    names = {each.id: each.name for each in cached_answers.watchable().values() if each.is_region}
    return names.get(question.within) or country_text(country)


def tell(bar: "st.delta_generator.DeltaGenerator", what: str, done: int, all_: int) -> None:
    """Say what is being done, and how much of it: counting, testing, then asking in other ways."""
    text = _("Counting, and asking in many other ways: {what} …").format(what=what)
    bar.progress(min((done + 1) / (all_ + 1), 1.0), text=text)


def _chosen(label: str, key: str, names: Mapping[str, str], usual: str = "") -> str:
    """Let the reader choose a code; at first the one that the page's address names, else the usual, else the first."""
    codes = [str(code) for code in names]
    linked = st.query_params.get(key)
    at = next((codes.index(code) for code in (linked, usual) if code in codes), 0)
    return st.selectbox(label, codes, index=at, format_func=lambda code: names[code])


def _where_and_when() -> tuple[str, dt.date | None, dt.date | None]:
    """Ask for a region, and for years if anything on the map has a date."""
    with explained():
        regions = {each.id: each.name for each in cached_answers.watchable().values() if each.is_region}
        years = map_layers.filterable().years
    where, when = st.columns(2)
    with where:
        within = _chosen(_("In which region"), "within", {ALL: _("In all"), **regions})
    if years is None or years[0] == years[1]:
        return within, None, None
    first, last = when.slider(_("Years"), *years, (_year("since", years[0]), _year("until", years[1])))
    # An end that leaves nothing out is none, so that what has no date counts, too.
    since = dt.date(first, 1, 1) if first > years[0] else None
    return within, since, dt.date(last, 12, 31) if last < years[1] else None


def _year(key: str, usual: int) -> int:
    linked = st.query_params.get(key, "")[:4]
    return int(linked) if linked.isdigit() else usual
