"""Methods: the method of each kind of figure, as a summary in the reader's language and in full from the docs."""

import streamlit as st

from lindero.app.answers import provenance
from lindero.app.answers.provenance import METHOD_SUMMARIES
from lindero.app.media.pages.frame import page
from lindero.app.text import i18n
from lindero.app.text.i18n import _

page.show_head(_("How figures are computed"))
sections = provenance.load_method_sections()
selected_method = page.select_option(
    _("Which figure"), list(sections), lambda code: _(provenance.METHOD_TITLES[code]), param="of"
)
section = sections[selected_method]
st.header(_(provenance.METHOD_TITLES[selected_method]), anchor=False)
for method, text in METHOD_SUMMARIES.items():
    if provenance.find_section_code(method) == selected_method:
        st.markdown(_(text))
texts = (
    _("Full description, from {file}:")
    if i18n.current_language() == i18n.SOURCE_LANGUAGE
    else _("Full description in English, from {file}:")
)
with (
    st.expander(texts.format(file=section.file), expanded=i18n.current_language() == i18n.SOURCE_LANGUAGE),
    st.container(key="lindero-english"),
):
    st.markdown(section.text)
