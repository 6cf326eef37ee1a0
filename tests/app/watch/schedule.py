"""
The days of the simulated year on which the watch runs.

The timer fires every week, and on the days on which a watch of each run has news: on all others it would do nothing.
Between two good answers of the register there is a trap in every month.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.app.watch.country import MONTHS, Change, Country, Title
from tests.app.watch.register_server import CLOCK, OFF, TRAPS
from tests.app.watch.year_watches import list_watches, must_tell

SEED = 35
START = dt.date(2040, 1, 1)  # later than any file of this machine, as its clock must not be behind them
WEEKS = 51  # the last run is on the date of the last register
TRAP_WEEK, CLOCK_AT = 1, (8, 2)  # of a month: its second run; of the year: month and run
OFF_AT, OFF_WEEKS = (6, 2), 3  # when the machine goes off, and for how many runs; a register comes meanwhile
DATED_KINDS = {"expired", "deadline", "case"}
_SILENT_TRAPS = tuple(trap for trap in TRAPS if trap not in {CLOCK, OFF})


@dataclass(frozen=True)
class Day:
    """
    A run of the watch: the titles that the register has on this date, and the trap that is set, empty for none.

    `is_new` means that the register or the record has changed since the run before.
    """

    date: dt.date
    titles: tuple[Title, ...]
    is_new: bool
    trap: str = ""

    @property
    def now(self) -> dt.datetime:
        """What the clock of the machine says."""
        date = self.date.replace(year=self.date.year - 3) if self.trap == CLOCK else self.date
        return dt.datetime.combine(date, dt.time(6), dt.UTC)


@dataclass(frozen=True)
class Year:
    """The watched year: its country, the registers of the year before by date, its days and planted changes."""

    country: Country
    before: tuple[tuple[dt.date, tuple[Title, ...]], ...]
    changes_before: tuple[Change, ...]
    days: tuple[Day, ...]
    changes: tuple[Change, ...]

    @property
    def begins_on(self) -> dt.date:
        """The date of the last register before the year, when the watches are made."""
        return self.before[-1][0]


def plan_year() -> Year:
    """Return the year. It is always the same."""
    country = Country(SEED, START)
    registers = [(country.month_end(-1), tuple(country.titles.values()))]
    changes: list[Change] = []
    for month in range(2 * MONTHS):
        changes += country.advance()
        registers.append((country.month_end(month), tuple(country.titles.values())))
    before, watched = registers[: MONTHS + 1], registers[MONTHS:]
    halves = [
        tuple(change for change in changes if (change.month < MONTHS) == is_before) for is_before in (True, False)
    ]
    return Year(country, tuple(before), halves[0], tuple(_list_days(watched, halves[1])), halves[1])


def _list_days(registers: Sequence[tuple[dt.date, tuple[Title, ...]]], changes: Iterable[Change]) -> list[Day]:
    begins_on = registers[0][0]
    weeks = [begins_on + dt.timedelta(weeks=week) for week in range(1, WEEKS + 1)] + [registers[-1][0]]
    runs = {date: _place_in_month(registers, weeks, date) for date in weeks}
    first_off = next(weeks.index(date) for date, place in runs.items() if place == OFF_AT)
    off = weeks[first_off : first_off + OFF_WEEKS]
    each_run = [watch for watch in list_watches(begins_on) if watch.frequency == "each_run"]
    news = {
        change.due_on
        for change in changes
        if change.kind in DATED_KINDS and any(must_tell(watch, change) for watch in each_run)
    }
    days: list[Day] = []
    for date in sorted({*weeks, *news}):
        if off[0] <= date <= off[-1]:
            continue
        month, run = runs.get(date, (0, -1))
        trap = CLOCK if (month, run) == CLOCK_AT else _SILENT_TRAPS[month] if run == TRAP_WEEK else ""
        titles = next(titles for register_on, titles in reversed(registers) if register_on <= date)
        last = days[-1].titles if days else registers[0][1]
        days.append(Day(date, titles, is_new=titles is not last or date in news, trap=trap))
    return days


def _place_in_month(
    registers: Sequence[tuple[dt.date, tuple[Title, ...]]], weeks: Iterable[dt.date], date: dt.date
) -> tuple[int, int]:
    """Return the number of the month of the register, and of the weekly run in it."""
    month = max(number for number, (register_on, _titles) in enumerate(registers) if register_on <= date)
    return min(month, MONTHS - 1), sum(registers[month][0] <= week < date for week in weeks)
