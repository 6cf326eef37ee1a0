"""Sources and limits: where everything on the map comes from, what became of it, and what the map cannot say."""

from lindero.app.answers.coverage.sources_answer import source_rows, sources_answer
from lindero.app.current import map_layers
from lindero.app.renderers import streamlit_page
from lindero.app.text.i18n import _
from lindero.app.ui import refused_rows
from lindero.app.ui.downloads import citation
from lindero.app.ui.error_message import explained
from lindero.app.ui.forms import describe_form
from lindero.app.ui.frame import order, page
from lindero.app.ui.tables import lists

page.head(_("Sources and limits"))
with explained():
    sources, covered = map_layers.sources(), map_layers.coverage()
    answer = sources_answer(sources, covered, map_layers.account(), map_layers.unknown())
if sources:
    order.say(order.parts("finding")[0], answer["finding"])
streamlit_page.show(answer["sources"])
if sources:
    lists.download(source_rows(sources, covered), "sources.csv")
describe_form.describe_sources()
streamlit_page.show(answer["account"])
with explained():
    refused_rows.table()
for section in answer.only("limits", "background"):
    streamlit_page.show(section)
if sources:
    citation.show(answer["finding"].finding, [source for source in sources if source.is_current])
