"""The picture of density on the page of hotspots, with what it does not say."""

from math import ceil

import streamlit as st

from lindero.app.answers.hotspots.events import OF_THE_RECORD
from lindero.app.answers.hotspots.kde import Offer
from lindero.app.answers.hotspots.question import Question
from lindero.app.current import cached_answers
from lindero.app.current.selection import Choice
from lindero.app.text.i18n import _, number
from lindero.app.ui.error_message import explained
from lindero.app.ui.frame import language
from lindero.app.ui.maps import areas, legends, map_view
from lindero.app.ui.tables import answer_tables


@st.fragment
def below(question: Question) -> None:
    """Offer the picture, and draw it if the reader asks for it."""
    language.speak()
    st.header(_("Picture of density"), anchor=False)
    if not st.toggle(_("Draw where it lies thick"), key="density"):
        return
    with explained(), st.spinner(_("Drawing …")):
        offer = cached_answers.density_offer(question)
        width = _bandwidth(offer)
        picture = cached_answers.density_picture(question, width)
    picture_only = _("This is a picture: it tests nothing.")
    st.markdown(" ".join([f"**{picture_only}**", *_told(offer, width)]))
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
        answer_tables.thick(picture.regions)


def _bandwidth(offer: Offer) -> int:
    """Let the reader choose how far each is spread; at first as the rule says."""
    least, usual = ceil(offer.least_km), ceil(offer.rule_km)
    return int(st.slider(_("Bandwidth (km)"), least, max(4 * least, 2 * usual), usual))


def _told(offer: Offer, width: int) -> list[str]:
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
