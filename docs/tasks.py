"""
Ten tasks of readers and their cost: presses and seconds, measured on the demonstration map.

`python -m docs.tasks` serves that map, performs each task in Chromium by touch, and rewrites the table of
`docs/tasks.md`. `tests/browser/test_tasks.py` performs them with the keyboard only, and checks that each answer is
where the table says.
"""

import re
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect

from docs import screenshots

PAGE = Path(__file__).with_name("tasks.md")
TABLE = re.compile(r"(?<=\n\n)\| question .*?(?=\n\n)", flags=re.DOTALL)
MS = 60_000
FINDING = ".st-key-lindero-finding"


@dataclass(frozen=True)
class Task:
    """
    A question of a reader, asked from the first page.

    `steps` are the texts of the elements to press. A step that starts with `TYPED` is text to type and send. A step
    that starts with `CHOSEN` is an option of a list, and the words of the list come first. `answer` is a pattern that
    the answer matches. `where` names the page and its section as a reader sees them, and `part` is its CSS selector.
    """

    question: str
    steps: tuple[str, ...]
    answer: str
    where: str
    part: str = FINDING


TYPED, CHOSEN = "type ", "choose "
MINE, NEW, ATTACKS, DATA = "My land", "Latest changes", "Attacks and protection", "Data and methods"
MISSING = "Where is protection missing?"
TASKS = (
    Task(
        "Whose concessions lie where I am?",
        (TYPED + screenshots.PLACE,),
        r"\d concessions? covers? this place",
        "Near me, the sentence",
        "p",
    ),
    Task(
        "Which concessions near me were granted since 2024?",
        (TYPED + screenshots.PLACE,),
        r"new",
        "Near me, the last list",
        "h2:has-text('Changes between') >> xpath=following::table[1]",
    ),
    Task(
        "Which community is most affected?",
        ("Most affected communities",),
        r"Most exposed with these weights",
        "Most affected communities, the sentence",
    ),
    Task(
        "On whose land do companies have concessions?",
        ("Companies and holders",),
        r"concessions on the land of \d+ communit",
        "Companies and holders, the sentence",
    ),
    Task(
        "What is new on communities' land?",
        (NEW,),
        r"applied for \(\d+ on community land",
        "Latest changes, the sentence",
    ),
    Task("How many people were killed?", (ATTACKS,), r"killed, where stated\s*\d+", "Attacks, the figures"),
    Task(
        "Where is protection missing most?",
        (ATTACKS, MISSING),
        r"Known killings per 100,000 people",
        "Where is protection missing?, the sentence",
    ),
    Task(
        "Which province has most attacks without a measure?",
        (ATTACKS, MISSING, "Change it", CHOSEN + "Compare: Provinces", "Attacks without a measure"),
        r"^Sipillacancha",
        "Where is protection missing?, the first row of the list",
        ".lindero-table:has([aria-sort=descending]) tbody tr:first-child",
    ),
    Task(
        "What has the state promised, and what happened since?",
        (ATTACKS, "Commitments"),
        r"treaties \(",
        "Commitments, the sentence",
    ),
    Task(
        "Whose data are these, and of what date?",
        (DATA,),
        r"June 30, 2026",
        "Sources and limits, the first list",
        ".lindero-table tbody tr",
    ),
)


def main() -> None:
    """Serve the demonstration map, perform each task once to warm up and once to measure, and write the table."""
    with screenshots.serve_demonstration() as (browser, address):
        for _round in range(2):
            lines = [format_row(task, time_task(browser, address, task)) for task in TASKS]
    head = "| question | presses | seconds | where the answer stands |\n|---|---|---|---|\n"
    PAGE.write_text(TABLE.sub(lambda _found: head + "\n".join(lines), PAGE.read_text("utf-8")), encoding="utf-8")


def format_row(task: Task, took: float) -> str:
    """Format a row of the table."""
    return f"| {task.question} | {count_presses(task)} | {took:.1f} | {task.where} |"


def count_presses(task: Task) -> int:
    """Count the presses: one for each step, and two for a list, which is opened first."""
    return sum(2 if step.startswith(CHOSEN) else 1 for step in task.steps)


def time_task(browser: Browser, address: str, task: Task) -> float:
    """Perform a task from the first page by touch. Return the seconds from the first press to the answer."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en")
    page = context.new_page()
    open_first_page(page, address)
    began = time.monotonic()
    perform_task(page, task, Locator.click)
    took = time.monotonic() - began
    context.close()
    return took


def open_first_page(page: Page, address: str) -> None:
    """Open the first page, and wait until it has run."""
    page.goto(address)
    page.get_by_role("heading", level=1).wait_for(timeout=MS)
    expect(page.locator("[data-test-script-state=running]")).to_have_count(0, timeout=MS)


def perform_task(page: Page, task: Task, press: Callable[[Locator], None]) -> None:
    """Perform the steps of a task, with `press` for each element, and wait until its answer is visible."""
    for step in task.steps:
        if step.startswith(TYPED):
            field = page.locator("input[type=text]").first
            press(field)
            page.keyboard.type(step.removeprefix(TYPED))
            page.keyboard.press("Enter")
        elif step.startswith(CHOSEN):
            name, option = step.removeprefix(CHOSEN).split(": ")
            _choose(page, page.get_by_role("combobox", name=re.compile(name)).first, option, press)
            expect(page.locator("[data-test-script-state=running]")).to_have_count(0, timeout=MS)
        else:
            part = page.locator("a:visible, button:visible").filter(has_text=re.compile(rf"^\W*{re.escape(step)}\W*$"))
            press(part.first)
    told = page.locator(task.part).filter(has_text=re.compile(task.answer))
    expect(told.locator("visible=true").first).to_be_visible(timeout=MS)


def _choose(page: Page, field: Locator, option: str, press: Callable[[Locator], None]) -> None:
    """Choose from a list, again if the page was drawn anew between the list and the press, as a person would."""
    chosen = page.locator(".lindero-chosen").first
    for _attempt in range(3):
        expect(page.locator("[data-test-script-state=running]")).to_have_count(0, timeout=MS)
        press(field)
        page.keyboard.press("Control+A")
        page.keyboard.type(option)
        _open_list(page, option)
        page.keyboard.press("Enter")
        with suppress(AssertionError):
            expect(chosen).to_contain_text(option, timeout=MS / 4)
            return
    expect(chosen).to_contain_text(option, timeout=MS / 4)


def _open_list(page: Page, option: str) -> None:
    """Wait until a list shows the typed option. A list that closed while the page changed is opened again."""
    options = page.get_by_role("option")
    with suppress(AssertionError):
        expect(options).to_have_text([option], timeout=MS / 10)
        return
    page.keyboard.press("ArrowDown")
    expect(options).to_have_text([option], timeout=MS)


if __name__ == "__main__":
    main()
