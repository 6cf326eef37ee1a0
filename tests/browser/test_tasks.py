"""Ten tasks, each done by the keyboard alone from the first page on; the answer stands where the docs say."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from docs import tasks
from tests.amount import amount
from tests.browser.conftest import GO, Visit

pytestmark = pytest.mark.journey

MOST_TABS = 120
FOCUSED = "one => one === document.activeElement"
UNFOCUSED = "() => { document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute('tabindex'); }"
FOCUSED_OR_GONE = "one => one.isConnected ? one === document.activeElement : null"
SOME = [task for task in tasks.TASKS if len(task.steps) > 2 or task in tasks.TASKS[::3]]  # each way of a step
ROWS = tasks.PAGE.read_text(encoding="utf-8").splitlines()


def by_keyboard(part) -> None:
    """Go to a part of the page by the tabulator, and press it, as if there were no pointer."""
    page = part.page
    part.wait_for(timeout=tasks.MS)
    one = part.element_handle()
    for _tab in range(MOST_TABS):
        if (is_focused := one.evaluate(FOCUSED_OR_GONE)) is None:
            one = part.element_handle()  # drawn anew; to look for it each time takes longer than all else
            is_focused = one.evaluate(FOCUSED)
        if is_focused:
            break
        page.keyboard.press("Tab")
    assert part.evaluate(FOCUSED), f"the keyboard does not reach {part}"
    if part.evaluate("one => one.tagName") != "INPUT":
        page.keyboard.press("Enter")


def walks(of: Sequence[tasks.Task]) -> list[list[tasks.Task]]:
    """Tasks that one visit does: each begins with the steps of the one before it, and goes on."""
    found: list[list[tasks.Task]] = []
    for task in of:
        if found and task.steps[: len(found[-1][-1].steps)] == found[-1][-1].steps:
            found[-1].append(task)
        else:
            found.append([task])
    return found


# The first page keeps a place that is typed, so that the tasks of which one is come last in the share's one visit.
OF_A_VISIT = amount([walks(SOME)[::-1]], [[walk] for walk in walks(tasks.TASKS)])


@pytest.mark.slow
@pytest.mark.parametrize("walked", OF_A_VISIT, ids=lambda of: " ".join(task.question for walk in of for task in walk))
def test_each_task_is_done_by_the_keyboard_alone(visit, invented, walked):
    page = visit().page
    tasks.open_first_page(page, f"{invented}/")
    for at, walk in enumerate(walked):
        if at:
            on_the_first_page_again(page)
        taken = 0
        for task in walk:
            tasks.perform_task(page, replace(task, steps=task.steps[taken:]), by_keyboard)
            taken = len(task.steps)

            assert page.get_by_role("heading", level=1).inner_text() == task.where.split(", ")[0]


def on_the_first_page_again(page) -> None:
    """Come to the first page as somebody does who opens it: with nothing focused, so that the tabulator begins above."""
    page.evaluate(GO, "/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Near me", timeout=tasks.MS)
    Visit(page).settle()
    page.evaluate(UNFOCUSED)


def test_the_table_of_the_docs_holds_each_task():
    for task in tasks.TASKS:
        row = next(line for line in ROWS if line.startswith(f"| {task.question} |"))
        assert row.split(" | ")[1] == str(tasks.count_presses(task))
        assert row.endswith(f"| {task.where} |")
