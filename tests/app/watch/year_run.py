"""Runs of the watch through the simulated year, each killed some times at random before it may end."""

import datetime as dt
import random
import signal
import time
from collections import Counter
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

from lindero.app.answers.changes.events import (
    Event,
    list_act_events,
    list_case_events,
    list_register_events,
    list_term_events,
)
from lindero.app.answers.changes.register_dates import dated_report
from lindero.app.builder.build import build_map
from lindero.app.media.site.pack import open_published_map
from lindero.app.watch.digest.estimate import Estimate, estimate_messages
from lindero.app.watch.watch_run import run_watch
from lindero.app.watch.watch_setup import draft_watch, list_all_events, save_draft
from lindero.layers.database import map_database
from lindero.layers.disk import builds
from lindero.layers.watch.source_checks import SourceCheck, read_checks
from lindero.layers.workspace.manifest_file import load_workspace
from tests import forked
from tests.app.watch.invented_workspace import SOURCE, InventedWorkspace
from tests.app.watch.register_server import RegisterServer
from tests.app.watch.schedule import SEED, Day, Year
from tests.app.watch.year_watches import CASE, list_watches
from tests.web_stub import QUICK


@dataclass
class YearRun:
    """
    A workspace that lives through the year.

    `checks` are those of the register after the run of each trap, and `notices` what each run told the operator.
    `acts` are the ids of the acts of the 12 months before the year, which a first message tells. `kills` and `cut_short`
    count the kills, and those that fell into a run.
    """

    folder: Path
    address: str
    server: RegisterServer
    year: Year
    checks: dict[str, SourceCheck] = field(default_factory=dict)
    notices: dict[dt.date, tuple[str, ...]] = field(default_factory=dict)
    acts: set[str] = field(default_factory=set)
    kills: int = 0
    cut_short: int = 0

    def __post_init__(self) -> None:
        self.workspace = InventedWorkspace(self.folder / "space", self.address)
        self.context = forked.context()
        self._took = {True: 6.0, False: 2.0}  # seconds of a run with a new register, and of another

    @property
    def out(self) -> Path:
        """The folder that the digests are written to."""
        return self.folder / "out"

    def prepare(self) -> None:
        """Receive the last two registers before the year, and save the watches: no change of before may be told."""
        begins_on = self.year.begins_on
        self.workspace.receive_incidents(self.year.country.incidents, begins_on)
        for date, titles in self.year.before[-2:]:
            self.server.show(titles, today=date)
            self.workspace.receive_register(self.server)
        self.workspace.receive_steps(self.year.country, begins_on)
        build_map(self.workspace.space)
        with map_database.connect(builds.current_map(self.workspace.space.build_folder)) as con:
            self.acts = {event.id for event in list_act_events(con, dated_report(con))}
        for watch in list_watches(begins_on):
            space = load_workspace(self.workspace.files.folder)
            save_draft(space, draft_watch(space, watch, today=begins_on))

    def live(self, kills: int) -> None:
        """Run the watch on each day, after so many kills in all."""
        draw = random.Random(SEED)
        weights = [2 if day.is_new else 1 for day in self.year.days]
        kills_by_day = Counter(draw.choices(range(len(weights)), weights, k=kills))
        for number, day in enumerate(self.year.days):
            if day.is_new:
                self.server.show(day.titles, today=day.date)
                self.workspace.receive_steps(self.year.country, day.date)
            self.server.set_day(day.date, day.trap)
            for _ in range(kills_by_day[number]):
                self._kill(day, draw.uniform(0, 1.1 * self._took[day.is_new]))
            self._complete(day)

    def index_events(self) -> dict[str, list[tuple[str, str, str]]]:
        """Return for each event of the year what it tells, as the keys of planted changes."""
        space = load_workspace(self.workspace.files.folder)
        first, last = self.year.begins_on, self.year.days[-1].date
        with map_database.connect(builds.current_map(space.build_folder)) as con:
            listed = list_register_events(con, first, last)
            for day in self.year.days:
                listed += list_term_events(con, first, day.date)
        with open_published_map(space, today=last) as (_pub, con):
            listed += list_case_events(con)
        return {event.id: [(kind, event.name, _detail(event)) for kind in event.kinds] for event in listed}

    def _begin(self, day: Day) -> tuple:
        return forked.heard(self.context, _watch, self.workspace.files.folder, day.now, self.out)

    def _kill(self, day: Day, after_s: float) -> None:
        process, _receiver = self._begin(day)
        time.sleep(after_s)
        process.kill()
        process.join()
        self.kills += 1
        self.cut_short += process.exitcode == -signal.SIGKILL

    def _complete(self, day: Day) -> None:
        began = time.monotonic()
        process, receiver = self._begin(day)
        self.notices[day.date] = receiver.recv()  # an EOFError if the run failed; its traceback is in the output
        process.join()
        self._took[day.is_new] = time.monotonic() - began
        if day.trap:
            self.checks[day.trap] = read_checks(self.workspace.files.folder)[SOURCE]


def estimate_from_year_before(folder: Path, year: Year) -> dict[str, Estimate]:
    """Return what `lindero watch add` states of each watch at the end of the year before, by the watch's name."""
    server, workspace = RegisterServer(SEED), InventedWorkspace(folder, "http://127.0.0.1")
    workspace.receive_incidents(year.country.incidents, year.begins_on)
    workspace.receive_steps(year.country, year.begins_on)
    for date, titles in year.before:
        server.show(titles, today=date)
        workspace.receive_register(server)
    space, today = workspace.space, year.begins_on
    build_map(space)
    with map_database.connect(builds.current_map(space.build_folder)) as con:
        events = list_all_events(space, con, today=today)
        return {
            watch.name: estimate_messages(con, watch, today, events=events) for watch in list_watches(year.begins_on)
        }


def _detail(event: Event) -> str:
    return f"{event.after} {event.dated_on}" if event.kind == CASE else ""


def _watch(folder: Path, now: dt.datetime, out: Path, started: Connection) -> None:
    """Run the watch once, and send what it tells the operator."""
    started.send("begun")
    report = run_watch(load_workspace(folder), now=now, to_folder=out, allow_private=True, manners=QUICK)
    started.send(report.notices)
