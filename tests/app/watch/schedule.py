"""The days of the simulated year on which the watch runs: monthly registers, and a trap between two good answers."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from tests.app.watch.country import MONTHS, Change, Country, Title
from tests.app.watch.register_server import CLOCK, OFF, TRAPS

SEED = 35
START = dt.date(2040, 1, 1)  # later than any file of this machine, as its clock must not be behind them
EVERY_DAYS = 8
RUNS_A_MONTH = 4  # the first has a new register
OFF_MONTH = 6  # of the watched year: the machine is off for the last two runs, and when the next register comes


@dataclass(frozen=True)
class Day:
    """A run of the watch: the titles that the register has on this date, and the trap that is set, empty for none."""

    date: dt.date
    titles: tuple[Title, ...]
    is_new: bool
    trap: str
    is_off: bool

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
    before, changes_before = [(country.month_end(-1), tuple(country.titles.values()))], []
    for month in range(MONTHS):
        changes_before += country.advance()
        before.append((country.month_end(month), tuple(country.titles.values())))
    days: list[Day] = []
    changes: list[Change] = []
    for month in range(MONTHS):
        earlier = days[-1].titles if days else before[-1][1]
        days += _days_between(month, country.month_end(MONTHS + month - 1), earlier)
        changes += country.advance()
        is_off = month == OFF_MONTH
        date = country.month_end(MONTHS + month)
        days.append(Day(date, tuple(country.titles.values()), is_new=True, trap="", is_off=is_off))
    return Year(country, tuple(before), tuple(changes_before), tuple(days), tuple(changes))


def _days_between(month: int, last: dt.date, titles: tuple[Title, ...]) -> Iterator[Day]:
    """Yield the days after a register, on which it has not changed."""
    traps = [trap for trap in TRAPS if trap not in {OFF, CLOCK}]
    trap_run = 1 if month == OFF_MONTH else month % (RUNS_A_MONTH - 1) + 1
    for run in range(1, RUNS_A_MONTH):
        trap = traps[month] if run == trap_run else CLOCK if (month, run) == (OFF_MONTH + 2, 1) else ""
        date = last + dt.timedelta(run * EVERY_DAYS)
        yield Day(date, titles, is_new=False, trap=trap, is_off=month == OFF_MONTH and run > 1)
