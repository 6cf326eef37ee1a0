"""What is new: what changed in a register between two of its snapshots, on whose ground, and for whom one looks."""

import streamlit as st

from app.analysis import made
from app.current import answered, cached
from app.current.selection import Choice
from app.screen import analysis_lists, areas, lists, looks, maps, page, watching
from app.wording.i18n import _, ngettext, number
from app.wording.messages import explained
from app.wording.text import plain
from app.wording.words import word
from geo.change import CHANGES

page.head(_("What is new"))
page.stop_if_empty()
with explained():
    registers = {each.source_id: each for each in answered.registers() if len(each.snapshots) > 1}
if not registers:
    watching.nothing_to_compare()
    st.stop()

source, since, until = st.columns(3)
register = registers[
    source.selectbox(_("Register"), list(registers), format_func=lambda one: registers[one].title, key="register")
]
days = [f"{each.source_id}@{each.snapshot_on}" for each in register.snapshots]
before = since.selectbox(_("From"), days[:-1], index=len(days) - 2, format_func=page.day_of, key="since")
later = days[days.index(before) + 1 :]
after = until.selectbox(_("To"), later, index=len(later) - 1, format_func=page.day_of, key="until")
with explained():
    report = answered.changed(before, after)
watched = watching.ask()

told = report.of(watching.on_list(report, watched)).said(called=register.title)
st.markdown("**" + plain(_("On your list: {said}").format(said=told) if watched else told) + "**")
kinds = [change for change in CHANGES if report.changes.count(change)]
wanted = st.multiselect(_("Changes to show"), kinds, default=kinds, format_func=word)
only_land = st.checkbox(_("Only what touches a community or a protected area"))
seen = report.rows["change"].isin(wanted).to_numpy() & watching.on_list(report, watched)
if only_land:
    seen &= report.on_ground()
rows = report.rows[seen]
if rows.empty:
    st.info(_("Nothing that changed is like that: allow more changes, or empty your list."))
else:
    shown = ngettext("{count} change is shown.", "{count} changes are shown.", len(rows))
    st.write(shown.format(count=number(len(rows))))
    canvas = areas.territory(looks.changed(report, seen), looks.changes(), title=_("What changed"))
    maps.show(canvas, Choice(), key="new", height=540)
    analysis_lists.changes(rows)
    lists.download(rows, f"{register.source_id}-changes.csv")
watching.feeds(watched)
made.shown(
    made.Made(
        method="changes",
        parameters={"since": before, "until": after},
        sources=[report.before, report.after, *made.taken(cached.sources(), ["communities", "protected_areas"])],
        command=["lindero", "changes", "--since", before, "--until", after, "--format", "json"],
        limits=[
            _("It does not say why: a title may be gone because it lapsed, or because the later file covers less.")
        ],
    ),
    report.rows,
)
