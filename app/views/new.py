"""What is new: what changed in a register between two of its snapshots, on whose ground, and for whom one looks."""

import streamlit as st

from lindero.app.current import cached_answers, map_layers
from lindero.app.output import provenance
from lindero.app.text.i18n import _
from lindero.app.ui.error_message import explained
from lindero.app.ui.frame import order, page
from lindero.app.ui.sections import change_sections

page.head(_("Latest changes"))
page.stop_if_empty()
with explained():
    registers = {each.source_id: each for each in cached_answers.registers() if len(each.snapshots) > 1}
if not registers:
    change_sections.nothing_to_compare()
    st.stop()

parts = order.begin()
with parts.choices:
    register, before, after = change_sections.snapshots(registers)
    with explained():
        report = cached_answers.changed(before, after)
    watched = change_sections.ask(parts.finding)
    left, said = change_sections.choose(report)
with explained():
    covered = cached_answers.reach(report, watched) if watched else None
on_list = change_sections.on_list(report, watched)
told = report.of(on_list)
change_sections.answer(parts.finding, told, watched, called=register.title, on=covered)
days = _("{since} to {until}").format(since=page.day_of(before), until=page.day_of(after))
order.tell_choices(parts.finding, [register.title, days, *map(change_sections.name, watched), *said])
seen = left & on_list
if seen.any():
    finding = told.counted(called=register.title, on=covered)
    change_sections.changes_map(parts.picture, report, seen, finding=finding)
    change_sections.changes_table(parts.rows, report, seen, name=register.source_id)
else:
    parts.picture.info(_("Nothing that changed is like that: allow more changes, or empty your list."))
with parts.more:
    change_sections.feeds(watched)
with parts.method:
    provenance.show_provenance(
        provenance.Made(
            method="changes",
            parameters={"since": before, "until": after},
            coverage=[one.as_dict() for one in (*report.covered, *([covered] if covered else []))],
            sources=[
                report.before,
                report.after,
                *provenance.sources_of(map_layers.sources(), ["communities", "protected_areas"]),
            ],
            command=["lindero", "changes", "--since", before, "--until", after, "--format", "json"],
            limits=[
                _("It does not say why: a title may be gone because it lapsed, or because the later file covers less.")
            ],
        ),
        report.rows,
    )
