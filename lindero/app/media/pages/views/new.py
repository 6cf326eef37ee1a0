"""Latest changes: by the dates in a register, or between two of its snapshots; and the land they touch."""

from lindero.app.media.pages.current import cached_answers
from lindero.app.media.pages.error_message import show_errors
from lindero.app.media.pages.frame import order, page
from lindero.app.media.pages.sections import change_sections, dated_sections
from lindero.app.text.i18n import _

DATES, SNAPSHOTS = "dates", "snapshots"

page.show_head(_("Latest changes"))
page.stop_if_empty()
with show_errors():
    registers = {each.source_id: each for each in cached_answers.registers() if len(each.snapshots) > 1}
    ways = [DATES, SNAPSHOTS] if cached_answers.dated_report().has_any_dates else [SNAPSHOTS]
parts = order.create_order()
with parts.choices:
    names = {DATES: _("The dates in the register"), SNAPSHOTS: _("Two snapshots of a register")}
    way = page.select_option(_("Compare by"), ways, names.__getitem__, param="by")
if way == DATES:
    dated_sections.show_dated_acts(parts)
elif registers:
    change_sections.show_changes(parts, registers)
else:
    with parts.finding:
        change_sections.show_nothing_to_compare()
