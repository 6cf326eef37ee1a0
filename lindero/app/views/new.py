"""What is new: by the dates that a register states, or what changed between two of its snapshots; on whose ground."""

from lindero.app.current import cached_answers
from lindero.app.text.i18n import _
from lindero.app.ui.error_message import explained
from lindero.app.ui.frame import order, page
from lindero.app.ui.sections import change_sections, dated_sections

DATES, SNAPSHOTS = "dates", "snapshots"

page.head(_("Latest changes"))
page.stop_if_empty()
with explained():
    registers = {each.source_id: each for each in cached_answers.registers() if len(each.snapshots) > 1}
    ways = [DATES, SNAPSHOTS] if cached_answers.dated().states_any else [SNAPSHOTS]
parts = order.begin()
with parts.choices:
    names = {DATES: _("The dates in the register"), SNAPSHOTS: _("Two snapshots of a register")}
    way = page.chosen(_("Compare by"), ways, names.__getitem__, param="by")
if way == DATES:
    dated_sections.show(parts)
elif registers:
    change_sections.show(parts, registers)
else:
    with parts.finding:
        change_sections.nothing_to_compare()
