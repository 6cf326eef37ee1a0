"""What is new: what changed in a register between two of its snapshots, on whose ground, and for whom one looks."""

import streamlit as st

from lindero.app.current import cached_answers, map_layers
from lindero.app.output import provenance
from lindero.app.text.codes import word
from lindero.app.text.escape import plain
from lindero.app.text.i18n import _, ngettext, number
from lindero.app.ui import linked, page
from lindero.app.ui.error_message import explained
from lindero.app.ui.forms import watchlist
from lindero.app.ui.maps import legends, map_picture
from lindero.app.ui.tables import answer_tables, lists
from lindero.geo.registers.diff import CHANGES

page.head(_("Latest changes"))
page.stop_if_empty()
with explained():
    registers = {each.source_id: each for each in cached_answers.registers() if len(each.snapshots) > 1}
if not registers:
    watchlist.nothing_to_compare()
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
    report = cached_answers.changed(before, after)
watched = watchlist.ask()

with explained():
    covered = cached_answers.reach(report, watched) if watched else None
told = report.of(watchlist.on_list(report, watched)).said(called=register.title, on=covered)
st.markdown("**" + plain(_("On your list: {said}").format(said=told) if watched else told) + "**")
kinds = [change for change in CHANGES if report.changes.count(change)]
wanted = linked.several(_("Changes to show"), kinds, word, param="change", usual=kinds)
only_land = st.checkbox(_("Only what touches a community or a protected area"), key="land", bind="query-params")
seen = report.rows["change"].isin(wanted).to_numpy() & watchlist.on_list(report, watched)
if only_land:
    seen &= report.on_ground()
rows = report.rows[seen]
if rows.empty:
    st.info(_("Nothing that changed is like that: allow more changes, or empty your list."))
else:
    shown = ngettext("{count} change is shown.", "{count} changes are shown.", len(rows))
    st.write(shown.format(count=number(len(rows))))
    map_picture.show(
        legends.changed(report, seen),
        legends.changes(),
        title=_("What changed"),
        finding=told,
        layers=[report.after.layer],
        key="new",
    )
    answer_tables.changes(rows)
    lists.download(rows, f"{register.source_id}-changes.csv")
watchlist.feeds(watched)
provenance.shown(
    provenance.Made(
        method="changes",
        parameters={"since": before, "until": after},
        coverage=[one.as_dict() for one in (*report.covered, *([covered] if covered else []))],
        sources=[
            report.before,
            report.after,
            *provenance.taken(map_layers.sources(), ["communities", "protected_areas"]),
        ],
        command=["lindero", "changes", "--since", before, "--until", after, "--format", "json"],
        limits=[
            _("It does not say why: a title may be gone because it lapsed, or because the later file covers less.")
        ],
    ),
    report.rows,
)
