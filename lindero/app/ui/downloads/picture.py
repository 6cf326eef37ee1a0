"""Pictures on a page: what a chart says, the chart, whose data it is, and the whole as a file to pass on."""

import base64
from collections.abc import Callable, Iterable, Sequence
from contextvars import copy_context
from dataclasses import replace
from html import escape
from urllib.parse import quote

import streamlit as st

from lindero.app.current import map_layers
from lindero.app.drawing import sheet as sheets
from lindero.app.drawing.map import BORDER, LAND, REGION, WATER
from lindero.app.drawing.marks import GREY, INK, PAPER, RULE, Drawing
from lindero.app.drawing.sheet import Sheet, Sign
from lindero.app.output import design, provenance
from lindero.app.text import i18n
from lindero.app.text.codes import word
from lindero.app.text.escape import file_name
from lindero.app.text.i18n import _, date

DARK = design.ON_DARK | {
    INK: design.DARK["ink"],
    GREY: design.DARK["quiet"],
    RULE: design.DARK["hairline"],
    PAPER: design.DARK["paper"],
    WATER: design.MAP_DARK["water"],
    LAND: design.MAP_DARK["land"],
    BORDER: design.MAP_DARK["border"],
    REGION: design.MAP_DARK["region"],
}
WIDE, NARROW = 700.0, 340.0  # units of a chart on a desk and on a phone
SCREEN_FONT = "system-ui, sans-serif"
WATCHED = "watch"  # of an address: a reader's own list, which is nobody else's business
MOST_LINK = 400  # letters: a longer address is of no use on paper


def chart(
    title: str,
    finding: str,
    drawn: Callable[[float], Drawing],
    *,
    layers: Iterable[str],
    name: str,
    key: Sequence[Sign] = (),
    extra: str = "",
    is_beside: bool = False,
) -> None:
    """
    Show a chart under its title and what it says, with its source, and offer it as a file.

    Parameters
    ----------
    drawn
        Draws it so many units wide.
    layers
        Whose sources it rests on.
    name
        Of the file, without its ending.
    extra
        Another source, such as a census.
    is_beside
        Whether it stands in a column: then it is drawn as on a phone, or its letters would be too small.
    """
    whole = sheet(title, finding, drawn(WIDE), layers=layers, key=key, extra=extra)
    alt = f"{title}. {finding}"
    narrow = replace(whole, body=drawn(NARROW))
    sizes = {"wide": narrow if is_beside else whole, "narrow": narrow}
    images = "".join(_image(drawing, alt, kind) for kind, drawing in sizes.items())
    head = f"<figcaption><strong>{escape(title)}</strong><br>{escape(finding)}</figcaption>"
    told = f"{head}{images}{_signs(key)}<p>{escape(whole.source)}</p>"
    kind = "lindero-picture lindero-beside" if is_beside else "lindero-picture"
    st.html(f'<figure class="{kind}">{told}</figure>')
    offer(lambda: whole, name, title=title, finding=finding)


def sheet(
    title: str, finding: str, body: Drawing, *, layers: Iterable[str], key: Sequence[Sign] = (), extra: str = ""
) -> Sheet:
    """Put a drawing on its sheet, with whose data it is and the address that opens the page again."""
    sources = provenance.sources_of(map_layers.sources(), layers)
    publishers = dict.fromkeys(one.publisher for one in sources if one.publisher)
    licences = dict.fromkeys(word(one.licence) for one in sources if one.licence)
    days = [source.as_of for source in sources if source.as_of]
    told = [
        _("Source: {publishers}").format(publishers=", ".join(publishers)) if publishers else "",
        _("data as of {day}").format(day=date(max(days))) if days else "",
        _("licence: {licence}").format(licence=", ".join(licences)) if licences else "",
        extra,
        _("invented data, no claim about the world") if map_layers.invented() else "",
        "Lindero",
    ]
    return Sheet(title, finding, body, " · ".join(filter(None, told)), address(), key)


def offer(made: Callable[[], Sheet], name: str, *, title: str, finding: str) -> None:
    """
    Offer a picture, folded: as PNG and SVG, made when asked for, and the code that shows it on a website.

    None is offered while the vault is open, because a picture goes away. `title` and `finding` are what it says.
    """
    if map_layers.private():
        return
    spoken = copy_context()  # a button's file is made in a thread of its own, which speaks no language
    link = address()  # that thread does not know it either
    plain_name = f"{file_name(name)}-{i18n.current()}"

    def written(finish: Callable[[str], bytes]) -> Callable[[], bytes]:
        return lambda: spoken.copy().run(lambda: finish(sheets.svg(replace(made(), link=link))))

    kinds = (
        ("png", "image/png", _("Picture (PNG)"), sheets.png),
        ("svg", "image/svg+xml", _("Picture (SVG)"), str.encode),
    )
    with st.expander(_("Picture, for print and for websites")):
        side_by_side = st.container(horizontal=True)
        for kind, mime, label, finish in kinds:
            side_by_side.download_button(
                label,
                written(finish),
                file_name=f"{plain_name}.{kind}",
                mime=mime,
                on_click="ignore",
                key=f"picture-{plain_name}-{kind}",
            )
        st.write(_("On a website: put the PNG beside your page, and this where it is to be seen."))
        st.container(border=True).text(embed_code(f"{plain_name}.png", f"{title}. {finding}", link))


def embed_code(file: str, alt: str, link: str) -> str:
    """Write the HTML that shows a picture, and leads to the page that it is of where that has an address."""
    image = f'<img src="{escape(quote(file))}" alt="{escape(alt)}" style="max-width: 100%">'
    return f'<a href="{escape(link)}">{image}</a>' if link else image


def address() -> str:
    """Give the address that opens the page as it is, without who is asking; empty where there is none."""
    url = str(st.context.url or "")
    base = url.partition("?")[0]
    pairs = [(name, value) for name in st.query_params for value in st.query_params.get_all(name) if name != WATCHED]
    query = "&".join(f"{quote(name)}={quote(value)}" for name, value in pairs)
    whole = f"{base}?{query}" if query else base
    return whole if len(whole) <= MOST_LINK else base


def _image(whole: Sheet, alt: str, kind: str) -> str:
    size = f'viewBox="0 0 {whole.body.width:g} {whole.body.height:.0f}" font-family="{SCREEN_FONT}"'
    drawn = _address(f"{sheets.patterns(whole.key)}{whole.body.svg}", size)
    return f'<img class="lindero-{kind}" alt="{escape(alt)}" src="{drawn}">'


def _signs(key: Sequence[Sign]) -> str:
    """Write what the colours of a chart stand for, as a list below it."""
    signs = (f'<li><img alt="" src="{_sample(sign)}"><bdi>{escape(sign.label)}</bdi></li>' for sign in key)
    return f"<ul>{''.join(signs)}</ul>" if key else ""


def _sample(sign: Sign) -> str:
    drawn = sheets.sample(sign, 1, 1)
    return _address(f"{sheets.patterns([sign])}{drawn}", f'viewBox="0 0 {sheets.SAMPLE + 2:g} 16"')


def _in_the_dark(drawn: str) -> str:
    told = (
        f'[fill="{light}"]{{fill:{dark}}}[stroke="{light}"]{{stroke:{dark}}}'
        for light, dark in DARK.items()
        if light in drawn
    )
    return f"@media (prefers-color-scheme:dark){{{''.join(told)}}}"


def _address(inside: str, size: str) -> str:
    """Write a drawing as an address that holds it; in the dark it has the colours that are seen there."""
    drawn = f'<svg xmlns="http://www.w3.org/2000/svg" {size}><style>{_in_the_dark(inside)}</style>{inside}</svg>'
    return f"data:image/svg+xml;base64,{base64.b64encode(drawn.encode()).decode()}"
