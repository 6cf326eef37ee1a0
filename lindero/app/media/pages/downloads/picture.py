"""Pictures on a page: the finding, the chart, its sources, and the whole as a file to share."""

import base64
from collections.abc import Callable, Iterable, Sequence
from contextvars import copy_context
from dataclasses import replace
from html import escape
from urllib.parse import quote, urlsplit

import streamlit as st

from lindero.app.media import design
from lindero.app.media.pages.current import map_layers, open_map
from lindero.app.media.paper import sheet as sheets
from lindero.app.media.paper.map import BORDER, LAND, REGION, WATER
from lindero.app.media.paper.marks import GREY, INK, PAPER, RULE, Drawing
from lindero.app.media.paper.sheet import Sheet, Sign
from lindero.app.text import i18n
from lindero.app.text.codes import translate_code
from lindero.app.text.escape import remove_markup, to_file_name
from lindero.app.text.i18n import _

DARK = design.DARK_COLOURS | {
    INK: design.DARK["ink"],
    GREY: design.DARK["quiet"],
    RULE: design.DARK["hairline"],
    PAPER: design.DARK["paper"],
    WATER: design.MAP_DARK["water"],
    LAND: design.MAP_DARK["land"],
    BORDER: design.MAP_DARK["border"],
    REGION: design.MAP_DARK["region"],
}
WIDE, NARROW = 700.0, 340.0  # units: width of a chart on a desktop and on a phone
SCREEN_FONT = "system-ui, sans-serif"
WATCH_PARAM = "watch"  # parameter of the address with a reader's own list, which is private
MOST_LINK = 400  # letters: a longer address is useless on paper


def show_chart(
    title: str,
    finding: str,
    draw: Callable[[float], Drawing],
    *,
    layers: Iterable[str],
    name: str,
    key: Sequence[Sign] = (),
    extra: str = "",
    is_beside: bool = False,
) -> None:
    """Show a chart under its title and finding, with its sources, and offer it as a file."""
    whole = build_sheet(title, finding, draw(WIDE), layers=layers, key=key, extra=extra)
    alt = alternative_text(title, finding)
    narrow = replace(whole, body=draw(NARROW))
    sizes = {"wide": narrow if is_beside else whole, "narrow": narrow}
    images = "".join(_image_html(drawing, alt, kind) for kind, drawing in sizes.items())
    head = f"<figcaption><strong>{escape(title)}</strong><br>{escape(remove_markup(finding))}</figcaption>"
    content = f"{head}{images}{_legend_html(key)}<p>{escape(whole.source)}</p>"
    kind = "lindero-picture lindero-beside" if is_beside else "lindero-picture"
    st.html(f'<figure class="{kind}">{content}</figure>')
    offer_picture(lambda: whole, name, title=title, finding=finding)


def build_sheet(
    title: str, finding: str, body: Drawing, *, layers: Iterable[str], key: Sequence[Sign] = (), extra: str = ""
) -> Sheet:
    """Build the sheet of a drawing, with its sources and the address of the page."""
    sources = map_layers.cite_sources(layers)
    publishers = [f"{name} ({dates})" for name, dates in map_layers.date_publishers(sources).items()]
    licences = dict.fromkeys(translate_code(entry.licence) for entry in sources if entry.licence)
    notes = [
        _("Source: {publishers}").format(publishers=", ".join(publishers)) if publishers else "",
        _("licence: {licence}").format(licence=", ".join(licences)) if licences else "",
        extra,
        _("invented data, for demonstration only") if map_layers.has_invented_data() else "",
        "Lindero",
    ]
    return Sheet(title, remove_markup(finding), body, " · ".join(filter(None, notes)), page_address(), key)


def offer_picture(build: Callable[[], Sheet], name: str, *, title: str, finding: str) -> None:
    """Offer a picture, folded, as PNG and SVG and as HTML code for websites. Files are written when requested.

    None is offered while the vault is open, because a picture leaves the machine. `title` and `finding` are its text
    alternative.
    """
    if map_layers.is_private():
        return
    spoken = copy_context()  # the button's file is made in another thread, in which no language is set
    link = page_address()  # that thread has no page address
    plain_name = f"{to_file_name(name)}-{i18n.current_language()}"

    def build_renderer(finish: Callable[[str], bytes]) -> Callable[[], bytes]:
        return lambda: spoken.copy().run(lambda: finish(sheets.render_svg(replace(build(), link=link))))

    kinds = (
        ("png", "image/png", _("Picture (PNG)"), sheets.render_png),
        ("svg", "image/svg+xml", _("Picture (SVG)"), str.encode),
    )
    with st.expander(_("Picture for print or a website")):
        side_by_side = st.container(horizontal=True)
        for kind, mime, label, finish in kinds:
            side_by_side.download_button(
                label,
                build_renderer(finish),
                file_name=f"{plain_name}.{kind}",
                mime=mime,
                on_click="ignore",
                key=f"picture-{plain_name}-{kind}",
            )
        st.write(
            _(
                "For a website: upload the PNG to the folder of your page, and paste this code where the picture "
                "should appear."
            )
        )
        st.container(border=True).text(embed_code(f"{plain_name}.png", alternative_text(title, finding), link))


def alternative_text(title: str, finding: str) -> str:
    """Return the text for readers who do not see a picture, without markup."""
    return remove_markup(f"{title.rstrip('.')}. {finding}")


def embed_code(file: str, alt: str, link: str) -> str:
    """Return the HTML that shows a picture and links to its page, if the page has an address."""
    image = f'<img src="{escape(quote(file))}" alt="{escape(alt)}" style="max-width: 100%">'
    return f'<a href="{escape(link)}">{image}</a>' if link else image


def page_address() -> str:
    """Return the address of the page in its present state, without the reader's own list.

    It is empty unless the operator stated at which address others open the map: that of this computer leads nowhere.
    """
    public = open_map.public_url()
    if not public:
        return ""
    base = public + urlsplit(str(st.context.url or "")).path.removeprefix(urlsplit(public).path)
    pairs = [
        (name, value) for name in st.query_params for value in st.query_params.get_all(name) if name != WATCH_PARAM
    ]
    query = "&".join(f"{quote(name)}={quote(value)}" for name, value in pairs)
    whole = f"{base}?{query}" if query else base
    return whole if len(whole) <= MOST_LINK else base


def _image_html(whole: Sheet, alt: str, kind: str) -> str:
    size = f'viewBox="0 0 {whole.body.width:g} {whole.body.height:.0f}" font-family="{SCREEN_FONT}"'
    url = _data_url(f"{sheets.define_patterns(whole.key)}{whole.body.svg}", size)
    return f'<img class="lindero-{kind}" alt="{escape(alt)}" src="{url}">'


def _legend_html(key: Sequence[Sign]) -> str:
    """Return the legend of a chart as an HTML list."""
    signs = (f'<li><img alt="" src="{_sample_url(sign)}"><bdi>{escape(sign.label)}</bdi></li>' for sign in key)
    return f"<ul>{''.join(signs)}</ul>" if key else ""


def _sample_url(sign: Sign) -> str:
    svg = sheets.draw_sample(sign, 1, 1)
    return _data_url(f"{sheets.define_patterns([sign])}{svg}", f'viewBox="0 0 {sheets.SAMPLE + 2:g} 16"')


def _dark_style(svg: str) -> str:
    rules = (
        f'[fill="{light}"]{{fill:{dark}}}[stroke="{light}"]{{stroke:{dark}}}'
        for light, dark in DARK.items()
        if light in svg
    )
    return f"@media (prefers-color-scheme:dark){{{''.join(rules)}}}"


def _data_url(inside: str, size: str) -> str:
    """Return a drawing as a data URL, with a style for dark mode."""
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" {size}><style>{_dark_style(inside)}</style>{inside}</svg>'
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"
